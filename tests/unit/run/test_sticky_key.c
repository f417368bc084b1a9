/* The key of sticky cookies is the same when lb is started again, wherever it comes from. */
#include "lb/run/sticky_key.h"

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

static void assert_same(const struct config *config, const unsigned char key[STICKY_KEY_BYTES],
                        bool is_same)
{
    unsigned char again[STICKY_KEY_BYTES] = {0};
    sticky_key_find(config, again);
    assert_int_equal(memcmp(key, again, sizeof(again)) == 0, is_same);
}

static void test_a_given_secret_is_all_that_counts(void **state)
{
    unsigned char key[STICKY_KEY_BYTES];
    struct config config = {.sticky_secret = secret};
    struct config elsewhere = {.sticky_secret = secret, .state_path = state_path};
    struct config other = {.sticky_secret = other_secret};
    (void)state;
    sticky_key_find(&config, key);
    assert_same(&elsewhere, key, true);
    assert_int_not_equal(access(secret_path, F_OK), 0);
    assert_same(&other, key, false);
}

static void test_beside_the_state_one_is_kept(void **state)
{
    unsigned char key[STICKY_KEY_BYTES], machine[STICKY_KEY_BYTES];
    struct config config = {.state_path = state_path}, none = {0};
    struct stat info;
    (void)state;
    sticky_key_find(&none, machine);
    sticky_key_find(&config, key);
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
    struct config config = {.state_path = state_path}, none = {0};
    (void)state;
    sticky_key_find(&none, machine);
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
    struct config none = {0};
    (void)state;
    sticky_key_find(&none, key);
    assert_same(&none, key, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_given_secret_is_all_that_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_beside_the_state_one_is_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_others_could_have_written_is_not_used, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_else_the_machine_has_one, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
