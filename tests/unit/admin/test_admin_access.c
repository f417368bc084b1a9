/* Who may ask the admin listener for what: proxies, tokens, pages of other sites, hosts. */
#include "lb/admin/admin_access.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "lb/base/text.h"
#include "tests/unit/support/parsed.h"

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static enum admin_access check(const char *target, const char *fields,
                               const struct admin_rules *rules, enum admin_demand demand)
{
    struct text request = TEXT_INIT;
    text_appendf(&request, "GET %s HTTP/1.1\r\n%s\r\n", target, fields);
    enum admin_access access =
        admin_access_check(parse(PARSER_REQUEST, text_view(&request)), rules, demand);
    text_fini(&request);
    parser_fini(&parser);
    return access;
}

#define HOST     "Host: 127.0.0.1:9000\r\n"
#define BEARER   "Authorization: Bearer "
#define NO_TOKEN ADMIN_ACCESS_NO_TOKEN
#define OK       ADMIN_ACCESS_OK

/* ---- tokens ---------------------------------------------------------------------------------- */

static void test_tokens(void **state)
{
    static const struct {
        const char *secret, *field;
        enum admin_access want;
    } rows[] = {
        {NULL, "", OK},
        {NULL, BEARER "whatever\r\n", OK},
        {"s3cret", "", NO_TOKEN},
        {"s3cret", BEARER "s3cret\r\n", OK},
        {"s3cret", "authorization:   bEARER   s3cret  \r\n", OK},
        {"s3cret", BEARER "s3creT\r\n", NO_TOKEN},
        {"s3cret", BEARER "t3cret\r\n", NO_TOKEN},
        {"s3cret", BEARER "s3cre\r\n", NO_TOKEN},
        {"s3cret", BEARER "s3crets\r\n", NO_TOKEN},
        {"s3cret", BEARER "s3crets3cret\r\n", NO_TOKEN}, /* it is not compared round and round */
        {"s3cret", BEARER "\r\n", NO_TOKEN},
        {"s3cret", "Authorization: s3cret\r\n", NO_TOKEN},
        {"s3cret", "Authorization: Basic s3cret\r\n", NO_TOKEN},
        {"s3cret", "Authorization: Bearers3cret\r\n", NO_TOKEN},
        {"s3cret", "X-Authorization: Bearer s3cret\r\n", NO_TOKEN},
        {"s3cret", BEARER "wrong\r\n" BEARER "s3cret\r\n", NO_TOKEN}, /* the first one counts */
        {"a b", BEARER "a b\r\n", OK},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char fields[200];
        snprintf(fields, sizeof(fields), HOST "%s", rows[i].field);
        struct admin_rules rules = {.secret = rows[i].secret, .is_from_here = true};
        for (enum admin_demand demand = ADMIN_DEMAND_READ; demand <= ADMIN_DEMAND_CHANGE; demand++)
            if (check("/pool", fields, &rules, demand) != rows[i].want)
                fail_msg("row %zu, demand %d", i, demand);
        assert_int_equal(check("/", fields, &rules, ADMIN_DEMAND_NOTHING), OK);
        assert_int_equal(check("/healthz", fields, &rules, ADMIN_DEMAND_HEALTH), OK);
    }
}

/* ---- proxies --------------------------------------------------------------------------------- */

