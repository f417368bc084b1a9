/* What goes out in one write, byte for byte; and that a parser understands it as it was meant. */
#include "lb/http/relay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lb/base/rng.h"
#include "lb/base/text.h"
#include "lb/http/parser.h"

static struct relay relay;

static int set_up(void **state)
{
    (void)state;
    memset(&relay, 0xA5, sizeof(relay));
    relay_reset(&relay);
    return 0;
}

static struct text flatten(void)
{
    struct text text = TEXT_INIT;
    unsigned count = relay_pieces(&relay);
    assert_in_range(count, 0, sizeof(relay.pieces) / sizeof(relay.pieces[0]));
    for (unsigned i = 0; i < count; i++)
        text_append(&text, view_of(relay.pieces[i].iov_base, relay.pieces[i].iov_len));
    return text;
}

/* Compares what is collected, and begins anew. */
static void check(const char *want)
{
    struct text got = flatten();
    assert_string_equal(text_str(&got), want);
    text_fini(&got);
    relay_reset(&relay);
    assert_int_equal(relay_pieces(&relay), 0);
}

static void test_plain(void **state)
{
    (void)state;
    check("");
    relay_head(&relay, VIEW("HEAD\r\n\r\n"));
    check("HEAD\r\n\r\n");
    relay_head(&relay, VIEW("HEAD\r\n\r\n"));
    assert_true(relay_body(&relay, VIEW("one "), false));
    assert_true(relay_body(&relay, VIEW("two"), false));
    relay_end(&relay, false, view_of(NULL, 0));
    check("HEAD\r\n\r\none two");
    assert_true(relay_body(&relay, VIEW("rest"), false));
    check("rest");
    relay_end(&relay, false, VIEW("A: b\r\n")); /* no place for trailers in a plain body */
    check("");
}

static void test_chunked(void **state)
{
    (void)state;
    relay_head(&relay, VIEW("HEAD\r\n\r\n"));
    assert_true(relay_body(&relay, VIEW("0123456789"), true));
    assert_true(relay_body(&relay, VIEW("abcdef!"), true));
    check("HEAD\r\n\r\n11\r\n0123456789abcdef!\r\n"); /* the pieces of one read are one chunk */
    relay_end(&relay, true, view_of(NULL, 0));
    check("0\r\n\r\n");
    relay_head(&relay, VIEW("HEAD\r\n\r\n"));
    relay_end(&relay, true, view_of(NULL, 0));
    check("HEAD\r\n\r\n0\r\n\r\n");
    assert_true(relay_body(&relay, VIEW("x"), true));
    relay_end(&relay, true, VIEW("A: b\r\nC: d\r\n"));
    check("1\r\nx\r\n0\r\nA: b\r\nC: d\r\n\r\n");
    relay_end(&relay, true, view_of(NULL, 0)); /* earlier trailers are forgotten */
    check("0\r\n\r\n");
    assert_true(relay_body(&relay, view_of("", 0), true)); /* must not look like the last chunk */
    check("");
}

static void test_chunk_size(void **state)
{
    static const struct {
        size_t size;
        const char *want;
    } cases[] = {
        {1, "1\r\n"},        {9, "9\r\n"},         {10, "a\r\n"},         {15, "f\r\n"},
        {16, "10\r\n"},      {255, "ff\r\n"},      {256, "100\r\n"},      {4096, "1000\r\n"},
        {65535, "ffff\r\n"}, {65536, "10000\r\n"}, {703710, "abcde\r\n"},
    };
    struct text body = TEXT_INIT;
    (void)state;
    while (body.len < 703710)
        text_append_char(&body, 'b');
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_true(relay_body(&relay, view_of(body.bytes, cases[i].size), true));
        struct text got = flatten();
        size_t len = strlen(cases[i].want);
        assert_int_equal(got.len, len + cases[i].size + 2);
        assert_memory_equal(got.bytes, cases[i].want, len);
        assert_memory_equal(got.bytes + got.len - 2, "\r\n", 2);
        text_fini(&got);
        relay_reset(&relay);
    }
    text_fini(&body);
}

/* A full relay takes no more and loses nothing; head, end and trailers always have room. */
static void test_full(void **state)
{
    char want[RELAY_PIECES_MAX + 64];
    (void)state;
    relay_head(&relay, VIEW("H"));
    for (unsigned i = 0; i < RELAY_PIECES_MAX; i++)
        assert_true(relay_body(&relay, VIEW("x"), true));
    for (unsigned i = 0; i < 3; i++)
        assert_false(relay_body(&relay, VIEW("y"), true));
    relay_end(&relay, true, VIEW("A: b\r\n"));
    memcpy(want, "H30\r\n", 5);
    memset(want + 5, 'x', RELAY_PIECES_MAX);
    memcpy(want + 5 + RELAY_PIECES_MAX, "\r\n0\r\nA: b\r\n\r\n", 14);
    assert_int_equal(RELAY_PIECES_MAX, 0x30);
    check(want);
    assert_true(relay_body(&relay, VIEW("y"), true));
    check("1\r\ny\r\n");
}

/* ---- any body ------------------------------------------------------------------------------- */

static void parse_body(struct view bytes, struct text *body, struct text *trailers)
{
    struct parser_setup setup;
    struct parser parser;
    struct view span;
    parser_setup_init(&setup, PARSER_RESPONSE,
                      &(struct parser_limits){.max_head_bytes = 4096, .max_field_count = 100});
    parser_init(&parser, &setup);
    assert_int_equal(parser_step(&parser, &bytes, &span), PARSER_HEAD);
    for (;;) {
        enum parser_event event = parser_step(&parser, &bytes, &span);
        if (event == PARSER_END)
            break;
        assert_int_equal(event, PARSER_BODY);
        text_append(body, span);
    }
    assert_int_equal(bytes.len, 0);
    text_append(trailers, parser_trailers(&parser));
    parser_fini(&parser);
}

static void test_any_body(void **state)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    static const char source[] =
        "0\r\n\r\n5\r\nhello, this is a body that looks like chunks\r\n0\r\n";
    struct rng rng = {13};
    (void)state;
    for (unsigned round = 0; round < 300; round++) {
        struct text wire = TEXT_INIT, want = TEXT_INIT, got = TEXT_INIT, trailers = TEXT_INIT;
        bool has_trailers = rng_next(&rng) & 1;
        relay_head(&relay, view_str(head));
        for (unsigned writes = 1 + (unsigned)(rng_next(&rng) % 8); writes > 0; writes--) {
            for (unsigned count = (unsigned)(rng_next(&rng) % 60); count > 0; count--) {
                struct view piece = view_of(source, (size_t)(rng_next(&rng) % sizeof(source)));
                if (relay_body(&relay, piece, true))
                    text_append(&want, piece);
            }
            if (writes == 1)
                relay_end(&relay, true, has_trailers ? VIEW("A: b\r\n") : view_of(NULL, 0));
            struct text part = flatten();
            text_append(&wire, text_view(&part));
            text_fini(&part);
            relay_reset(&relay);
        }
        parse_body(text_view(&wire), &got, &trailers);
        assert_true(view_eq(text_view(&got), text_view(&want)));
        assert_string_equal(text_str(&trailers), has_trailers ? "A: b\r\n" : "");
        text_fini(&wire);
        text_fini(&want);
        text_fini(&got);
        text_fini(&trailers);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_plain, set_up),
        cmocka_unit_test_setup(test_chunked, set_up),
        cmocka_unit_test_setup(test_chunk_size, set_up),
        cmocka_unit_test_setup(test_full, set_up),
        cmocka_unit_test_setup(test_any_body, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
