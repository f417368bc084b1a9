/* Where labels may lead. */
#include "lb/follow/reach.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static bool refuses(const struct reach *reach, const char *text, bool is_on_host)
{
    struct address address;
    struct text why = TEXT_INIT;
    assert_true(address_parse(view_str(text), &address));
    bool is_refused = reach_refuses(reach, &address, SERVICE_HTTP, is_on_host, &why);
    assert_int_equal(is_refused, why.len > 0);
    assert_int_equal(is_refused, reach_refuses(reach, &address, SERVICE_HTTP, is_on_host, NULL));
    text_fini(&why);
    return is_refused;
}

static void check(const struct reach *reach, bool want, bool is_on_host, const char *const *texts)
{
    for (; *texts; texts++)
        if (refuses(reach, *texts, is_on_host) != want)
            fail_msg("%s", *texts);
}

static struct reach guarded(void)
{
    struct reach reach = {.is_guarded = true};
    static const char *const own[] = {"0.0.0.0:8000", "127.0.0.1:8001", "[::]:8443",
                                      "192.0.2.7:8002"};
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        struct address address;
        assert_true(address_parse(view_str(own[i]), &address));
        reach_add_own(&reach, &address);
    }
    return reach;
}

static void test_special_addresses_are_refused(void **state)
{
    struct reach reach = guarded();
    (void)state;
    check(&reach, true, false,
          (const char *const[]){"127.0.0.1:80", "127.9.9.9:80", "[::1]:80", "[::ffff:127.0.0.1]:80",
                                "[::ffff:7f00:1]:80", "169.254.169.254:80", "[fe80::1]:80",
                                "[febf::1]:80", "[::ffff:169.254.169.254]:80", "0.0.0.0:80",
                                "0.1.2.3:80", "[::]:80", "[::ffff:0.0.0.0]:80", "224.0.0.1:80",
                                "239.255.255.255:80", "[ff02::1]:80", "255.255.255.255:80",
                                "240.0.0.1:80", NULL});
    /* what a translator on the way makes of it, and where clouds tell their secrets */
    check(&reach, true, false,
          (const char *const[]){"[64:ff9b::7f00:1]:80", "[64:ff9b::169.254.169.254]:80",
                                "[::127.0.0.1]:80", "[::ffff:0:169.254.169.254]:80",
                                "[2002:7f00:1::]:80", "[2002:a9fe:a9fe::1]:80", "[::0.1.2.3]:80",
                                "[fd00:ec2::254]:80", "100.100.100.200:80",
                                "[64:ff9b::100.100.100.200]:80", "192.0.0.192:80", NULL});
    check(&reach, false, false,
          (const char *const[]){"10.0.0.1:80", "198.51.100.2:8000", "192.0.2.1:8001",
                                "100.64.0.1:80", "203.0.113.1:8001", "[fd00::1]:8443",
                                "[2001:db8::1]:80", "[fec0::1]:80", "169.253.0.1:80",
                                "[64:ff9b::10.0.0.1]:80", "[2002:a00:1::]:80", "[::10.0.0.1]:80",
                                "[fd00:ec2::253]:80", NULL});
    reach_forget_own(&reach);
}

static void test_lb_itself_is_refused_in_any_spelling(void **state)
{
    struct reach reach = guarded();
    (void)state;
    assert_true(cidr_parse(VIEW("127.0.0.0/8"), &reach.allowed[0]));
    assert_true(cidr_parse(VIEW("::1"), &reach.allowed[1]));
    reach.allowed_count = 2;
    check(&reach, true, false,
          (const char *const[]){"127.0.0.1:8000", "127.0.0.1:8001", "127.0.0.2:8001", "[::1]:8001",
                                "[::1]:8443", "[::ffff:127.0.0.1]:8001", "192.0.2.7:8002",
                                "[::ffff:192.0.2.7]:8002", "[64:ff9b::192.0.2.7]:8002", NULL});
    check(&reach, true, true, (const char *const[]){"127.0.0.1:8001", "[::1]:8000", NULL});
    check(&reach, false, false,
          (const char *const[]){"127.0.0.1:80", "[::1]:80", "192.0.2.8:8002", NULL});
    reach_forget_own(&reach);
}

