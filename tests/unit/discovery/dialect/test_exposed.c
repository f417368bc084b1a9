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
        struct exposed_choice got = exposed_choose(exposed, ask, "x");
        json_decref(exposed);
        assert_int_equal(got.port, cases[i].expected.port);
        assert_int_equal(got.count, cases[i].expected.count);
        assert_int_equal(got.is_named, cases[i].expected.is_named);
        assert_int_equal(got.ignored_port, cases[i].expected.ignored_port);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_choice)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
