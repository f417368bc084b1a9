/* Messages, byte by byte. */
#include "lb/gelf/gelf_message.h"

#include <stdlib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lb/base/utf8.h"
#include "lb/gelf/gelf_chunk.h"

#define NOW_NS 1795314600123456789u

static const struct gelf_message_origin plain = {.host = "box", .tag = "lb"};

static void check(const struct gelf_message_origin *origin, struct view line, const char *want)
{
    struct text out = TEXT_INIT;
    gelf_message_put(&out, origin, line, NOW_NS);
    assert_string_equal(text_str(&out), want);
    assert_int_equal(strlen(want), out.len);
    text_fini(&out);
}

static void test_bytes(void **state)
{
    static const struct gelf_message_origin contained = {
        .host = "b\"x", .tag = "lb", .container_name = "web1", .container_id = "0123456789ab"};
    (void)state;
    check(&plain, VIEW("plain words"),
          "{\"version\":\"1.1\",\"host\":\"box\",\"short_message\":\"plain words\","
          "\"timestamp\":1795314600.123,\"level\":6,\"_tag\":\"lb\"}");
    check(&plain,
          VIEW("{\"@timestamp\":\"2026-11-22T02:29:59.987654Z\",\"log.level\":\"error\","
               "\"log.logger\":\"lb-discovery\",\"message\":\"a\\n\"}"),
          "{\"version\":\"1.1\",\"host\":\"box\",\"short_message\":\"{\\\"@timestamp\\\":"
          "\\\"2026-11-22T02:29:59.987654Z\\\",\\\"log.level\\\":\\\"error\\\",\\\"log.logger\\\":"
          "\\\"lb-discovery\\\",\\\"message\\\":\\\"a\\\\n\\\"}\","
          "\"timestamp\":1795314599.988,\"level\":3,\"_tag\":\"lb\",\"_logger\":\"lb-discovery\"}");
    check(&contained, VIEW("x"),
          "{\"version\":\"1.1\",\"host\":\"b\\\"x\",\"short_message\":\"x\","
          "\"timestamp\":1795314600.123,\"level\":6,\"_tag\":\"lb\","
          "\"_container_name\":\"web1\",\"_container_id\":\"0123456789ab\"}");
    check(&(struct gelf_message_origin){.host = "box"}, VIEW("x"),
          "{\"version\":\"1.1\",\"host\":\"box\",\"short_message\":\"x\","
          "\"timestamp\":1795314600.123,\"level\":6}");
}

/* What would break a message, or a reader's terminal, is written as an escape or as U+FFFD. */
static void test_hostile(void **state)
{
    (void)state;
    check(
        &plain, view_of("a\0b\x1b[31m\xff\xc0\xaf\xed\xa0\x80\xe2\x80\xae\"\\", 19),
        "{\"version\":\"1.1\",\"host\":\"box\",\"short_message\":\"a\\u0000b\\u001b[31m"
        "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\\u202e\\\"\\\\\","
        "\"timestamp\":1795314600.123,\"level\":6,\"_tag\":\"lb\"}");
}

/* As many bytes as may be stay, one more is cut, never inside a character. */
static void test_long(void **state)
{
    static const struct {
        const char *character;
        size_t kept; /* bytes of GELF_MESSAGE_LINE_BYTES */
    } cases[] = {
        {"x", 16384}, {"\xC3\xA9", 16384}, {"\xE2\x82\xAC", 16383}, {"\xF0\x9F\x98\x80", 16384}};
    static char line[65540];
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct text out = TEXT_INIT, want = TEXT_INIT;
        size_t len = strlen(cases[i].character);
        for (size_t at = 0; at + len < sizeof(line); at += len)
            memcpy(line + at, cases[i].character, len);
        text_append_str(&want, "{\"version\":\"1.1\",\"host\":\"box\",\"short_message\":\"");
        text_append(&want, view_of(line, cases[i].kept));
        text_append_str(&want, "…\",\"timestamp\":1795314600.123,\"level\":6,\"_tag\":\"lb\"}");
        gelf_message_put(&out, &plain, view_of(line, 65536), NOW_NS);
        assert_string_equal(text_str(&out), text_str(&want));
        text_fini(&out);
        text_fini(&want);
    }
    memset(line, 'y', GELF_MESSAGE_LINE_BYTES + 1);
    struct text out = TEXT_INIT;
    gelf_message_put(&out, &plain, view_of(line, GELF_MESSAGE_LINE_BYTES), NOW_NS);
    assert_null(strstr(text_str(&out), "…"));
    text_clear(&out);
    gelf_message_put(&out, &plain, view_of(line, GELF_MESSAGE_LINE_BYTES + 1), NOW_NS);
    assert_non_null(strstr(text_str(&out), "yyy…\""));
    text_fini(&out);
}

/* Whatever 64 KiB of it: valid UTF-8 without control characters, in 128 chunks at most, not packed. */
static void test_worst(void **state)
{
    static char line[65536];
    static const unsigned char worst[] = {0x00, 0x1b, 0x7f, 0x80, 0xff, '"', '\\'};
    (void)state;
    for (size_t i = 0; i <= sizeof(worst); i++) {
        struct text out = TEXT_INIT;
        srand(3);
        for (size_t at = 0; at < sizeof(line); at++)
            line[at] = (char)(i < sizeof(worst) ? worst[i] : (unsigned)rand());
        gelf_message_put(&out, &plain, view_of(line, sizeof(line)), NOW_NS);
        assert_in_range(gelf_chunk_count(out.len, GELF_CHUNK_DATAGRAM_BYTES), 1, 128);
        for (struct view rest = text_view(&out); rest.len > 0;) {
            size_t len = utf8_length(rest);
            assert_true(len > 0 && !utf8_is_control(rest, len));
            rest = view_skip(rest, len);
        }
        text_fini(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_worst),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
