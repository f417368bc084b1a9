/* What a backend is told of who asks, behind a trusted proxy. */
#include "lb/http/identity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "head_fixture.h"

/* The value of that field of what goes out, the client being a trusted one at 10.0.0.9. */
static void check_field(const char *lines, const char *name, const char *want)
{
    char request[1024];
    struct rng rng;
    struct cidr proxies[1];
    struct forward_request options = options_of(&rng);
    options.is_trusted = true;
    options.adds_forwarded = true;
    options.trust = (struct trust){.cidrs = proxies, .count = 1};
    assert_true(cidr_parse(VIEW("10.0.0.0/8"), &proxies[0]));
    snprintf(request, sizeof(request), "GET / HTTP/1.1\r\nHost: x\r\n%s\r\n", lines);
    const struct head *head = parse(PARSER_REQUEST, view_str(request));
    struct block *out = block_of(forward_request_bound(head, &options));
    struct forwarded forwarded;
    forward_request(head, &options, out, &forwarded);
    struct view got = find_value(block_view(out), view_str(name));
    if (!view_eq(got, view_str(want)))
        fail_msg("%s\n%s: %.*s\nwant: %s", lines, name, (int)got.len, got.ptr, want);
    free(out);
}

static void test_real_ip_is_the_one_that_the_log_has(void **state)
{
    static const struct {
        const char *lines, *want;
    } cases[] = {
        {"", "10.0.0.9"},
        {"X-Forwarded-For: 1.1.1.1\r\n", "1.1.1.1"},
        {"X-Forwarded-For: 1.1.1.1, 10.1.1.1\r\n", "1.1.1.1"},
        {"X-Forwarded-For: 6.6.6.6, 1.1.1.1\r\nX-Forwarded-For: 10.1.1.1:80\r\n", "1.1.1.1"},
        {"X-Forwarded-For: 10.2.2.2, 10.1.1.1\r\n", "10.2.2.2"},
        {"X-Forwarded-For: 1.1.1.1:4711\r\n", "1.1.1.1"},
        {"X-Forwarded-For: [2001:db8::1]:4711\r\n", "2001:db8::1"},
        {"X-Forwarded-For: unknown, 10.1.1.1\r\n", "10.1.1.1"},
        {"X-Forwarded-For: 6.6.6.6, unknown\r\n", "10.0.0.9"},
        {"X-Forwarded-For: 1.1.1.1,\r\n", "1.1.1.1"},
        {"X-Forwarded-For: 6.6.6.6,1.1.1.1, ,,\t,10.1.1.1\r\n", "1.1.1.1"},
        {"X-Forwarded-For: ,1.1.1.1\r\nX-Forwarded-For: ,\r\n", "1.1.1.1"},
        {"X-Forwarded-For: , ,,\r\n", "10.0.0.9"},
        {"X-Forwarded-For: ,, 10.2.2.2\r\n", "10.2.2.2"},
        {"X-Forwarded-For: 6.6.6.6\r\nX-Real-IP: 7.7.7.7\r\n", "7.7.7.7"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check_field(cases[i].lines, "x-real-ip", cases[i].want);
}

#define OWN_ELEMENT "for=10.0.0.9;proto=http;host=\"x\""

static void test_forwarded_begins_with_the_client(void **state)
{
    static const struct {
        const char *lines, *want;
    } cases[] = {
        {"", OWN_ELEMENT},
        {"X-Forwarded-Proto: https\r\n", "for=10.0.0.9;proto=https;host=\"x\""},
        {"X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: y:8\r\n",
         "for=1.1.1.1;proto=https;host=\"y:8\", for=10.0.0.9"},
        {"X-Forwarded-For: 2001:db8::1, ,unknown,1.1.1.1:5\r\nX-Forwarded-For: [::1]:2\r\n",
         "for=\"[2001:db8::1]\";proto=http;host=\"x\", for=unknown, for=1.1.1.1, for=\"[::1]\", "
         "for=10.0.0.9"},
        {"X-Forwarded-Proto: https, http\r\nX-Forwarded-Host: y, z\r\n",
         "for=10.0.0.9;proto=https;host=\"y\""},
        {"X-Forwarded-Proto: a;b\r\nX-Forwarded-Host: \"\r\n", OWN_ELEMENT},
        {"Forwarded: for=\"a\\\"b\"; proto=https ,for=c\r\nX-Forwarded-For: 1.1.1.1\r\n",
         "for=\"a\\\"b\"; proto=https ,for=c, " OWN_ELEMENT},
        /* what would swallow the next element, or be read in two ways */
        {"Forwarded: for=\"1.1.1.1\r\n", OWN_ELEMENT},
        {"Forwarded: for=\"1.1.1.1\\\"\r\n", OWN_ELEMENT},
        {"Forwarded: for=1.1.1.1\"\r\n", OWN_ELEMENT},
        {"Forwarded: for=a\r\nForwarded: for=\"\\\r\n", OWN_ELEMENT},
        {"Forwarded: for=\"a\"b\", for=c\r\n", OWN_ELEMENT},
        {"Forwarded: for=\"a\" \"\r\nX-Forwarded-For: 1.1.1.1\r\n",
         "for=1.1.1.1;proto=http;host=\"x\", for=10.0.0.9"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check_field(cases[i].lines, "forwarded", cases[i].want);
}

static void test_port_is_the_one_that_the_client_asked(void **state)
{
    static const struct {
        const char *lines, *want;
    } cases[] = {
        {"", "80"},
        {"X-Forwarded-Proto: https\r\n", "443"},
        {"X-Forwarded-Proto: WSS, http\r\n", "443"},
        {"X-Forwarded-Host: y:8443\r\nX-Forwarded-Proto: https\r\n", "8443"},
        {"X-Forwarded-Host: [::1]:81, z:82\r\n", "81"},
        {"X-Forwarded-Host: ::1\r\n", "80"},
        {"X-Forwarded-Host: [::1]\r\n", "80"},
        {"X-Forwarded-Host: y:99999\r\n", "80"},
        {"X-Forwarded-Host: y:000080\r\n", "80"},
        {"X-Forwarded-Host: y:\r\n", "80"},
        {"X-Forwarded-Host: :7\r\n", "80"},
        {"X-Forwarded-Host: y:8443\r\nX-Forwarded-Port: 444\r\n", "444"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check_field(cases[i].lines, "x-forwarded-port", cases[i].want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_real_ip_is_the_one_that_the_log_has),
        cmocka_unit_test(test_forwarded_begins_with_the_client),
        cmocka_unit_test(test_port_is_the_one_that_the_client_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
