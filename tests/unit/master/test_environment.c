#include "lb/master/environment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ROOM 16

/* As an environment is: strings that may be changed. */
static char words[][32] = {
    "PATH=/bin",     "CONSUL_HTTP_TOKEN=secret", "DOCKER_CERT_PATH=/keys", "NOTIFY_SOCKET=/run",
    "LISTEN_FDS=2",  "LB_MASTER_STATE=7",        "LB_ADMIN_TOKEN=t",       "UV_USE_IO_URING=1",
    "LB_OUTBOX_FD=9"};
static char *const given[] = {words[0], words[1], words[2], words[3], words[4],
                              words[5], words[6], words[7], words[8], NULL};

static bool has(char *const *list, const char *entry)
{
    for (; *list; list++)
        if (strcmp(*list, entry) == 0)
            return true;
    return false;
}

static void a_proxy_gets_nothing_of_discovery_and_nothing_of_the_master(void **state)
{
    char *out[ROOM];
    (void)state;
    assert_int_equal(environment_of_proxy(given, out, ROOM), 4);
    assert_null(out[4]);
    assert_true(has(out, "PATH=/bin"));
    assert_true(has(out, "LB_ADMIN_TOKEN=t"));
    assert_true(has(out, "LB_MASTER_FD=3"));
    assert_true(has(out, "UV_USE_IO_URING=0"));
}

static void discovery_gets_its_own_where_the_plan_has_none(void **state)
{
    char path[] = "PATH=/plan", token[] = "CONSUL_HTTP_TOKEN=of-the-plan";
    char *own[ROOM], *out[ROOM] = {path, token};
    (void)state;
    assert_int_equal(environment_of_discovery(given, own, ROOM), 2);
    assert_null(own[2]);
    assert_int_equal(environment_add(own, out, 2, ROOM), 3);
    assert_string_equal(out[1], "CONSUL_HTTP_TOKEN=of-the-plan");
    assert_string_equal(out[2], "DOCKER_CERT_PATH=/keys");
    assert_null(out[3]);
}

static void the_next_master_gets_all_but_what_was_between_masters(void **state)
{
    char *out[ROOM];
    (void)state;
    assert_int_equal(environment_of_master(given, out, ROOM), 8);
    assert_true(has(out, "NOTIFY_SOCKET=/run"));
    assert_true(has(out, "CONSUL_HTTP_TOKEN=secret"));
    assert_false(has(out, "LB_MASTER_STATE=7"));
}

static void a_list_that_is_full_ends(void **state)
{
    char *out[ROOM];
    (void)state;
    assert_true(environment_of_proxy(given, out, 4) < 4);
    assert_int_equal(environment_of_master(given, out, 3), 2);
    assert_null(out[2]);
    assert_int_equal(environment_of_discovery(given, out, 1), 0);
    assert_null(out[0]);
    assert_int_equal(environment_add(given, out, 0, 2), 1);
    assert_null(out[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_proxy_gets_nothing_of_discovery_and_nothing_of_the_master),
        cmocka_unit_test(discovery_gets_its_own_where_the_plan_has_none),
        cmocka_unit_test(the_next_master_gets_all_but_what_was_between_masters),
        cmocka_unit_test(a_list_that_is_full_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
