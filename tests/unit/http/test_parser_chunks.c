/* Chunked bodies (RFC 9112 § 7.1): what is a chunk, what is not, and how much framing is borne. */
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
#define HEAD         "PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
#define SEEN         "PUT / 1.1\n Host: x\n -Transfer-Encoding: chunked\n chunked\n"
#define OVERHEAD_MAX 512u

static struct parser_setup setup;

static int set_up(void **state)
{
    (void)state;
    parser_setup_init(
        &setup, PARSER_REQUEST,
        &(struct parser_limits){.max_head_bytes = OVERHEAD_MAX, .max_field_count = 10});
    return 0;
}

static void test_good(void **state)
{
    static const struct {
        struct view bytes;
        const char *want;
    } cases[] = {
        {BYTES(HEAD "0\r\n\r\n"), SEEN "[]\n"},
        {BYTES(HEAD "5\r\nhello\r\n0\r\n\r\n"), SEEN "[hello]\n"},
        {BYTES(HEAD "1\r\nh\r\n004\r\nello\r\n00\r\n\r\n"), SEEN "[hello]\n"},
        {BYTES(HEAD "a\r\n0\r\n\r\n56789\r\nA\r\n0123456789\r\n0\r\n\r\n"),
         SEEN "[0\r\n\r\n567890123456789]\n"},
        {BYTES(HEAD "1;a\r\nx\r\n1;a=b\r\ny\r\n0;a=b\r\n\r\n"), SEEN "[xy]\n"},
        {BYTES(HEAD "1;a=1;b=2\r\nx\r\n1 ;a\r\ny\r\n1\t; a = \"b;c\"\r\nz\r\n0 ;a=1;b=2\r\n\r\n"),
         SEEN "[xyz]\n"},
        {BYTES(HEAD "000;a=1;b\r\n\r\nDEAD / HTTP/1.1\r\nHost: x\r\n\r\n"),
         SEEN "[]\nDEAD / 1.1\n Host: x\n none\n[]\n"},
        /* trailer fields are told, but for those that mean something to lb */
        {BYTES(HEAD "1\r\nx\r\n0\r\nA: b\r\nConnection: close\r\nHost: y\r\nB:\t c d \r\n\r\n"),
         SEEN "[x]\nA: b\r\nB: c d\r\n"},
        {BYTES(HEAD "0\r\nAccept: a\r\nVia: b\r\nUser-Agent: c\r\nReferer: d\r\n\r\n"),
         SEEN "[]\nAccept: a\r\nUser-Agent: c\r\nReferer: d\r\n"},
        {BYTES(HEAD "0\r\nA:\r\n\r\n"), SEEN "[]\nA:\r\n"},
        {BYTES(HEAD "1\r\nx\r\n0\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n" HEAD "0\r\n\r\n"),
         SEEN "[x]\n" SEEN "[]\n"},
        {BYTES(HEAD "3\r\nabc\r\n0\r\n\r\n\r\n" HEAD "3\r\ndef\r\n0\r\n\r\n"),
         SEEN "[abc]\n" SEEN "[def]\n"},
        {BYTES(HEAD), SEEN "CUT client_gone\n"},
        {BYTES(HEAD "3\r\nab"), SEEN "CUT client_gone\n"},
        {BYTES(HEAD "3\r\nabc\r\n"), SEEN "CUT client_gone\n"},
        {BYTES(HEAD "3\r\nabc\r\n0\r\n"), SEEN "CUT client_gone\n"},
        {BYTES(HEAD "7fffffffffffffff\r\nabc"), SEEN "CUT client_gone\n"},
    };
    unsigned wrong_count = 0;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        wrong_count += !transcript_is(&setup, cases[i].bytes, cases[i].want, false);
    assert_int_equal(wrong_count, 0);
}

