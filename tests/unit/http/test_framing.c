/* Where a body ends, as it comes and as it goes on. */
#include "lb/http/framing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#include "tests/unit/http/filled_head.h"

static void test_framing(void **state)
{
    static const struct {
        const char *fields;
        unsigned minor_version;
        enum err want;
        enum framing framing;
        uint64_t length;
    } cases[] = {
        {"", 1, ERR_OK, FRAMING_NONE, 0},
        {"content-length:0\n", 1, ERR_OK, FRAMING_LENGTH, 0},
        {"content-length: 00012 \n", 0, ERR_OK, FRAMING_LENGTH, 12},
        {"content-length:9223372036854775807\n", 1, ERR_OK, FRAMING_LENGTH, INT64_MAX},
        {"transfer-encoding:chunked\n", 1, ERR_OK, FRAMING_CHUNKED, 0},
        {"Transfer-Encoding:\t CHUNKed \t\n", 1, ERR_OK, FRAMING_CHUNKED, 0},
        {"content-length:9223372036854775808\n", 1, ERR_LENGTH, 0, 0},
        {"content-length:99999999999999999999999\n", 1, ERR_LENGTH, 0, 0},
        {"content-length:\n", 1, ERR_LENGTH, 0, 0},
        {"content-length:+1\n", 1, ERR_LENGTH, 0, 0},
        {"content-length:-0\n", 1, ERR_LENGTH, 0, 0},
        {"content-length:1 2\n", 1, ERR_LENGTH, 0, 0},
        {"content-length:1,1\n", 1, ERR_LENGTH, 0, 0},
        {"content-length:0x1\n", 1, ERR_LENGTH, 0, 0},
        {"content-length:1e1\n", 1, ERR_LENGTH, 0, 0},
        {"content-length:1\ncontent-length:1\n", 1, ERR_LENGTH, 0, 0},
        {"content-length:1\na:b\nContent-Length:2\n", 1, ERR_LENGTH, 0, 0},
        {"content-length:1\ntransfer-encoding:chunked\n", 1, ERR_LENGTH, 0, 0},
        {"transfer-encoding:gzip\ncontent-length:1\n", 1, ERR_LENGTH, 0, 0},
        {"transfer-encoding:\ncontent-length:1\n", 1, ERR_LENGTH, 0, 0},
        {"transfer-encoding:chunked\n", 0, ERR_LENGTH, 0, 0},
        {"transfer-encoding:identity\n", 0, ERR_LENGTH, 0, 0},
        {"transfer-encoding:chunked\ntransfer-encoding:chunked\n", 1, ERR_LENGTH, 0, 0},
        {"transfer-encoding:\ntransfer-encoding:chunked\n", 1, ERR_LENGTH, 0, 0},
        {"transfer-encoding:\n", 1, ERR_LENGTH, 0, 0},
        {"transfer-encoding:identity\n", 1, ERR_LENGTH, 0, 0},
        {"transfer-encoding:gzip, chunked\n", 1, ERR_CODING, 0, 0},
        {"transfer-encoding:,chunked\n", 1, ERR_LENGTH, 0, 0},
        {"transfer-encoding:chunked,\n", 1, ERR_LENGTH, 0, 0},
        {"transfer-encoding:chunked;a\n", 1, ERR_LENGTH, 0, 0},
        {"transfer-encoding:chunke\n", 1, ERR_LENGTH, 0, 0},
        {"transfer-encoding:\x0b"
         "chunked\n",
         1, ERR_LENGTH, 0, 0},
        {"transfer-encoding:gzip\n", 1, ERR_LENGTH, 0, 0},
        {"transfer-encoding:chunked, gzip\n", 1, ERR_LENGTH, 0, 0},
        {"transfer-encoding:chunked, chunked\n", 1, ERR_LENGTH, 0, 0},
        {"transfer-encoding:a, b ,CHUNKED\n", 1, ERR_CODING, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char fields[256];
        snprintf(fields, sizeof(fields), "host:a\n%s", cases[i].fields);
        fill(fields, cases[i].minor_version);
        enum err got = framing_of_request(&head);
        if (got != cases[i].want)
            fail_msg("%s want %s, got %s", fields, err_word(cases[i].want), err_word(got));
        if (!got) {
            assert_int_equal(head.framing, cases[i].framing);
            assert_int_equal(head.content_length, cases[i].length);
        }
        head.status = 200;
        assert_int_equal(framing_of_response(&head, false), got);
    }
}

static void test_response_framing(void **state)
{
    static const struct {
        const char *fields;
        unsigned status;
        bool to_head;
        enum framing want;
    } cases[] = {
        {"", 200, false, FRAMING_CLOSE},
        {"", 200, true, FRAMING_NONE},
        {"", 100, false, FRAMING_NONE},
        {"", 199, false, FRAMING_NONE},
        {"", 204, false, FRAMING_NONE},
        {"", 205, false, FRAMING_CLOSE},
        {"", 304, false, FRAMING_NONE},
        {"content-length:5\n", 200, false, FRAMING_LENGTH},
        {"content-length:5\n", 200, true, FRAMING_NONE},
        {"content-length:5\n", 204, false, FRAMING_NONE},
        {"content-length:5\n", 304, false, FRAMING_NONE},
        {"transfer-encoding:chunked\n", 500, false, FRAMING_CHUNKED},
        {"transfer-encoding:chunked\n", 304, false, FRAMING_NONE},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fill(cases[i].fields, 1);
        head.status = cases[i].status;
        assert_int_equal(framing_of_response(&head, cases[i].to_head), ERR_OK);
        assert_int_equal(head.framing, cases[i].want);
    }
}

static void test_to_client(void **state)
{
    static const struct {
        enum framing framing, to_http11, to_http10;
    } cases[] = {
        {FRAMING_NONE, FRAMING_NONE, FRAMING_NONE},
        {FRAMING_LENGTH, FRAMING_LENGTH, FRAMING_LENGTH},
        {FRAMING_CHUNKED, FRAMING_CHUNKED, FRAMING_CLOSE},
        {FRAMING_CLOSE, FRAMING_CHUNKED, FRAMING_CLOSE},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        head.framing = cases[i].framing;
        assert_int_equal(framing_to_client(&head, false), cases[i].to_http11);
        assert_int_equal(framing_to_client(&head, true), cases[i].to_http10);
    }
}

/* What is shown to the operator of a response that is refused. */
static void test_lines(void **state)
{
    static const struct {
        const char *fields, *want;
    } cases[] = {
        {"a:1\ncontent-length:1\nb:2\n", "content-length:1\r\nb:2\r\n\r\n"},
        {"a:1\ntransfer-encoding:x\ncontent-length:1\n",
         "transfer-encoding:x\r\ncontent-length:1\r\n\r\n"},
        {"content-length:1\ntransfer-encoding:x\n",
         "content-length:1\r\ntransfer-encoding:x\r\n\r\n"},
        {"a:1\n", "a:1\r\n\r\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fill(cases[i].fields, 1);
        assert_true(view_eq(framing_lines(&head), view_str(cases[i].want)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_framing),
        cmocka_unit_test(test_response_framing),
        cmocka_unit_test(test_to_client),
        cmocka_unit_test(test_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
