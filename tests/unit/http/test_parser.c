/* Requests: what is accepted and how it is understood, what is refused and why; each message whole,
 * cut at every byte and byte by byte, alone and pipelined. */
#include "lb/http/parser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#include "tests/unit/http/transcript.h"

#define GET "GET / HTTP/1.1\r\nHost: x\r\n"
#define BYTES(literal)                                                                             \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }
#define POST "POST / HTTP/1.1\r\nHost: x\r\n"

static struct parser_setup setup;

static int set_up(void **state)
{
    (void)state;
    parser_setup_init(&setup, PARSER_REQUEST,
                      &(struct parser_limits){.max_head_bytes = 4096,
                                              .max_field_count = 100,
                                              .max_target_bytes = 65536});
    return 0;
}

static const struct {
    struct view bytes;
    const char *want;
} good[] = {
    {BYTES("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "GET / 1.1\n Host: x\n none\n[]\n"},
    {BYTES("\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"),
     "GET / 1.1\n Host: x\n none\n[]\n"},
    /* methods are any token */
    {BYTES("brew /pot HTTP/1.1\r\nHost: x\r\n\r\n"), "brew /pot 1.1\n Host: x\n none\n[]\n"},
    {BYTES("!#$%&'*+-.^_`|~09azAZ / HTTP/1.1\r\nHost: x\r\n\r\n"),
     "!#$%&'*+-.^_`|~09azAZ / 1.1\n Host: x\n none\n[]\n"},
    /* targets */
    {BYTES("GET /caf\xc3\xa9?q=\xff HTTP/1.1\r\nHost: x\r\n\r\n"),
     "GET /caf\xc3\xa9?q=\xff 1.1\n Host: x\n none\n[]\n"},
    {BYTES("GET //a//../b;c?d=/?e HTTP/1.1\r\nHost: x\r\n\r\n"),
     "GET //a//../b;c?d=/?e 1.1\n Host: x\n none\n[]\n"},
    {BYTES("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"),
     "OPTIONS * 1.1 asterisk\n Host: x\n none\n[]\n"},
    {BYTES("GET HTTP://Ex.com:80/p?q HTTP/1.1\r\nHost: other\r\n\r\n"),
     "GET HTTP://Ex.com:80/p?q 1.1 absolute Ex.com:80 /p?q\n Host: other\n none\n[]\n"},
    {BYTES("GET https://[::1]?q HTTP/1.1\r\nHost: x\r\n\r\n"),
     "GET https://[::1]?q 1.1 absolute [::1] ?q\n Host: x\n none\n[]\n"},
    /* versions and persistence */
    {BYTES("GET / HTTP/1.0\r\n\r\n"), "GET / 1.0\n none close\n[]\n"},
    {BYTES("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"),
     "GET / 1.0\n -Connection: Keep-Alive\n none\n[]\n"},
    {BYTES(GET "Connection: a, CLOSE ,b\r\nB: 1\r\n\r\n"),
     "GET / 1.1\n Host: x\n -Connection: a, CLOSE ,b\n -B: 1\n none close\n[]\n"},
    /* fields: empty values, white space around and inside, octets above 127, odd names */
    {BYTES(
         GET
         "A:\r\nB: \t \r\nC:c\r\nD:\t d\t e \t\r\nE: \xc3\xa9\xff\r\n!#$%&'*+-.^_`|~: \"\r\n\r\n"),
     "GET / 1.1\n Host: x\n A: \n B: \n C: c\n D: d\t e\n E: \xc3\xa9\xff\n"
     " !#$%&'*+-.^_`|~: \"\n none\n[]\n"},
    {BYTES(GET "A: 1\r\na: 2\r\nA: 1\r\n\r\n"),
     "GET / 1.1\n Host: x\n A: 1\n a: 2\n A: 1\n none\n[]\n"},
    /* bodies by length */
    {BYTES(POST "Content-Length: 5\r\n\r\nhello"),
     "POST / 1.1\n Host: x\n Content-Length: 5\n length 5\n[hello]\n"},
    {BYTES(POST "content-length:\t0005 \r\n\r\nGET /"),
     "POST / 1.1\n Host: x\n content-length: 0005\n length 5\n[GET /]\n"},
    {BYTES(POST "Content-Length: 0\r\n\r\n"),
     "POST / 1.1\n Host: x\n Content-Length: 0\n length 0\n[]\n"},
    {BYTES(POST "Content-Length: 9223372036854775807\r\n\r\nx"),
     "POST / 1.1\n Host: x\n Content-Length: 9223372036854775807\n length 9223372036854775807\n"
     "CUT client_gone\n"},
    {BYTES(POST "Expect: 100-Continue\r\nContent-Length: 2\r\n\r\nhi"),
     "POST / 1.1\n Host: x\n Expect: 100-Continue\n Content-Length: 2\n length 2 continue\n[hi]\n"},
    /* a wish for another protocol does not end the message */
    {BYTES(POST "Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nhi"),
     "POST / 1.1\n Host: x\n -Connection: Upgrade\n -Upgrade: h2c\n Content-Length: 2\n length 2\n"
     "[hi]\n"},
    {BYTES(POST "Connection: Upgrade\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked\r\n\r\n"
                "2\r\nhi\r\n0\r\n\r\n"),
     "POST / 1.1\n Host: x\n -Connection: Upgrade\n -Upgrade: h2c\n -Transfer-Encoding: chunked\n"
     " chunked\n[hi]\n"},
    {BYTES(GET "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"),
     "GET / 1.1\n Host: x\n -Connection: Upgrade\n -Upgrade: websocket\n none upgrade\n[]\n"},
    {BYTES(GET "Connection: Upgrade\r\nUpgrade: a, h2c\r\nTE: gzip ,Trailers\r\n\r\n"),
     "GET / 1.1\n Host: x\n -Connection: Upgrade\n -Upgrade: a, h2c\n -TE: gzip ,Trailers\n"
     " none upgrade trailers\n[]\n"},
    {BYTES(POST "Connection: close\r\nTransfer-Encoding: Chunked\t \r\n\r\n0\r\n\r\n"),
     "POST / 1.1\n Host: x\n -Connection: close\n -Transfer-Encoding: Chunked\n chunked close\n"
     "[]\n"},
};

static void test_good(void **state)
{
    unsigned wrong_count = 0;
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        wrong_count += !transcript_is(&setup, good[i].bytes, good[i].want, false);
    assert_int_equal(wrong_count, 0);
}

/* All good ones behind each other: each begins where the one before ends. */
static void test_pipelined(void **state)
{
    struct text bytes = TEXT_INIT, want = TEXT_INIT;
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        if (strstr(good[i].want, "CUT"))
            continue;
        text_append(&bytes, good[i].bytes);
        text_append_str(&want, good[i].want);
    }
    assert_true(transcript_is(&setup, text_view(&bytes), text_str(&want), false));
    text_fini(&bytes);
    text_fini(&want);
}

static void test_left_over(void **state)
{
    static const struct view bytes = BYTES(POST "Content-Length: 2\r\n\r\nhiGET /next");
    struct parser parser;
    struct view input = bytes, span;
    (void)state;
    parser_init(&parser, &setup);
    assert_int_equal(parser_step(&parser, &input, &span), PARSER_HEAD);
    assert_ptr_equal(parser.head.base, bytes.ptr); /* parsed where it lies */
    assert_int_equal(parser.stash.len, 0);
    assert_int_equal(parser_step(&parser, &input, &span), PARSER_BODY);
    assert_true(view_eq(span, VIEW("hi")));
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(parser_step(&parser, &input, &span), PARSER_END);
        assert_true(view_eq(input, VIEW("GET /next")));
    }
    parser_fini(&parser);
}

