/* Names of --backend and the addresses that they have. */
#include "lb/follow/backends.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

/* Also a name that has lost its addresses stands with those that it had. */
static void test_names_of_an_address(void **state)
{
    struct backends backends = {0};
    struct address one, two;
    struct text names = TEXT_INIT;
    (void)state;
    assert_true(address_parse(VIEW("10.0.0.1:80"), &one));
    assert_true(address_parse(VIEW("[fd00::1]:80"), &two));
    backends_add_name(&backends, "10.0.0.1:80", "", 0);
    backends_add(&backends, &one);
    backends_add_name(&backends, "app:80", "", 0);
    backends_add(&backends, &one);
    backends_add(&backends, &two);
    backends_add_name(&backends, "web:80", "no such host", 1000000000);
    backends_add(&backends, &one);
    backends_append_names(&backends, &two, &names);
    assert_string_equal(text_str(&names), "--backend app:80");
    text_clear(&names);
    backends_append_names(&backends, &one, &names);
    assert_string_equal(text_str(&names),
                        "--backend app:80, --backend web:80 (since 1970-01-01T00:00:01.000000Z its "
                        "name has no address: no such host; the last ones stay in use)");
    assert_true(backends_name_means("app:80", VIEW("app")));
    assert_true(backends_name_means("app:80", VIEW("APP:80")));
    assert_true(backends_name_means("[fd00::1]:80", VIEW("[fd00::1]")));
    assert_false(backends_name_means("app:80", VIEW("ap")));
    assert_false(backends_name_means("app:80", VIEW("app:8")));
    text_fini(&names);
    backends_fini(&backends);
}

/* ---- what is wanted ---------------------------------------------------------------------------- */

#define MAX 8

/* "app tcp 10.0.0.1:80" of each, sorted as they were wanted; a star: it is shared. */
static void check_wanted(const struct backends *backends, const char *rules, const char *expected)
{
    struct listener_rule all[MAX];
    struct route_keeper routes = {0};
    struct listener_rules listeners = {0};
    struct leading leading = {.service = "app", .routes = &routes, .listeners = &listeners};
    struct pool_wanted wanted = {0};
    struct text shown = TEXT_INIT;
    unsigned count = 0;
    struct view rest = view_str(rules), rule;
    while ((rule = view_cut(&rest, ' ')).len > 0)
        assert_true(listener_rule_parse(rule, SERVICE_TCP, &all[count++], &shown));
    if (count > 0)
        listeners.table = listener_table_new(all, count);
    backends_want(backends, &leading, &wanted);
    for (unsigned i = 0; i < wanted.endpoint_count; i++)
        text_appendf(&shown, "%s%s %s %s%s", i > 0 ? ", " : "", wanted.endpoints[i].service,
                     service_kind_word(wanted.endpoints[i].kind), wanted.endpoints[i].id,
                     wanted.endpoints[i].is_shared ? "*" : "");
    assert_string_equal(text_str(&shown), expected);
    text_fini(&shown);
    free(wanted.endpoints);
    listener_table_unref(listeners.table);
}

static void add(struct backends *backends, const char *at, const char *service,
                enum protocol protocol)
{
    struct address address;
    assert_true(address_parse(view_str(at), &address));
    backends_add_name(backends, at, "", 0);
    backends_serve(backends, service, protocol);
    backends_add(backends, &address);
}

static void test_they_are_of_the_default_service_unless_it_is_said(void **state)
{
    struct backends backends = {0};
    (void)state;
    add(&backends, "10.0.0.1:80", NULL, PROTOCOL_HTTP);
    add(&backends, "10.0.0.1:80", NULL, PROTOCOL_HTTP);
    add(&backends, "10.0.0.2:80", "shop", PROTOCOL_HTTP);
    add(&backends, "10.0.0.3:5432", NULL, PROTOCOL_TCP);
    add(&backends, "10.0.0.4:53", "dns", PROTOCOL_UDP);
    check_wanted(&backends, "",
                 "app http 10.0.0.1:80, shop http 10.0.0.2:80, app tcp 10.0.0.3:5432, "
                 "dns udp 10.0.0.4:53/udp");
    backends_fini(&backends);
}

/* Requests still find the default one's. */
static void test_a_listener_leads_to_those_of_http_too(void **state)
{
    struct backends backends = {0};
    (void)state;
    add(&backends, "10.0.0.1:80", NULL, PROTOCOL_HTTP);
    add(&backends, "10.0.0.2:80", "shop", PROTOCOL_HTTP);
    check_wanted(&backends, "80=app 81=shop",
                 "app http 10.0.0.1:80*, app tcp 10.0.0.1:80*, shop tcp 10.0.0.2:80");
    backends_fini(&backends);
}

static void test_but_not_where_others_of_the_service_speak_tcp(void **state)
{
    struct backends backends = {0};
    (void)state;
    add(&backends, "10.0.0.1:80", NULL, PROTOCOL_HTTP);
    add(&backends, "10.0.0.2:80", NULL, PROTOCOL_TCP);
    check_wanted(&backends, "80=app", "app http 10.0.0.1:80, app tcp 10.0.0.2:80");
    backends_fini(&backends);
}

static void test_one_of_two_services_is_shared(void **state)
{
    struct backends backends = {0};
    (void)state;
    add(&backends, "10.0.0.1:80", "a", PROTOCOL_TCP);
    add(&backends, "10.0.0.1:80", "b", PROTOCOL_TCP);
    add(&backends, "10.0.0.2:80", "b", PROTOCOL_TCP);
    check_wanted(&backends, "", "a tcp 10.0.0.1:80*, b tcp 10.0.0.1:80*, b tcp 10.0.0.2:80");
    backends_fini(&backends);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_they_are_of_the_default_service_unless_it_is_said),
        cmocka_unit_test(test_a_listener_leads_to_those_of_http_too),
        cmocka_unit_test(test_but_not_where_others_of_the_service_speak_tcp),
        cmocka_unit_test(test_one_of_two_services_is_shared),
        cmocka_unit_test(test_names_of_an_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
