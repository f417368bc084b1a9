/* Responses: interim ones, those without a body, those that end with their connection, and all that
 * is refused as ERR_UPSTREAM_INVALID. */
#include "lb/http/parser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/http/transcript.h"

#define BYTES(literal)                                                                             \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }
#define OK "HTTP/1.1 200 OK\r\n"

static struct parser_setup setup;

static int set_up(void **state)
{
    (void)state;
    parser_setup_init(&setup, PARSER_RESPONSE,
                      &(struct parser_limits){.max_head_bytes = 4096,
                                              .max_field_count = 100,
                                              .max_target_bytes = 65536});
    return 0;
}

static void test_good(void **state)
{
    static const struct {
        struct view bytes;
        const char *want;
        bool answers_head;
    } cases[] = {
        {BYTES(OK "Content-Length: 2\r\n\r\nhi"),
         "200 1.1 OK\n Content-Length: 2\n length 2\n[hi]\n", false},
        {BYTES(OK "Content-Length: 0\r\n\r\n"), "200 1.1 OK\n Content-Length: 0\n length 0\n[]\n",
         false},
        {BYTES(OK "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nA: b\r\n\r\n"),
         "200 1.1 OK\n -Transfer-Encoding: chunked\n chunked\n[hi]\nA: b\r\n", false},
        {BYTES("HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi"),
         "200 1.1 \n Content-Length: 2\n length 2\n[hi]\n", false},
        {BYTES("HTTP/1.1 404 \xc3\xa9 \t\r\nContent-Length: 2\r\n\r\nhi"),
         "404 1.1 \xc3\xa9 \t\n Content-Length: 2\n length 2\n[hi]\n", false},
        /* until the end of the stream */
        {BYTES(OK "\r\nHTTP/1.1 200 OK\r\n\r\n"),
         "200 1.1 OK\n until end close\n[HTTP/1.1 200 OK\r\n\r\n]\n", false},
        {BYTES(OK "\r\n"), "200 1.1 OK\n until end close\n[]\n", false},
        {BYTES("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nhi"),
         "200 1.0 OK\n -Connection: keep-alive\n until end close\n[hi]\n", false},
        {BYTES("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi"),
         "200 1.0 OK\n -Connection: keep-alive\n Content-Length: 2\n length 2\n[hi]\n", false},
        /* interim answers, then the final one */
        {BYTES("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: a\r\n\r\n" OK
               "Content-Length: 2\r\n\r\nhi"),
         "100 1.1 Continue\n none\n[]\n103 1.1 Early\n Link: a\n none\n[]\n"
         "200 1.1 OK\n Content-Length: 2\n length 2\n[hi]\n",
         false},
        {BYTES("HTTP/1.1 100 Continue\r\nContent-Length: 2\r\n\r\n" OK "\r\nhi"),
         "100 1.1 Continue\n Content-Length: 2\n none\n[]\n200 1.1 OK\n until end close\n[hi]\n",
         false},
        {BYTES("HTTP/1.1 101 Go\r\nConnection: upgrade\r\nUpgrade: a\r\n\r\n" OK
               "Content-Length: 0\r\n\r\n"),
         "101 1.1 Go\n -Connection: upgrade\n -Upgrade: a\n none\n[]\n"
         "200 1.1 OK\n Content-Length: 0\n length 0\n[]\n",
         false},
        /* no body, whatever the fields say: the next answer follows at once */
        {BYTES("HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n" OK "Content-Length: 0\r\n\r\n"),
         "204 1.1 No\n Content-Length: 5\n none\n[]\n200 1.1 OK\n Content-Length: 0\n length 0\n"
         "[]\n",
         false},
        {BYTES("HTTP/1.1 304 No\r\nContent-Length: 5\r\n\r\n" OK "Content-Length: 0\r\n\r\n"),
         "304 1.1 No\n Content-Length: 5\n none\n[]\n200 1.1 OK\n Content-Length: 0\n length 0\n"
         "[]\n",
         false},
        {BYTES("HTTP/1.1 304 No\r\nTransfer-Encoding: chunked\r\n\r\n" OK
               "Content-Length: 0\r\n\r\n"),
         "304 1.1 No\n -Transfer-Encoding: chunked\n none\n[]\n"
         "200 1.1 OK\n Content-Length: 0\n length 0\n[]\n",
         false},
        {BYTES(OK "Content-Length: 5\r\n\r\n" OK "Transfer-Encoding: chunked\r\n\r\n" OK "\r\n"),
         "200 1.1 OK\n Content-Length: 5\n none\n[]\n200 1.1 OK\n -Transfer-Encoding: chunked\n"
         " none\n[]\n200 1.1 OK\n none\n[]\n",
         true},
        /* cut off */
        {BYTES(OK "Content-Length: 3\r\n\r\nhi"),
         "200 1.1 OK\n Content-Length: 3\n length 3\nCUT upstream_truncated\n", false},
        {BYTES(OK "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n"),
         "200 1.1 OK\n -Transfer-Encoding: chunked\n chunked\nCUT upstream_truncated\n", false},
        {BYTES(OK "Content-Length: 3\r\n"), "CUT upstream_invalid\n", false},
        {BYTES("HTT"), "CUT upstream_invalid\n", false},
    };
    unsigned wrong_count = 0;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        wrong_count += !transcript_is(&setup, cases[i].bytes, cases[i].want, cases[i].answers_head);
    assert_int_equal(wrong_count, 0);
}

