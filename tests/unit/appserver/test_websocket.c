#include "appserver/websocket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define MASK "\x37\xfa\x21\x3d"

/* A masked frame of the client. */
static void put_frame(struct text *out, unsigned first, struct view payload)
{
    static const char mask[] = MASK;
    text_append_char(out, (char)first);
    if (payload.len < 126) {
        text_append_char(out, (char)(0x80 | payload.len));
    } else {
        unsigned length_bytes = payload.len <= 0xFFFF ? 2 : 8;
        text_append_char(out, (char)(0x80 | (length_bytes == 2 ? 126 : 127)));
        for (unsigned i = length_bytes; i > 0; i--)
            text_append_char(out, (char)((uint64_t)payload.len >> 8 * (i - 1)));
    }
    text_append(out, VIEW(MASK));
    for (size_t i = 0; i < payload.len; i++)
        text_append_char(out, (char)(payload.ptr[i] ^ mask[i % 4]));
}

static void assert_view(struct view got, struct view expected)
{
    assert_int_equal(got.len, expected.len);
    if (got.len > 0)
        assert_memory_equal(got.ptr, expected.ptr, got.len);
}

/* In one piece, and in two pieces cut anywhere. */
static void assert_answer(struct view input, struct view expected, bool is_over)
{
    for (size_t at = 0; at <= input.len; at++) {
        struct websocket socket = {0};
        websocket_take(&socket, view_of(input.ptr, at));
        websocket_take(&socket, view_skip(input, at));
        assert_view(text_view(&socket.output), expected);
        assert_int_equal(socket.is_over, is_over);
        websocket_fini(&socket);
    }
}

static void assert_frame_answer(unsigned first, struct view payload, struct view expected,
                                bool is_over)
{
    struct text input = TEXT_INIT;
    put_frame(&input, first, payload);
    assert_answer(text_view(&input), expected, is_over);
    text_fini(&input);
}

static void test_accept_of_the_rfc(void **state)
{
    (void)state;
    char accept[WEBSOCKET_ACCEPT_BYTES];
    websocket_accept(VIEW("dGhlIHNhbXBsZSBub25jZQ=="), accept); /* RFC 6455 § 1.3 */
    assert_string_equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

static void test_keys(void **state)
{
    (void)state;
    assert_true(websocket_is_key(VIEW("dGhlIHNhbXBsZSBub25jZQ==")));
    assert_false(websocket_is_key(VIEW("")));
    assert_false(websocket_is_key(VIEW("dGhlIHNhbXBsZSBub25jZQ=")));
    assert_false(websocket_is_key(VIEW("dGhlIHNhbXBsZSBub25jZWE=")));
    assert_false(websocket_is_key(VIEW("dGhlIHNhbXBs\0SBub25jZQ==")));
    assert_false(websocket_is_key(VIEW("dGhlIHNhbXBs-SBub25jZQ==")));
}

static void test_messages_come_back(void **state)
{
    (void)state;
    /* RFC 6455 § 5.7: a masked "Hello", and the unmasked one. */
    assert_answer(VIEW("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"), VIEW("\x81\x05Hello"),
                  false);
    assert_frame_answer(0x82, VIEW("\x00\xff"), VIEW("\x82\x02\x00\xff"), false);
    assert_frame_answer(0x81, VIEW(""), VIEW("\x81\x00"), false);
}

static void test_long_lengths(void **state)
{
    (void)state;
    static char bytes[70000];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)(i % 251);
    static const size_t lengths[] = {125, 126, 65535, 65536, sizeof(bytes)};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct websocket socket = {0};
        struct text input = TEXT_INIT;
        put_frame(&input, 0x82, view_of(bytes, lengths[i]));
        websocket_take(&socket, text_view(&input));
        size_t head_bytes = input.len - lengths[i] - 4;
        assert_int_equal(socket.output.len, head_bytes + lengths[i]);
        assert_memory_equal(socket.output.bytes + 2, input.bytes + 2, head_bytes - 2);
        assert_int_equal((unsigned char)socket.output.bytes[1],
                         (unsigned char)input.bytes[1] & 0x7F);
        assert_memory_equal(socket.output.bytes + head_bytes, bytes, lengths[i]);
        text_fini(&input);
        websocket_fini(&socket);
    }
}