static void test_signs_of_a_proxy(void **state)
{
    static const struct {
        const char *field;
        bool is_sign;
    } rows[] = {
        {"Via: 1.1 lb\r\n", true},
        {"Forwarded: for=10.0.0.1\r\n", true},
        {"X-Real-IP: 10.0.0.1\r\n", true},
        {"X-Forwarded-For: 10.0.0.1\r\n", true},
        {"x-forwarded-anything: 1\r\n", true},
        {"X-Forwarded-: 1\r\n", false}, /* nobody's */
        {"X-Forward: 1\r\n", false},
        {"Viaduct: 1\r\n", false},
        {"", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char fields[200];
        snprintf(fields, sizeof(fields), HOST "%s", rows[i].field);
        struct admin_rules rules = {.is_from_here = true};
        enum admin_access want = rows[i].is_sign ? ADMIN_ACCESS_PROXIED : OK;
        for (enum admin_demand demand = ADMIN_DEMAND_NOTHING; demand <= ADMIN_DEMAND_CHANGE;
             demand++)
            if (check("/pool", fields, &rules, demand) != want)
                fail_msg("%s: demand %d", rows[i].field, demand);
        assert_int_equal(check("/pool", fields, &rules, ADMIN_DEMAND_HEALTH), OK);
        rules.is_behind_proxy = true;
        assert_int_equal(check("/pool", fields, &rules, ADMIN_DEMAND_CHANGE), OK);
    }
}

/* ---- pages of other sites -------------------------------------------------------------------- */

static void test_pages_of_other_sites(void **state)
{
    static const struct {
        const char *fields;
        enum admin_access read, change;
    } rows[] = {
        {"Origin: http://127.0.0.1:9000\r\n", OK, OK},
        {"Origin: https://127.0.0.1:9000\r\n", OK, OK},
        {"Origin: HTTP://127.0.0.1:9000\r\n", OK, ADMIN_ACCESS_FOREIGN_ORIGIN},
        {"Origin: http://127.0.0.1\r\n", OK, ADMIN_ACCESS_FOREIGN_ORIGIN},
        {"Origin: http://evil.example\r\n", OK, ADMIN_ACCESS_FOREIGN_ORIGIN},
        {"Origin: http://127.0.0.1:9000.evil.example\r\n", OK, ADMIN_ACCESS_FOREIGN_ORIGIN},
        {"Origin: null\r\n", OK, ADMIN_ACCESS_FOREIGN_ORIGIN},
        {"Origin:\r\n", OK, ADMIN_ACCESS_FOREIGN_ORIGIN},
        {"Origin: http://127.0.0.1:9000\r\nOrigin: http://evil.example\r\n", OK,
         ADMIN_ACCESS_FOREIGN_ORIGIN},
        {"Sec-Fetch-Site: same-origin\r\n", OK, OK},
        {"Sec-Fetch-Site: none\r\n", OK, OK},
        {"Sec-Fetch-Site: same-site\r\n", ADMIN_ACCESS_FOREIGN_ORIGIN, ADMIN_ACCESS_FOREIGN_ORIGIN},
        {"Sec-Fetch-Site: cross-site\r\n", ADMIN_ACCESS_FOREIGN_ORIGIN,
         ADMIN_ACCESS_FOREIGN_ORIGIN},
        /* To follow a link is nobody's fetch, but no order either. */
        {"Sec-Fetch-Site: cross-site\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\n",
         OK, ADMIN_ACCESS_FOREIGN_ORIGIN},
        {"Sec-Fetch-Site: cross-site\r\nSec-Fetch-Dest: iframe\r\nSec-Fetch-Mode: navigate\r\n",
         ADMIN_ACCESS_FOREIGN_ORIGIN, ADMIN_ACCESS_FOREIGN_ORIGIN},
        {"Sec-Fetch-Site: cross-site\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Mode: no-cors\r\n",
         ADMIN_ACCESS_FOREIGN_ORIGIN, ADMIN_ACCESS_FOREIGN_ORIGIN},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char fields[300];
        snprintf(fields, sizeof(fields), HOST "%s" BEARER "s\r\n", rows[i].fields);
        struct admin_rules rules = {.is_from_here = true};
        for (unsigned has_secret = 0; has_secret < 2; has_secret++) {
            rules.secret = has_secret ? "s" : NULL;
            if (check("/pool", fields, &rules, ADMIN_DEMAND_READ) != rows[i].read ||
                check("/pool", fields, &rules, ADMIN_DEMAND_CHANGE) != rows[i].change)
                fail_msg("%s", rows[i].fields);
        }
    }
}

/* ---- hosts ----------------------------------------------------------------------------------- */

static void test_hosts(void **state)
{
    static const struct {
        const char *target, *host;
        enum admin_access read, change;
    } rows[] = {
        {"/pool", "Host: 127.0.0.1:9000\r\n", OK, OK},
        {"/pool", "Host: 10.1.2.3\r\n", OK, OK}, /* an address cannot be made to lead elsewhere */
        {"/pool", "Host: [::1]:9000\r\n", OK, OK},
        {"/pool", "Host: [fd00::1]\r\n", OK, OK},
        {"/pool", "Host: LocalHost:9000\r\n", OK, OK},
        {"/pool", "Host: lb.example:1\r\n", OK, OK}, /* the name of its own, below */
        {"/pool", "Host: LB.example\r\n", OK, OK},
        {"/pool", "Host: lb\r\n", OK, ADMIN_ACCESS_FOREIGN_HOST}, /* nobody's in DNS */
        {"/pool", "Host: lb:9000\r\n", OK, ADMIN_ACCESS_FOREIGN_HOST},
        {"/pool", "Host: evil.example\r\n", ADMIN_ACCESS_FOREIGN_PAGE, ADMIN_ACCESS_FOREIGN_HOST},
        {"/pool", "Host: lb.example.evil.example\r\n", ADMIN_ACCESS_FOREIGN_PAGE,
         ADMIN_ACCESS_FOREIGN_HOST},
        {"/pool", "Host: localhost.evil.example\r\n", ADMIN_ACCESS_FOREIGN_PAGE,
         ADMIN_ACCESS_FOREIGN_HOST},
        {"/pool", "Host: 127.0.0.1.evil.example\r\n", ADMIN_ACCESS_FOREIGN_PAGE,
         ADMIN_ACCESS_FOREIGN_HOST},
        {"/pool", "Host: evil%2eexample\r\n", ADMIN_ACCESS_FOREIGN_PAGE, ADMIN_ACCESS_FOREIGN_HOST},
        {"/pool", "Host: evil.\r\n", ADMIN_ACCESS_FOREIGN_PAGE, ADMIN_ACCESS_FOREIGN_HOST},
        {"/pool", "Host:\r\n", OK, ADMIN_ACCESS_FOREIGN_HOST}, /* no browser */
        /* The target's host counts, not the field's (RFC 9112 § 3.2.2). */
        {"http://evil.example/pool", "Host: 127.0.0.1\r\n", ADMIN_ACCESS_FOREIGN_PAGE,
         ADMIN_ACCESS_FOREIGN_HOST},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct admin_rules rules = {.host = "lb.example", .is_from_here = true};
        if (check(rows[i].target, rows[i].host, &rules, ADMIN_DEMAND_READ) != rows[i].read ||
            check(rows[i].target, rows[i].host, &rules, ADMIN_DEMAND_CHANGE) != rows[i].change)
            fail_msg("row %zu: %s", i, rows[i].host);
        char fields[200]; /* who has the token asks under any name */
        snprintf(fields, sizeof(fields), "%s" BEARER "s\r\n", rows[i].host);
        rules.secret = "s";
        assert_int_equal(check(rows[i].target, fields, &rules, ADMIN_DEMAND_CHANGE), OK);
    }
}

/* ---- orders ---------------------------------------------------------------------------------- */

static void test_orders_from_elsewhere(void **state)
{
    static const struct {
        bool is_read_only, has_secret, is_from_here;
        enum admin_access change;
    } rows[] = {
        {false, false, false, OK},
        {false, false, true, OK},
        {true, false, false, ADMIN_ACCESS_NO_ORDERS},
        {true, false, true, OK},
        {true, true, false, OK},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct admin_rules rules = {.is_read_only = rows[i].is_read_only,
                                    .secret = rows[i].has_secret ? "s" : NULL,
                                    .is_from_here = rows[i].is_from_here};
        const char *fields = HOST BEARER "s\r\n";
        assert_int_equal(check("/x", fields, &rules, ADMIN_DEMAND_CHANGE), rows[i].change);
        assert_int_equal(check("/x", fields, &rules, ADMIN_DEMAND_READ), OK);
    }
}

static void test_the_first_field_of_a_name(void **state)
{
    static const char request[] =
        "GET / HTTP/1.1\r\nHost: a\r\nX-a: 1\r\nX-A: 2\r\nX-ab: 3\r\n\r\n";
    (void)state;
    const struct head *head = parse(PARSER_REQUEST, VIEW(request));
    assert_true(view_eq(admin_access_field(head, VIEW("x-a")), VIEW("1")));
    assert_true(view_eq(admin_access_field(head, VIEW("x-AB")), VIEW("3")));
    assert_null(admin_access_field(head, VIEW("x-")).ptr);
    parser_fini(&parser);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_signs_of_a_proxy),
        cmocka_unit_test(test_pages_of_other_sites),
        cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_orders_from_elsewhere),
        cmocka_unit_test(test_the_first_field_of_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
