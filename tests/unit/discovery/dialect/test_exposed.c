#include "discovery/dialect/exposed.h"

#include "tests/unit/discovery/fixture.h"

/* Ports above 1000 have a name, odd ones are ignored. */
static struct exposed_word ask(const void *owner, uint16_t port)
{
    assert_string_equal(owner, "x");
    return (struct exposed_word){.is_named = port > 1000, .is_ignored = port % 2 == 1};
}

static void test_choice(void **state)
{
    static const struct {
        const char *exposed;
        struct exposed_choice expected;
    } cases[] = {
        {"{}", {0, 0, false, 0}},
        {"[80]", {0, 0, false, 0}},
        {"{\"444/tcp\":{},\"80/tcp\":{}}", {80, 2, false, 0}},
        {"{\"80/tcp\":{},\"8080/tcp\":{},\"9090/tcp\":{}}", {8080, 3, true, 0}},
        {"{\"81/tcp\":{},\"444/tcp\":{}}", {444, 1, false, 0}},
        {"{\"81/tcp\":{},\"9/tcp\":{}}", {0, 0, false, 9}},
        {"{\"1001/tcp\":{},\"80/tcp\":{}}", {80, 1, false, 0}},
        {"{\"x\":1,\"99999/tcp\":{},\"54/udp\":{},\"82\":{},\"0/tcp\":{}}", {82, 1, false, 0}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        json_t *exposed = json_loads(cases[i].exposed, 0, NULL);
        struct exposed_choice got = exposed_choose(exposed, false, ask, "x");
        json_decref(exposed);
        assert_int_equal(got.port, cases[i].expected.port);
        assert_int_equal(got.count, cases[i].expected.count);
        assert_int_equal(got.is_named, cases[i].expected.is_named);
        assert_int_equal(got.ignored_port, cases[i].expected.ignored_port);
    }
}

static void test_ports_of_tcp_and_of_udp(void **state)
{
    json_t *exposed = json_loads("{\"53/udp\":{},\"70/udp\":{},\"80\":{},\"53/tcp\":{}}", 0, NULL);
    bool is_udp = false;
    (void)state;
    assert_int_equal(exposed_find_lowest(exposed, true), 53);
    assert_int_equal(exposed_find_lowest(exposed, false), 53);
    assert_true(exposed_has(exposed, 70, true));
    assert_false(exposed_has(exposed, 70, false));
    assert_true(exposed_has(exposed, 80, false));
    assert_false(exposed_has(exposed, 80, true));
    assert_int_equal(exposed_choose(exposed, true, ask, "x").port, 70);
    assert_int_equal(exposed_choose(exposed, true, ask, "x").count, 1);
    assert_int_equal(exposed_parse("53/udp", &is_udp), 53);
    assert_true(is_udp);
    assert_int_equal(exposed_parse("80", &is_udp), 80);
    assert_false(is_udp);
    assert_int_equal(exposed_parse("80/sctp", &is_udp), 0);
    assert_int_equal(exposed_parse_of("53/udp", false), 0);
    assert_int_equal(exposed_find_lowest(NULL, true), 0);
    json_decref(exposed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_choice),
                                       cmocka_unit_test(test_ports_of_tcp_and_of_udp)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