static void test_fragments_with_a_ping_between(void **state)
{
    (void)state;
    struct text input = TEXT_INIT;
    put_frame(&input, 0x01, VIEW("Hel"));
    put_frame(&input, 0x89, VIEW("are you there"));
    put_frame(&input, 0x8A, VIEW("nobody asked"));
    put_frame(&input, 0x00, VIEW("l"));
    put_frame(&input, 0x80, VIEW("o"));
    put_frame(&input, 0x82, VIEW("next"));
    assert_answer(text_view(&input),
                  VIEW("\x01\x03Hel\x8a\x0d"
                       "are you there"
                       "\x00\x01l\x80\x01o\x82\x04next"),
                  false);
    text_fini(&input);
}

static void test_close(void **state)
{
    (void)state;
    assert_frame_answer(0x88, VIEW(""), VIEW("\x88\x00"), true);
    assert_frame_answer(0x88, VIEW("\x03\xe8 done"), VIEW("\x88\x02\x03\xe8"), true);
    assert_frame_answer(0x88, VIEW("\x0f\xa0"), VIEW("\x88\x02\x0f\xa0"), true);
    struct text input = TEXT_INIT;
    put_frame(&input, 0x88, VIEW(""));
    put_frame(&input, 0x81, VIEW("after the end"));
    assert_answer(text_view(&input), VIEW("\x88\x00"), true);
    text_fini(&input);
}

#define CLOSE_1002 VIEW("\x88\x02\x03\xea")
#define CLOSE_1007 VIEW("\x88\x02\x03\xef")
#define CLOSE_1009 VIEW("\x88\x02\x03\xf1")

static void test_what_is_against_the_protocol(void **state)
{
    (void)state;
    static const unsigned bad_starts[] = {0xC1, 0xA1, 0x91, 0x83, 0x87, 0x8B,
                                          0x8F, 0x09, 0x08, 0x00, 0x80};
    for (size_t i = 0; i < sizeof(bad_starts) / sizeof(bad_starts[0]); i++)
        assert_frame_answer(bad_starts[i], VIEW("a"), CLOSE_1002, true);
    assert_answer(VIEW("\x81\x05Hello"), CLOSE_1002, true); /* not masked */
    /* A control frame of 126 bytes, lengths that are not the shortest, one of 64 bits. */
    assert_answer(VIEW("\x89\xfe\x00\x7e"), CLOSE_1002, true);
    assert_answer(VIEW("\x82\xfe\x00\x7d" MASK), CLOSE_1002, true);
    assert_answer(VIEW("\x82\xff\x00\x00\x00\x00\x00\x00\xff\xff" MASK), CLOSE_1002, true);
    assert_answer(VIEW("\x82\xff\x80\x00\x00\x00\x00\x00\x00\x00" MASK), CLOSE_1002, true);
    static const char *const bad_codes[] = {"\x03\xe7", "\x03\xec", "\x03\xed", "\x03\xee",
                                            "\x03\xf7", "\x0b\xb7", "\x13\x88", "\xff\xff"};
    for (size_t i = 0; i < sizeof(bad_codes) / sizeof(bad_codes[0]); i++)
        assert_frame_answer(0x88, view_of(bad_codes[i], 2), CLOSE_1002, true);
    assert_frame_answer(0x88, VIEW("a"), CLOSE_1002, true);
    assert_frame_answer(0x88, VIEW("\x03\xe8\xc3\x28"), CLOSE_1007, true);
    struct text input = TEXT_INIT; /* a message begins in another */
    put_frame(&input, 0x01, VIEW("a"));
    put_frame(&input, 0x81, VIEW("b"));
    assert_answer(text_view(&input), VIEW("\x01\x01\x61\x88\x02\x03\xea"), true);
    text_fini(&input);
}

static void test_frames_are_bounded(void **state)
{
    (void)state;
    assert_answer(VIEW("\x82\xff\x00\x00\x00\x00\x00\x10\x00\x01" MASK), CLOSE_1009, true);
    assert_answer(VIEW("\x82\xff\x00\x00\x00\x00\x00\x10\x00\x00" MASK),
                  VIEW("\x82\x7f\x00\x00\x00\x00\x00\x10\x00\x00"), false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accept_of_the_rfc),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_messages_come_back),
        cmocka_unit_test(test_long_lengths),
        cmocka_unit_test(test_fragments_with_a_ping_between),
        cmocka_unit_test(test_close),
        cmocka_unit_test(test_what_is_against_the_protocol),
        cmocka_unit_test(test_frames_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