static void test_bad(void **state)
{
    static const struct view cases[] = {
        /* sizes */
        BYTES(HEAD "\r\n\r\n"),
        BYTES(HEAD " 0\r\n\r\n"),
        BYTES(HEAD "\t0\r\n\r\n"),
        BYTES(HEAD "0 \r\n\r\n"),
        BYTES(HEAD "5 5\r\nhello\r\n0\r\n\r\n"),
        BYTES(HEAD "+5\r\nhello\r\n0\r\n\r\n"),
        BYTES(HEAD "-5\r\nhello\r\n0\r\n\r\n"),
        BYTES(HEAD "0x5\r\nhello\r\n0\r\n\r\n"),
        BYTES(HEAD "g\r\nhello\r\n0\r\n\r\n"),
        BYTES(HEAD "5_\r\nhello\r\n0\r\n\r\n"),
        BYTES(HEAD "5\0\r\nhello\r\n0\r\n\r\n"),
        BYTES(HEAD "\"5\"\r\nhello\r\n0\r\n\r\n"),
        BYTES(HEAD ";a\r\nhello\r\n0\r\n\r\n"),
        BYTES(HEAD "10000000000000005\r\nhello\r\n0\r\n\r\n"),
        BYTES(HEAD "fffffffffffffffff\r\nhello\r\n0\r\n\r\n"),
        /* line ends */
        BYTES(HEAD "5\nhello\r\n0\r\n\r\n"),
        BYTES(HEAD "5\rhello\r\n0\r\n\r\n"),
        BYTES(HEAD "5\r\r\nhello\r\n0\r\n\r\n"),
        BYTES(HEAD "5\r\nhello\n0\r\n\r\n"),
        BYTES(HEAD "5\r\nhello0\r\n\r\n"),
        BYTES(HEAD "5\r\nhello\r0\r\n\r\n"),
        BYTES(HEAD "5\r\nhello!\r\n0\r\n\r\n"),
        BYTES(HEAD "5\r\nhello!!\r\n0\r\n\r\n"),
        BYTES(HEAD "6\r\nhello\r\n0\r\n\r\n"),
        BYTES(HEAD "0\n\r\n"),
        BYTES(HEAD "0\r\n\n"),
        BYTES(HEAD "0\r\n\r!"),
        BYTES(HEAD "0\r\r\n\r\n"),
        /* extensions and trailers */
        BYTES(HEAD "5;a\nhello\r\n0\r\n\r\n"),
        BYTES(HEAD "5;a\rb\r\nhello\r\n0\r\n\r\n"),
        BYTES(HEAD "5;\0\r\nhello\r\n0\r\n\r\n"),
        BYTES(HEAD "5;\x7f\r\nhello\r\n0\r\n\r\n"),
        BYTES(HEAD "5 a\r\nhello\r\n0\r\n\r\n"),
        BYTES(HEAD "5 \r\nhello\r\n0\r\n\r\n"),
        BYTES(HEAD "0\r\nA : b\r\n\r\n"),
        BYTES(HEAD "0\r\n b\r\n\r\n"),
        BYTES(HEAD "0\r\nA\r\n\r\n"),
        BYTES(HEAD "0\r\n: b\r\n\r\n"),
        BYTES(HEAD "0\r\nA: b\r\n c\r\n\r\n"),
        BYTES(HEAD "0\r\nA:\r\n c\r\n\r\n"),
        BYTES(HEAD "0\r\nA: b\nC: d\r\n\r\n"),
        BYTES(HEAD "0\r\nA: b\0\r\n\r\n"),
        BYTES(HEAD "0\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"),
    };
    unsigned wrong_count = 0;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        wrong_count += !transcript_is(&setup, cases[i], SEEN "ERROR bad_request:chunk\n", false);
    assert_int_equal(wrong_count, 0);
}

/* Framing around one body byte: as much as a head may have, and one byte more. */
static void test_overhead(void **state)
{
    static const struct {
        const char *before, *after; /* `count` bytes of filling go between them */
        size_t fixed_bytes;         /* framing without the filling */
        const char *body;
    } cases[] = {
        {HEAD "1;", "\r\nx\r\n0\r\n\r\n", 4, "[x]\n"},                  /* first chunk */
        {HEAD "1\r\nx\r\n1;", "\r\ny\r\n0\r\n\r\n", 6, "[xy]\n"},       /* between two */
        {HEAD "1\r\nx\r\n0;", "\r\n\r\n", 8, "[x]\n"},                  /* last chunk */
        {HEAD "1\r\nx\r\n0\r\nTE: ", "\r\n\r\n", 13, "[x]\n"},          /* trailer field */
        {HEAD "1\r\nx\r\n0\r\nTE: ", "\r\nTE: 1\r\n\r\n", 20, "[x]\n"}, /* two of them */
        {HEAD "1;a\r\nx\r\n001;", "\r\ny\r\n0\r\n\r\n", 8, "[xy]\n"},   /* counted anew */
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t over = 0; over <= 1; over++) {
            struct text bytes = TEXT_INIT, want = TEXT_INIT;
            text_append_str(&bytes, cases[i].before);
            for (size_t count = OVERHEAD_MAX - cases[i].fixed_bytes + over; count > 0; count--)
                text_append_char(&bytes, 'e');
            text_append_str(&bytes, cases[i].after);
            text_append_str(&want, SEEN);
            text_append_str(&want, over ? "ERROR bad_request:chunk\n" : cases[i].body);
            assert_true(transcript_is(&setup, text_view(&bytes), text_str(&want), false));
            text_fini(&bytes);
            text_fini(&want);
        }
    }
}