static void test_what_is_allowed(void **state)
{
    struct reach reach = guarded();
    (void)state;
    assert_true(cidr_parse(VIEW("169.254.0.0/16"), &reach.allowed[0]));
    reach.allowed_count = 1;
    check(&reach, false, false,
          (const char *const[]){"169.254.1.1:80", "[::ffff:169.254.1.1]:80", NULL});
    check(&reach, true, false, (const char *const[]){"127.0.0.1:80", "[fe80::1]:80", NULL});
    check(&reach, false, true, (const char *const[]){"127.0.0.1:80", "[::1]:80", NULL});
    check(&reach, true, true, (const char *const[]){"[fe80::1]:80", "0.0.0.0:80", NULL});
    reach.is_guarded = false;
    check(&reach, false, false, (const char *const[]){"127.0.0.1:8001", "0.0.0.0:80", NULL});
    reach_forget_own(&reach);
}

/* A check is a request, too: to lb's admin listener it might be an order. */
static void test_endpoint_and_its_checks(void **state)
{
    static const struct {
        const char *endpoint;
        bool is_refused;
    } cases[] = {
        {"{\"address\":\"127.0.0.1\",\"port\":80,\"on_host\":true}", false},
        {"{\"address\":\"127.0.0.1\",\"port\":80}", true},
        {"{\"address\":\"127.0.0.1\",\"port\":8001,\"on_host\":true}", true},
        {"{\"address\":\"127.0.0.1\",\"port\":80,\"on_host\":true,\"check\":{\"port\":\"8001\"}}",
         true},
        {"{\"address\":\"192.0.2.7\",\"port\":80,\"check\":{\"port\":\"8002\"}}", true},
        {"{\"address\":\"192.0.2.7\",\"port\":80,\"check\":{\"port\":\"8003\"}}", false},
        {"{\"address\":\"192.0.2.7\",\"port\":80,\"check\":{\"port\":\"x\"}}", false},
    };
    struct reach reach = guarded();
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_t *endpoint = json_loads(cases[i].endpoint, 0, NULL);
        assert_non_null(endpoint);
        if (reach_refuses_object(&reach, endpoint, NULL) != cases[i].is_refused)
            fail_msg("%s", cases[i].endpoint);
        json_decref(endpoint);
    }
    reach_forget_own(&reach);
}

/* What containers may have opened, by its protocol. */
static void test_listeners_that_containers_asked_for_are_lb_itself_too(void **state)
{
    static const char *const protocols[] = {"http", "tcp", "udp"};
    struct reach reach = guarded();
    struct listener_rule rules[2];
    struct text problem = TEXT_INIT;
    (void)state;
    assert_true(listener_rule_parse(VIEW("10000=a"), SERVICE_TCP, &rules[0], &problem));
    assert_true(listener_rule_parse(VIEW("10001=a"), SERVICE_UDP, &rules[1], &problem));
    struct listener_table *table = listener_table_new(rules, 2);
    reach.listeners = table;
    for (unsigned i = 0; i < 9; i++) {
        unsigned port = 10000 + i % 3;
        bool is_udp = i / 3 == 2;
        json_t *object = json_pack("{s:s,s:i,s:b,s:s}", "address", "127.0.0.1", "port", (int)port,
                                   "on_host", 1, "protocol", protocols[i / 3]);
        assert_int_equal(reach_refuses_object(&reach, object, NULL),
                         port == (is_udp ? 10001 : 10000));
        json_decref(object);
    }
    listener_table_unref(table);
    text_fini(&problem);
    reach_forget_own(&reach);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_special_addresses_are_refused),
        cmocka_unit_test(test_lb_itself_is_refused_in_any_spelling),
        cmocka_unit_test(test_what_is_allowed),
        cmocka_unit_test(test_endpoint_and_its_checks),
        cmocka_unit_test(test_listeners_that_containers_asked_for_are_lb_itself_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