static void test_bad(void **state)
{
    static const struct view cases[] = {
        BYTES("\r\n" OK "\r\n"),
        BYTES("<html>\r\n"),
        BYTES("HTTP/1.1 OK\r\n\r\n"),
        BYTES("HTTP/1.1 99 No\r\n\r\n"),
        BYTES("HTTP/1.1 099 No\r\n\r\n"),
        BYTES("HTTP/2.0 200 OK\r\n\r\n"),
        BYTES("HTTP/1.1 200 OK\n\r\n"),
        BYTES("HTTP/1.1 200 O\rK\r\n\r\n"),
        BYTES("HTTP/1.1 200 O\0K\r\n\r\n"),
        BYTES(OK "A: b\r\n c\r\n\r\n"),
        BYTES(OK "A:\r\n c\r\n\r\n"),
        BYTES(OK "A : b\r\n\r\n"),
        BYTES(OK ": b\r\n\r\n"),
        BYTES(OK "A: b\nC: d\r\n\r\n"),
        BYTES(OK "A: b\r\n\n"),
        BYTES(OK "\n"),
        BYTES(OK "A: b\0\r\n\r\n"),
        BYTES(OK "A\r\n\r\n"),
        BYTES(OK "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
        BYTES(OK "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
        BYTES(OK "Content-Length: 2\r\nContent-Length: 2\r\n\r\nhi"),
        BYTES(OK "Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi"),
        BYTES(OK "Content-Length: 2, 2\r\n\r\nhi"),
        BYTES(OK "Content-Length: -1\r\n\r\nhi"),
        BYTES(OK "Content-Length:\r\n\r\nhi"),
        BYTES(OK "Content-Length: 99999999999999999999\r\n\r\nhi"),
        BYTES(OK "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        BYTES(OK "Transfer-Encoding: gzip\r\n\r\nhi"),
        BYTES(OK "Transfer-Encoding:\r\n\r\nhi"),
        BYTES(OK "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        BYTES("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        BYTES("HTTP/1.1 204 No\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n"),
    };
    unsigned wrong_count = 0;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        wrong_count += !transcript_is(&setup, cases[i], "ERROR upstream_invalid\n", false);
    wrong_count += !transcript_is(&setup, VIEW(OK "Transfer-Encoding: chunked\r\n\r\n2\r\nhi!\r\n"),
                                  "200 1.1 OK\n -Transfer-Encoding: chunked\n chunked\n"
                                  "ERROR upstream_invalid\n",
                                  false);
    assert_int_equal(wrong_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_bad),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
