/* When so few are ready that those that fail get requests as well. */
#include "tests/unit/pool/build_case.h"

static enum endpoint_state state_of_letter(char letter)
{
    if (letter == 'u')
        return ENDPOINT_UNHEALTHY;
    return letter == 'd' ? ENDPOINT_DRAINING : ENDPOINT_READY;
}

/* Letters are endpoints: r(eady), s(uspect), f(ailing), e(jected), u(nhealthy), p(robing),
 * d(raining). */
static struct pool *build_letters(const char *letters, unsigned panic_below_percent)
{
    static char ids[16][2];
    struct row rows[16] = {{0}};
    unsigned count = (unsigned)strlen(letters);
    for (unsigned i = 0; i < count; i++) {
        ids[i][0] = (char)('a' + i);
        rows[i] = (struct row){"s", ids[i], ids[i], "10.0.0.1:80", 1, state_of_letter(letters[i])};
    }
    struct pool *pool = build(NULL, rows, count, NULL);
    for (unsigned i = 0; i < count; i++) {
        struct endpoint *endpoint = pool->services[0].endpoints[i];
        endpoint->is_admitted = letters[i] != 'p';
        endpoint->is_suspect = letters[i] == 's';
        endpoint->is_failing = letters[i] == 'f';
        endpoint->is_ejected = letters[i] == 'e';
    }
    rules.policy.panic_below_percent = panic_below_percent;
    pool = build(pool, rows, count, NULL);
    rules.policy.panic_below_percent = 0;
    return pool;
}

static void test_panic(void **state)
{
    static const struct {
        const char *letters;
        unsigned percent;
        bool panics;
        unsigned usable_count;
    } cases[] = {
        {"rr", 50, false, 2},     {"rf", 50, false, 1},   {"rff", 50, true, 3},
        {"rff", 33, false, 1},    {"rff", 34, true, 3},   {"ff", 25, true, 2},
        {"f", 25, true, 1},       {"f", 0, false, 0},     {"e", 1, true, 1},
        {"ref", 100, true, 3},    {"rr", 100, false, 2},  {"re", 51, true, 2},
        {"rs", 50, false, 2},     {"es", 25, true, 2},    {"s", 25, true, 1},
        {"rppppd", 50, false, 1}, {"pd", 50, false, 0},   {"fpd", 25, true, 1},
        {"rrrf", 25, false, 3},   {"rfff", 25, false, 1}, {"rffff", 25, true, 5},
        {"uu", 25, true, 2},      {"ru", 25, false, 1},   {"ruuuu", 25, true, 5},
        {"ufe", 25, true, 3},     {"u", 0, false, 0},     {"ud", 25, true, 1},
    };
    (void)state;
    for (unsigned i = 0; i < COUNT_OF(cases); i++) {
        struct pool *pool = build_letters(cases[i].letters, cases[i].percent);
        const struct pool_service *service = &pool->services[0];
        unsigned usable_count = 0;
        for (unsigned j = 0; j < service->endpoint_count; j++)
            usable_count += pool_may_use(service, service->endpoints[j]);
        if (service->is_panicking != cases[i].panics || usable_count != cases[i].usable_count ||
            service->rotation_count != cases[i].usable_count)
            fail_msg("%s below %u %%", cases[i].letters, cases[i].percent);
        pool_unref(pool);
    }
}

static void test_panic_without_unhealthy(void **state)
{
    (void)state;
    rules.policy.panic_includes_unhealthy = false;
    struct pool *pool = build_letters("uuf", 25);
    assert_true(pool->services[0].is_panicking);
    assert_int_equal(pool->services[0].rotation_count, 1);
    pool_unref(pool);
    pool = build_letters("uu", 25);
    assert_false(pool->services[0].is_panicking);
    assert_int_equal(pool->services[0].rotation_count, 0);
    pool_unref(pool);
    rules.policy.panic_includes_unhealthy = true;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_panic),
        cmocka_unit_test(test_panic_without_unhealthy),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