/* A step without input, as after a pause, changes nothing, wherever it comes. */
static void test_empty_input(void **state)
{
    static const char message[] = HEAD "5\r\nhello\r\n5;a=b\r\nworld\r\n0\r\nA: b\r\n\r\n";
    (void)state;
    for (size_t cut = sizeof(HEAD) - 1; cut < sizeof(message) - 1; cut++) {
        struct parser parser;
        struct text body = TEXT_INIT;
        struct view parts[] = {view_of(message, cut), view_of(NULL, 0),
                               view_of(message + cut, sizeof(message) - 1 - cut)};
        enum parser_event event = PARSER_MORE;
        struct view span;
        parser_init(&parser, &setup);
        for (size_t i = 0; i < 3; i++)
            while ((event = parser_step(&parser, &parts[i], &span)) != PARSER_MORE &&
                   event != PARSER_END) {
                assert_int_not_equal(event, PARSER_ERROR);
                if (event == PARSER_BODY)
                    text_append(&body, span);
            }
        assert_int_equal(event, PARSER_END);
        assert_string_equal(text_str(&body), "helloworld");
        text_fini(&body);
        parser_fini(&parser);
    }
}

/* Many small chunks never add up to too much framing. */
static void test_many_chunks(void **state)
{
    struct text bytes = TEXT_INIT, want = TEXT_INIT;
    (void)state;
    text_append_str(&bytes, HEAD);
    text_append_str(&want, SEEN "[");
    for (unsigned i = 0; i < 500; i++) {
        text_append_str(&bytes, "1;a=b\r\nx\r\n");
        text_append_char(&want, 'x');
    }
    text_append_str(&bytes, "0\r\n\r\n");
    text_append_str(&want, "]\n");
    for (size_t step = 1; step < 20; step++) {
        struct text got = TEXT_INIT;
        transcript_append(&got, &setup, text_view(&bytes),
                          &(struct transcript_way){step, step, false});
        assert_string_equal(text_str(&got), text_str(&want));
        text_fini(&got);
    }
    text_fini(&bytes);
    text_fini(&want);
}

static void append_body(struct parser *parser, struct view input, struct text *body)
{
    struct view piece;
    enum parser_event event;
    while ((event = parser_step(parser, &input, &piece)) == PARSER_BODY)
        text_append(body, piece);
    assert_int_not_equal(event, PARSER_ERROR);
}

/* Between two reads a step may find nothing, at no address: where pressure has paused the body and
 * lets it go on. */
static void test_nothing_between(void **state)
{
    static const struct view bytes = BYTES("a\r\n0123456789\r\n0\r\n\r\n");
    (void)state;
    for (size_t cut = 0; cut <= bytes.len; cut++) {
        struct parser parser;
        struct text body = TEXT_INIT;
        struct view head = VIEW(HEAD), piece;
        parser_init(&parser, &setup);
        assert_int_equal(parser_step(&parser, &head, &piece), PARSER_HEAD);
        append_body(&parser, view_of(bytes.ptr, cut), &body);
        append_body(&parser, view_of(NULL, 0), &body);
        append_body(&parser, view_skip(bytes, cut), &body);
        assert_int_equal(parser.phase, PARSER_AT_END);
        assert_string_equal(text_str(&body), "0123456789");
        text_fini(&body);
        parser_fini(&parser);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_overhead),    cmocka_unit_test(test_empty_input),
        cmocka_unit_test(test_many_chunks), cmocka_unit_test(test_nothing_between),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
