/* What a set of fields means: host, persistence, upgrade, expectations, hops. */
#include "lb/http/meaning.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#include "tests/unit/http/filled_head.h"

static void test_host(void **state)
{
    static const struct {
        const char *fields;
        unsigned minor_version;
        bool is_good;
    } cases[] = {
        {"host:a\n", 1, true},          {"", 0, true},
        {"host:a\n", 0, true},          {"", 1, false},
        {"host:a\nhost:a\n", 1, false}, {"host:a\nhost:\n", 1, false},
        {"host:a\nhost:a\n", 0, false}, {"host:a/b\n", 1, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fill(cases[i].fields, cases[i].minor_version);
        enum err got = meaning_of_request(&head);
        if (got != (cases[i].is_good ? ERR_OK : ERR_HOST))
            fail_msg("%s in HTTP/1.%u: got %s", cases[i].fields, cases[i].minor_version,
                     err_word(got));
    }
}

/* A body that ends with its connection, and Connection, which is read for requests and responses.
 */
static void test_persistence(void **state)
{
    static const struct {
        const char *fields;
        bool to_head, is_keep_alive;
    } cases[] = {
        {"", false, false},
        {"", true, true},
        {"content-length:5\n", false, true},
        {"transfer-encoding:chunked\n", false, true},
        {"connection:close\ncontent-length:5\n", false, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fill(cases[i].fields, 1);
        head.status = 200;
        assert_int_equal(meaning_of_response(&head, cases[i].to_head), ERR_OK);
        assert_int_equal(head.is_keep_alive, cases[i].is_keep_alive);
    }
}

/* The first flaw of a request is told: host, framing, connection, expectation. */
static void test_refusals(void **state)
{
    static const struct {
        const char *fields;
        enum err of_request, of_response;
    } cases[] = {
        {"host:a/b\ncontent-length:x\n", ERR_HOST, ERR_LENGTH},
        {"host:a\ncontent-length:x\nexpect:x\n", ERR_LENGTH, ERR_LENGTH},
        {"host:a\ntransfer-encoding:gzip, chunked\n", ERR_CODING, ERR_CODING},
        {"host:a\nconnection:1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6\n"
         "expect:x\n",
         ERR_OPTIONS, ERR_OPTIONS},
        {"host:a\nexpect:x\n", ERR_EXPECT, ERR_OK},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fill(cases[i].fields, 1);
        assert_int_equal(meaning_of_request(&head), cases[i].of_request);
        fill(cases[i].fields, 1);
        head.status = 200;
        assert_int_equal(meaning_of_response(&head, false), cases[i].of_response);
    }
}

/* RFC 9110 § 7.6.2: only in OPTIONS and TRACE, and only a number. */
static void test_max_forwards(void **state)
{
    static const struct {
        const char *method, *value;
        bool has;
        unsigned want;
    } cases[] = {
        {"OPTIONS", "0", true, 0},
        {"TRACE", "12", true, 12},
        {"TRACE", "4294967295", true, UINT32_MAX},
        {"GET", "3", false, 0},
        {"TRACE", "", false, 0},
        {"TRACE", "4294967296", false, 0},
        {"TRACE", "-1", false, 0},
        {"TRACE", "1, 2", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char fields[64];
        snprintf(fields, sizeof(fields), "host:a\nmax-forwards:%s\n", cases[i].value);
        fill(fields, 1);
        head.method = view_str(cases[i].method);
        assert_int_equal(meaning_of_request(&head), ERR_OK);
        assert_int_equal(head.has_max_forwards, cases[i].has);
        assert_int_equal(head.max_forwards, cases[i].want);
    }
}

/* What may become a tunnel (RFC 9110 § 7.8): asked for by a field that Connection names; h2c never.
 */
static void test_upgrade(void **state)
{
    static const struct {
        const char *fields;
        unsigned minor_version;
        bool wants_upgrade, takes_trailers;
    } cases[] = {
        {"connection:Upgrade\nupgrade:websocket\n", 1, true, false},
        {"connection:close, upgrade\nupgrade:a, b\nte:trailers\n", 1, true, true},
        {"upgrade:websocket\nte:gzip;q=0, TRAILERS\n", 1, false, true},
        {"connection:upgrade\nte:gzip\nte:x,trailers\n", 1, false, true},
        {"connection:upgrade\nupgrade:websocket\n", 0, false, false},
        {"connection:upgrade\nupgrade:h2c\n", 1, false, false},
        {"connection:upgrade\nupgrade:websocket, H2C\n", 1, true, false},
        {"connection:upgrade\nupgrade:h2c,websocket\n", 1, true, false},
        {"connection:upgrade\nupgrade:h2c/2.0, H2C/1\n", 1, false, false},
        {"connection:upgrade\nupgrade:, h2c ,\nupgrade:\n", 1, false, false},
        {"connection:upgrade\nupgrade:a\nupgrade:b\n", 1, true, false},
        {"connection:upgrade\nupgrade:a\ncontent-length:0\n", 1, true, false},
        {"connection:upgrade\nupgrade:a\ntransfer-encoding:chunked\n", 1, true, false},
        {"te:trailersx\n", 1, false, false},
        {"te:trailers;q=1\n", 1, false, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char fields[128];
        snprintf(fields, sizeof(fields), "host:a\n%s", cases[i].fields);
        fill(fields, cases[i].minor_version);
        assert_int_equal(meaning_of_request(&head), ERR_OK);
        if (head.wants_upgrade != cases[i].wants_upgrade ||
            head.takes_trailers != cases[i].takes_trailers)
            fail_msg("%s", cases[i].fields);
    }
}

static void test_expect(void **state)
{
    static const struct {
        const char *fields;
        unsigned minor_version;
        enum err want;
        bool expects_continue;
    } cases[] = {
        {"expect:100-continue\ncontent-length:1\n", 1, ERR_OK, true},
        {"expect:100-CONTINUE\ntransfer-encoding:chunked\n", 1, ERR_OK, true},
        {"expect:100-continue\n", 1, ERR_OK, false}, /* nothing to wait for */
        {"expect:100-continue\ncontent-length:1\n", 0, ERR_OK, false},
        {"expect:nonsense\ncontent-length:1\n", 0, ERR_OK, false},
        {"expect:nonsense\ncontent-length:1\n", 1, ERR_EXPECT, false},
        {"expect:\ncontent-length:1\n", 1, ERR_EXPECT, false},
        {"expect:100-continue, a\ncontent-length:1\n", 1, ERR_EXPECT, false},
        {"expect:100-continue\nexpect:a\ncontent-length:1\n", 1, ERR_EXPECT, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char fields[256];
        snprintf(fields, sizeof(fields), "host:a\n%s", cases[i].fields);
        fill(fields, cases[i].minor_version);
        assert_int_equal(meaning_of_request(&head), cases[i].want);
        if (!cases[i].want)
            assert_int_equal(head.expects_continue, cases[i].expects_continue);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_host),     cmocka_unit_test(test_persistence),
        cmocka_unit_test(test_refusals), cmocka_unit_test(test_max_forwards),
        cmocka_unit_test(test_upgrade),  cmocka_unit_test(test_expect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
