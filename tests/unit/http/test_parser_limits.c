/* How large a head may be: each limit exactly met, and exceeded by one, however the reads fall. */
#include "lb/http/parser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

#include "tests/unit/http/transcript.h"

#define TARGET_MAX 3000u

static struct parser_setup setup_of(uint32_t max_head_bytes, uint32_t max_field_count)
{
    struct parser_setup setup;
    parser_setup_init(&setup, PARSER_REQUEST,
                      &(struct parser_limits){.max_head_bytes = max_head_bytes,
                                              .max_field_count = max_field_count,
                                              .max_target_bytes = TARGET_MAX});
    return setup;
}

static struct text fill(const char *before, size_t count, const char *after)
{
    struct text bytes = TEXT_INIT;
    text_append_str(&bytes, before);
    while (count-- > 0)
        text_append_char(&bytes, 'a');
    text_append_str(&bytes, after);
    return bytes;
}

/* Makes a message of `total` bytes and checks that it is refused for `want`, or taken. */
static void check(uint32_t max_head_bytes, const char *before, const char *after, size_t total,
                  const char *want)
{
    struct parser_setup setup = setup_of(max_head_bytes, 20);
    struct text bytes = fill(before, total - strlen(before) - strlen(after), after);
    struct text got = TEXT_INIT;
    transcript_append(&got, &setup, text_view(&bytes),
                      &(struct transcript_way){bytes.len, 0, false});
    if (want)
        assert_string_equal(text_str(&got), want);
    else
        assert_null(strstr(text_str(&got), "ERROR"));
    assert_true(transcript_is(&setup, text_view(&bytes), text_str(&got), false));
    text_fini(&bytes);
    text_fini(&got);
}

static void test_head_bytes(void **state)
{
    static const char large[] = "ERROR bad_request:head_too_large\n";
    static const char long_target[] = "ERROR bad_request:target_too_long\n";
    static const char end[] = "\r\n\r\n";
    (void)state;
    for (uint32_t max = 1000; max <= 1100; max += 50) { /* below, at and above the first stash */
        static const char field[] = "GET / HTTP/1.1\r\nHost: x\r\nA: ";
        static const char name[] = "GET / HTTP/1.1\r\nHost: x\r\n";
        check(max, field, end, max, NULL);
        check(max, field, end, max + 1, large);
        check(max, field, end, max + 1000, large);
        check(max, field, "", max + 1, large);
        check(max, name, ":\r\n\r\n", max, NULL);
        check(max, name, ":\r\n\r\n", max + 1, large);
        check(max, "GET /", " HTTP/1.1\r\nHost: x\r\n\r\n", max, NULL);
        check(max, "GET /", " HTTP/1.1\r\nHost: x\r\n\r\n", max + 1, large);
        check(max, "GET /", " HTTP/1.1\r\nHost: x\r\n\r\n", max + 100, long_target);
        check(max, "GET /", "", max + 1, long_target);
        check(max, "", "", max + 1, long_target);
    }
}

static void test_target_bytes(void **state)
{
    static const char before[] = "GET ", after[] = " HTTP/1.1\r\nHost: x\r\n\r\n";
    const size_t around = sizeof(before) + sizeof(after) - 2;
    (void)state;
    check(8000, "GET /", after, TARGET_MAX + around, NULL);
    check(8000, "GET /", after, TARGET_MAX + around + 1, "ERROR bad_request:target_too_long\n");
}

/* The limit counts the head alone: what lies behind it in the same read does not matter. */
static void test_body_behind_full_head(void **state)
{
    struct parser_setup setup = setup_of(512, 20);
    struct text bytes =
        fill("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 600\r\nA: ", 512 - 49 - 4, "\r\n\r\n");
    (void)state;
    assert_int_equal(bytes.len, 512);
    struct text body = fill("", 600, "");
    text_append(&bytes, text_view(&body));
    struct text want =
        fill("PUT / 1.1\n Host: x\n Content-Length: 600\n A: ", 512 - 49 - 4, "\n length 600\n[");
    text_append(&want, text_view(&body));
    text_append_str(&want, "]\n");
    assert_true(transcript_is(&setup, text_view(&bytes), text_str(&want), false));
    text_fini(&bytes);
    text_fini(&body);
    text_fini(&want);
}

static void test_field_count(void **state)
{
    static const uint32_t limits[] = {1, 2, 100, HEAD_FIELD_MAX};
    (void)state;
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        struct parser_setup setup = setup_of(65536, limits[i]);
        struct text bytes = TEXT_INIT, want = TEXT_INIT;
        text_append_str(&bytes, "GET / HTTP/1.1\r\nHost: x\r\n");
        text_append_str(&want, "GET / 1.1\n Host: x\n");
        for (unsigned count = 1; count < limits[i]; count++) {
            text_appendf(&bytes, "A%u: b\r\n", count);
            text_appendf(&want, " A%u: b\n", count);
        }
        size_t full = bytes.len;
        text_append_str(&bytes, "\r\n");
        text_append_str(&want, " none\n[]\n");
        assert_true(transcript_is(&setup, text_view(&bytes), text_str(&want), false));
        bytes.len = full;
        text_append_str(&bytes, "One-too-many: b\r\n\r\n");
        assert_true(
            transcript_is(&setup, text_view(&bytes), "ERROR bad_request:head_too_large\n", false));
        text_fini(&bytes);
        text_fini(&want);
    }
}

/* Longer than what one field's length is counted in. */
static void test_long_name(void **state)
{
    struct parser_setup setup = setup_of(200000, 20);
    (void)state;
    for (size_t len = UINT16_MAX; len <= UINT16_MAX + 2u; len++) {
        struct text bytes = fill("GET / HTTP/1.1\r\nHost: x\r\n", len, ": b\r\n\r\n");
        bool is_taken = len <= UINT16_MAX;
        for (size_t step = 4096; step <= bytes.len * 2; step *= 6) {
            struct text got = TEXT_INIT;
            transcript_append(&got, &setup, text_view(&bytes),
                              &(struct transcript_way){step, step, false});
            assert_int_equal(strcmp(text_str(&got), "ERROR bad_request:head_too_large\n") != 0,
                             is_taken);
            text_fini(&got);
        }
        text_fini(&bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_head_bytes),
        cmocka_unit_test(test_target_bytes),
        cmocka_unit_test(test_body_behind_full_head),
        cmocka_unit_test(test_field_count),
        cmocka_unit_test(test_long_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
