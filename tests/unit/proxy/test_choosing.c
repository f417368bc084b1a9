/* What of a request decides who gets it, of a service that takes no turns. */
#include "lb/proxy/choosing.h"

#include "tests/unit/proxy/choosing_case.h"

#define LETTERS "rrrrrrrr"

static void check_stays(const char *balance, const char *same, const char *also_same)
{
    open_balanced(balance, LETTERS);
    unsigned first = ask(same);
    assert_in_range(first, 1, 8);
    for (unsigned i = 0; i < 10; i++)
        assert_int_equal(ask(i % 2 ? also_same : same), first);
    world_close(&world);
}

/* Some go elsewhere: of eight endpoints, twelve values. */
static void check_differs(const char *balance, const char *before)
{
    open_balanced(balance, LETTERS);
    unsigned seen = 0;
    for (unsigned i = 0; i < 12; i++) {
        char fields[100];
        snprintf(fields, sizeof(fields), "%s%u\r\n", before, i);
        unsigned endpoint = ask(fields);
        assert_int_equal(ask(fields), endpoint);
        seen |= 1u << endpoint;
    }
    assert_true(seen & (seen - 1));
    world_close(&world);
}

static void test_a_header_decides(void **state)
{
    (void)state;
    check_stays("hash header X-User", "X-User: me\r\nA: 1\r\n", "A: 2\r\nx-user:  me\r\n");
    check_differs("hash header X-User", "X-User: ");
}

static void test_a_cookie_decides(void **state)
{
    (void)state;
    check_stays("hash cookie sid", "Cookie: a=1; sid=me\r\n",
                "Cookie: b=1\r\nCookie: sid=me; c\r\n");
    check_differs("hash cookie sid", "Cookie: sid=");
}

static void test_the_path_decides(void **state)
{
    (void)state;
    check_stays("hash path", "A: 1\r\n", "A: 2\r\n");
}

/* What a stranger says of other addresses is nothing. */
static void test_the_client_decides(void **state)
{
    (void)state;
    check_stays("hash client", "X-Forwarded-For: 192.0.2.1\r\n", "X-Forwarded-For: 192.0.2.2\r\n");
}

static void test_behind_a_trusted_proxy_its_client_decides(void **state)
{
    static struct cidr proxies;
    struct env_options options = world_usual;
    (void)state;
    assert_true(cidr_parse(VIEW("192.0.2.0/24"), &proxies));
    options.front.trust = (struct trust){.cidrs = &proxies, .count = 1};
    unsigned seen = 0;
    open_balanced_as(&options, "hash client", LETTERS);
    for (unsigned i = 1; i <= 12; i++) {
        char fields[100];
        snprintf(fields, sizeof(fields),
                 "X-Forwarded-For: 198.51.100.9, 203.0.113.%u, 192.0.2.1\r\n", i);
        unsigned endpoint = ask(fields);
        assert_int_equal(ask(fields), endpoint);
        seen |= 1u << endpoint;
    }
    assert_true(seen & (seen - 1));
    unsigned home = ask("X-Forwarded-For: 2001:db8:1:2:3:4:5:6\r\n");
    for (unsigned i = 0; i < 8; i++) { /* of one network */
        char fields[100];
        snprintf(fields, sizeof(fields), "X-Forwarded-For: 2001:db8:1:2::%u\r\n", i);
        assert_int_equal(ask(fields), home);
    }
    world_close(&world);
}

static void test_without_what_decides_they_take_turns(void **state)
{
    (void)state;
    open_balanced("hash header X-User", "rrr");
    for (unsigned i = 0; i < 6; i++) /* one, three, two */
        assert_int_equal(ask("X-User:\r\n"), (i * 2) % 3 + 1);
    world_close(&world);
}

static void test_who_has_the_fewest_requests_gets_the_next(void **state)
{
    (void)state;
    open_balanced("least-requests", "rrr");
    world_say(client, GET);
    world_hear(world_backend(0));
    unsigned busy = endpoint_of(world_backend(0));
    client = world_client(&world);
    for (unsigned i = 0; i < 6; i++)
        assert_int_not_equal(ask(""), busy);
    world_close(&world);
}

static void test_a_retry_goes_to_another_one(void **state)
{
    (void)state;
    open_balanced("hash path", "rrr");
    unsigned home = ask("");
    world_say(client, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
    world_reset(world_backend(0)); /* on a fresh connection too */
    unsigned last = backend_count() - 1;
    assert_int_not_equal(endpoint_of(world_backend(last)), home);
    world_say(world_backend(last), OK);
    assert_heard(client, "200 OK");
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_header_decides),
        cmocka_unit_test(test_a_cookie_decides),
        cmocka_unit_test(test_the_path_decides),
        cmocka_unit_test(test_the_client_decides),
        cmocka_unit_test(test_behind_a_trusted_proxy_its_client_decides),
        cmocka_unit_test(test_without_what_decides_they_take_turns),
        cmocka_unit_test(test_who_has_the_fewest_requests_gets_the_next),
        cmocka_unit_test(test_a_retry_goes_to_another_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
