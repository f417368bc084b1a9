/* The key of sticky cookies is the same when lb is started again, wherever it comes from. */
#include "lb/follow/sticky_key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/lb-sticky-XXXXXX";
static char state_path[64], secret_path[96];
static char secret[] = "0123456789abcdef", other_secret[] = "0123456789abcdeF",
            nowhere[] = "/nowhere/at/all";

static int set_up(void **state)
{
    (void)state;
    memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
    if (!mkdtemp(folder))
        return -1;
    snprintf(state_path, sizeof(state_path), "%s/state", folder);
    snprintf(secret_path, sizeof(secret_path), "%s%s", state_path, STICKY_KEY_SUFFIX);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(secret_path);
    return rmdir(folder);
}

/* What was given. */
struct given {
    const char *sticky_secret, *state_path;
};

static void find(const struct given *given, unsigned char key[STICKY_KEY_BYTES])
{
    sticky_key_find(given->sticky_secret, given->state_path, key);
}

static void assert_same(const struct given *config, const unsigned char key[STICKY_KEY_BYTES],
                        bool is_same)
{
    unsigned char again[STICKY_KEY_BYTES] = {0};
    find(config, again);
    assert_int_equal(memcmp(key, again, sizeof(again)) == 0, is_same);
}

static void test_a_given_secret_is_all_that_counts(void **state)
{
    unsigned char key[STICKY_KEY_BYTES];
    struct given config = {.sticky_secret = secret};
    struct given elsewhere = {.sticky_secret = secret, .state_path = state_path};
    struct given other = {.sticky_secret = other_secret};
    (void)state;
    find(&config, key);
    assert_same(&elsewhere, key, true);
    assert_int_not_equal(access(secret_path, F_OK), 0);
    assert_same(&other, key, false);
}

static void test_beside_the_state_one_is_kept(void **state)
{
    unsigned char key[STICKY_KEY_BYTES], machine[STICKY_KEY_BYTES];
    struct given config = {.state_path = state_path}, none = {0};
    struct stat info;
    (void)state;
    find(&none, machine);
    find(&config, key);
    assert_int_equal(stat(secret_path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_same(&config, key, true);
    assert_same(&config, machine, false);
    unlink(secret_path);
    assert_same(&config, key, false);
}

/* Then it is as if there were none. */
static void test_what_others_could_have_written_is_not_used(void **state)
{
    unsigned char machine[STICKY_KEY_BYTES];
    struct given config = {.state_path = state_path}, none = {0};
    (void)state;
    find(&none, machine);
    assert_same(&config, machine, false);
    assert_int_equal(chmod(secret_path, 0644), 0);
    assert_same(&config, machine, true);
    assert_int_equal(chmod(secret_path, 0600), 0);
    assert_int_equal(truncate(secret_path, 3), 0);
    assert_same(&config, machine, true);
    unlink(secret_path);
    assert_int_equal(symlink("/etc/hostname", secret_path), 0);
    assert_same(&config, machine, true);
    config.state_path = nowhere;
    assert_same(&config, machine, true);
}

static void test_else_the_machine_has_one(void **state)
{
    unsigned char key[STICKY_KEY_BYTES];
    struct given none = {0};
    (void)state;
    find(&none, key);
    assert_same(&none, key, true);
}

static void test_only_sticky_services_need_it(void **state)
{
    struct service_policy usual = {0};
    struct pool_wanted_service services[2] = {{.name = "a"}, {.name = "b"}};
    struct pool_wanted wanted = {.services = services, .service_count = 2};
    (void)state;
    assert_false(sticky_key_is_wanted(&usual, &wanted));
    services[0].options.values[SERVICE_OPTION_STICKY] = VIEW("name=id"); /* of no avail */
    services[1].options.values[SERVICE_OPTION_BALANCE] = VIEW("hash path");
    assert_false(sticky_key_is_wanted(&usual, &wanted));
    services[1].options.values[SERVICE_OPTION_BALANCE] = VIEW("Sticky hash path");
    assert_true(sticky_key_is_wanted(&usual, &wanted));
    wanted.service_count = 1;
    assert_false(sticky_key_is_wanted(&usual, &wanted));
    usual.balance.is_sticky = 1;
    assert_true(sticky_key_is_wanted(&usual, &wanted));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_given_secret_is_all_that_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_beside_the_state_one_is_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_others_could_have_written_is_not_used, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_else_the_machine_has_one, set_up, tear_down),
        cmocka_unit_test(test_only_sticky_services_need_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