static const struct {
    struct view bytes;
    enum err want;
} bad[] = {
    /* request line */
    {BYTES("\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_START_LINE},
    {BYTES("\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_START_LINE},
    {BYTES("\rGET / HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_START_LINE},
    {BYTES(" GET / HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_START_LINE},
    {BYTES("\x16\x03\x01\x02"), ERR_START_LINE}, /* TLS: refused at once, not by a deadline */
    {BYTES("GET  / HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_START_LINE},
    {BYTES("GET\t/ HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_START_LINE},
    {BYTES("GET / HTTP/1.1 \r\nHost: x\r\n\r\n"), ERR_START_LINE},
    {BYTES("GET /a b HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_START_LINE},
    {BYTES("GET / HTTP/1.1\nHost: x\r\n\r\n"), ERR_START_LINE},
    {BYTES("GET / HTTP/1.1\rHost: x\r\n\r\n"), ERR_START_LINE},
    {BYTES("GET / HTTP/1.1\r\r\nHost: x\r\n\r\n"), ERR_START_LINE},
    {BYTES("G\0T / HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_START_LINE},
    {BYTES("GET /\r\n"), ERR_START_LINE},
    {BYTES("GET\r\n"), ERR_START_LINE},
    {BYTES("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), ERR_VERSION},
    {BYTES("GET / HTTP/0.9\r\nHost: x\r\n\r\n"), ERR_VERSION},
    {BYTES("GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_TARGET},
    {BYTES("GET /\x7f HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_TARGET},
    {BYTES("CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_METHOD},
    /* field lines */
    {BYTES(GET "A : 1\r\n\r\n"), ERR_FIELD},
    {BYTES(GET "A\t: 1\r\n\r\n"), ERR_FIELD},
    {BYTES(GET ": 1\r\n\r\n"), ERR_FIELD},
    {BYTES(GET "a: b\r\n c   \r\n\r\n"), ERR_FIELD}, /* as much white space as the fold is long */
    {BYTES(GET "A\r\n\r\n"), ERR_FIELD},
    {BYTES(GET "A\r\nB: 1\r\n\r\n"), ERR_FIELD},
    {BYTES(GET "A B: 1\r\n\r\n"), ERR_FIELD},
    {BYTES(GET "A(: 1\r\n\r\n"), ERR_FIELD},
    {BYTES(GET "\xc3\xa9: 1\r\n\r\n"), ERR_FIELD},
    {BYTES(GET "A\0: 1\r\n\r\n"), ERR_FIELD},
    {BYTES(GET "A: \0\r\n\r\n"), ERR_FIELD},
    {BYTES(GET "A: b\0\r\n\r\n"), ERR_FIELD},
    {BYTES(GET "A: b\x01\r\n\r\n"), ERR_FIELD},
    {BYTES(GET "A: b\x0b\r\n\r\n"), ERR_FIELD},
    {BYTES(GET "A: b\x1f"
               "c\r\n\r\n"),
     ERR_FIELD},
    {BYTES(GET "A: b\x7f\r\n\r\n"), ERR_FIELD},
    {BYTES(GET "A: b\rc\r\n\r\n"), ERR_FIELD},
    {BYTES(GET "A:\rTransfer-Encoding: chunked\r\n\r\n"), ERR_FIELD}, /* CVE-2023-30589 */
    {BYTES(GET "A: b\r\r\n\r\n"), ERR_FIELD},
    {BYTES(GET "A: b\nC: d\r\n\r\n"), ERR_FIELD},
    {BYTES(GET "A: b\n\r\n"), ERR_FIELD},
    {BYTES(GET "A:\n\r\n"), ERR_FIELD},
    {BYTES(GET "A: b\r\n\n"), ERR_FIELD},
    {BYTES(GET "\n"), ERR_FIELD},
    {BYTES(GET "A: b\r\n\rX"), ERR_FIELD},
    /* line folding, also behind an empty line of value and before the first field */
    {BYTES(GET "A: b\r\n c\r\n\r\n"), ERR_FIELD},
    {BYTES(GET "A: b\r\n\tc\r\n\r\n"), ERR_FIELD},
    {BYTES(GET "A: b \r\n c\r\n\r\n"), ERR_FIELD},
    {BYTES(GET "A:\r\n c\r\n\r\n"), ERR_FIELD},
    {BYTES(GET "A: \r\n\tc\r\n\r\n"), ERR_FIELD},
    {BYTES(GET "A:\r\n \r\n\r\n"), ERR_FIELD},
    {BYTES(GET "A: b\r\n \r\n\r\n"), ERR_FIELD},
    {BYTES(GET "A: b\r\n \r\n c\r\n\r\n"), ERR_FIELD},
    {BYTES("GET / HTTP/1.1\r\n Host: x\r\n\r\n"), ERR_FIELD},
    {BYTES("GET / HTTP/1.1\r\nHost: x\r\n Content-Length: 3\r\n\r\nGET"), ERR_FIELD},
    {BYTES(POST "Content-Length:\r\n 3\r\n\r\nGET"), ERR_FIELD},
    {BYTES(POST "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"), ERR_FIELD},
    /* Host */
    {BYTES("GET / HTTP/1.1\r\n\r\n"), ERR_HOST},
    {BYTES("GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n"), ERR_HOST},
    {BYTES("GET / HTTP/1.1\r\nHost: x y\r\n\r\n"), ERR_HOST},
    {BYTES("GET http://x/ HTTP/1.1\r\n\r\n"), ERR_HOST},
    /* lengths */
    {BYTES(POST "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"), ERR_LENGTH},
    {BYTES(POST "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc"), ERR_LENGTH},
    {BYTES(POST "Content-Length: 3, 3\r\n\r\nabc"), ERR_LENGTH},
    {BYTES(POST "Content-Length: 3,\r\n\r\nabc"), ERR_LENGTH},
    {BYTES(POST "Content-Length: +3\r\n\r\nabc"), ERR_LENGTH},
    {BYTES(POST "Content-Length: -3\r\n\r\nabc"), ERR_LENGTH},
    {BYTES(POST "Content-Length: 3 3\r\n\r\nabc"), ERR_LENGTH},
    {BYTES(POST "Content-Length: 0x3\r\n\r\nabc"), ERR_LENGTH},
    {BYTES(POST "Content-Length: 3.0\r\n\r\nabc"), ERR_LENGTH},
    {BYTES(POST "Content-Length: \"3\"\r\n\r\nabc"), ERR_LENGTH},
    {BYTES(POST "Content-Length: a\r\n\r\nabc"), ERR_LENGTH},
    {BYTES(POST "Content-Length:\r\n\r\nabc"), ERR_LENGTH},
    {BYTES(POST "Content-Length: 9223372036854775808\r\n\r\nabc"), ERR_LENGTH},
    {BYTES(POST "Content-Length: 18446744073709551616\r\n\r\nabc"), ERR_LENGTH},
    {BYTES(POST "Content-Length: 18446744073709551619\r\n\r\nabc"), ERR_LENGTH},
    {BYTES(POST "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), ERR_LENGTH},
    {BYTES(POST "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"), ERR_LENGTH},
    {BYTES(POST "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n0\r\n\r\n"), ERR_LENGTH},
    {BYTES(POST "Transfer-Encoding:\r\nContent-Length: 3\r\n\r\nabc"), ERR_LENGTH},
    {BYTES("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), ERR_LENGTH},
    /* transfer codings */
    {BYTES(POST "Transfer-Encoding:\r\n\r\n0\r\n\r\n"), ERR_LENGTH},
    {BYTES(POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), ERR_CODING},
    {BYTES(POST "Transfer-Encoding: , chunked\r\n\r\n0\r\n\r\n"), ERR_LENGTH},
    {BYTES(POST "Transfer-Encoding: chunked,\r\n\r\n0\r\n\r\n"), ERR_LENGTH},
    {BYTES(POST "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"), ERR_LENGTH},
    {BYTES(POST "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"), ERR_LENGTH},
    {BYTES(POST "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n"), ERR_LENGTH},
    {BYTES(POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"), ERR_LENGTH},
    {BYTES(POST "Transfer-Encoding: chunkedx\r\n\r\n0\r\n\r\n"), ERR_LENGTH},
    {BYTES(POST "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n"), ERR_LENGTH},
    {BYTES(POST "Transfer-Encoding: identity\r\n\r\n0\r\n\r\n"), ERR_LENGTH},
    {BYTES(POST "Expect: 200-ok\r\nContent-Length: 3\r\n\r\nabc"), ERR_EXPECT},
};

static void test_bad(void **state)
{
    unsigned wrong_count = 0;
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char want[64];
        snprintf(want, sizeof(want), "ERROR %s\n", err_word(bad[i].want));
        wrong_count += !transcript_is(&setup, bad[i].bytes, want, false);
    }
    assert_int_equal(wrong_count, 0);
}

/* Two fields of one coding: one of the two reasons, and the same one each time. */
static void test_repeated_coding(void **state)
{
    static const struct view cases[] = {
        BYTES(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        BYTES(POST "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        BYTES(POST "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        BYTES(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"),
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text got = TEXT_INIT;
        transcript_append(&got, &setup, cases[i], &(struct transcript_way){cases[i].len, 0, false});
        assert_true(strcmp(text_str(&got), "ERROR bad_request:length\n") == 0 ||
                    strcmp(text_str(&got), "ERROR bad_request:coding\n") == 0);
        assert_true(transcript_is(&setup, cases[i], text_str(&got), false));
        text_fini(&got);
    }
}

static void test_bad_behind_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct text bytes = TEXT_INIT, want = TEXT_INIT;
        text_append_str(&bytes, POST "Content-Length: 2\r\n\r\nhi");
        text_append(&bytes, bad[i].bytes);
        text_appendf(&want, "POST / 1.1\n Host: x\n Content-Length: 2\n length 2\n[hi]\nERROR %s\n",
                     err_word(bad[i].want));
        assert_true(transcript_is(&setup, text_view(&bytes), text_str(&want), false));
        text_fini(&bytes);
        text_fini(&want);
    }
}

/* A stream that ends at any byte of a message ends inside it; between messages it may. */
static void test_end_of_stream(void **state)
{
    static const struct view bytes = BYTES(POST "Content-Length: 2\r\n\r\nhi");
    (void)state;
    for (size_t len = 0; len <= bytes.len; len++) {
        struct text got = TEXT_INIT;
        transcript_append(&got, &setup, view_of(bytes.ptr, len),
                          &(struct transcript_way){len, 0, false});
        bool is_cut = len > 0 && len < bytes.len;
        assert_int_equal(strstr(text_str(&got), "CUT client_gone\n") != NULL, is_cut);
        text_fini(&got);
    }
    assert_true(transcript_is(&setup, VIEW("\r\n"), "", false));
    assert_true(transcript_is(&setup, VIEW("\r\n\r\n\r"), "", false));
    assert_true(transcript_is(&setup,
                              VIEW(GET "\r\n"
                                       "\r\n"),
                              "GET / 1.1\n Host: x\n none\n[]\n", false));
    assert_true(transcript_is(&setup, VIEW("\r\n\r\nG"), "CUT client_gone\n", false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_pipelined),
        cmocka_unit_test(test_left_over),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_repeated_coding),
        cmocka_unit_test(test_bad_behind_good),
        cmocka_unit_test(test_end_of_stream),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
