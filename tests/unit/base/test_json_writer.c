/* JSON out: commas, escapes, and valid UTF-8 whatever goes in. */
#include "lb/base/json_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BAD          "\xEF\xBF\xBD"

static void test_structure(void **state)
{
    struct text out = TEXT_INIT;
    struct json_writer json;
    (void)state;
    json_writer_init(&json, &out);
    json_writer_begin_object(&json);
    json_writer_field_str(&json, "a", "x");
    json_writer_field_str(&json, "none", NULL);
    json_writer_field_if_any(&json, "left out", NULL);
    json_writer_field_if_any(&json, "left out", "");
    json_writer_key(&json, "list");
    json_writer_begin_array(&json);
    json_writer_begin_array(&json);
    json_writer_end_array(&json);
    json_writer_begin_object(&json);
    json_writer_end_object(&json);
    json_writer_uint(&json, 1);
    json_writer_bool(&json, true);
    json_writer_null(&json);
    json_writer_end_array(&json);
    json_writer_field_uint(&json, "n", 7);
    json_writer_field_bool(&json, "b", false);
    json_writer_key(&json, "q\"");
    json_writer_begin_object(&json);
    json_writer_field_uint(&json, "deep", 1);
    json_writer_end_object(&json);
    json_writer_end_object(&json);
    assert_string_equal(text_str(&out), "{\"a\":\"x\",\"none\":null,\"list\":[[],{},1,true,null],"
                                        "\"n\":7,\"b\":false,\"q\\\"\":{\"deep\":1}}");
    text_fini(&out);
}

static void test_strings(void **state)
{
    static const struct {
        struct view value;
        const char *json;
    } rows[] = {
        {{NULL, 0}, "\"\""},
        {VIEW("plain"), "\"plain\""},
        {VIEW("\"\\/"), "\"\\\"\\\\/\""},
        {VIEW("\n\r\t"), "\"\\n\\r\\t\""},
        {VIEW("\x01\x1F\x7F"), "\"\\u0001\\u001f\\u007f\""},
        {VIEW("a\0b"), "\"a\\u0000b\""},
        /* UTF-8 of each length, first and last of its range (RFC 3629 § 4) */
        {VIEW("\xC2\xA0\xDF\xBF"), "\"\xC2\xA0\xDF\xBF\""},
        {VIEW("\xE0\xA0\x80\xEF\xBF\xBD"), "\"\xE0\xA0\x80\xEF\xBF\xBD\""},
        {VIEW("\xED\x9F\xBF\xEE\x80\x80"), "\"\xED\x9F\xBF\xEE\x80\x80\""},
        {VIEW("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"), "\"\xF0\x90\x80\x80\xF4\x8F\xBF\xBF\""},
        /* what a terminal obeys: C1, bidi marks, tags */
        {VIEW("\xC2\x80\xC2\x9Bm\xC2\x9F"), "\"\\u0080\\u009bm\\u009f\""},
        {VIEW("a\xE2\x80\xAEz\xE2\x81\xA6"), "\"a\\u202ez\\u2066\""},
        {VIEW("\xE2\x80\x8B\xEF\xBB\xBF\xEF\xBF\xBF"), "\"\\u200b\\ufeff\\uffff\""},
        {VIEW("\xF3\xA0\x80\xA0"), "\"\\udb40\\udc20\""},
        /* no UTF-8: alone, overlong, surrogate, too high, cut off */
        {VIEW("a\x80z"), "\"a" BAD "z\""},
        {VIEW("\xC0\x80"), "\"" BAD BAD "\""},
        {VIEW("\xC1\xBF"), "\"" BAD BAD "\""},
        {VIEW("\xE0\x9F\xBF"), "\"" BAD BAD BAD "\""},
        {VIEW("\xED\xA0\x80"), "\"" BAD BAD BAD "\""},
        {VIEW("\xF0\x8F\xBF\xBF"), "\"" BAD BAD BAD BAD "\""},
        {VIEW("\xF4\x90\x80\x80"), "\"" BAD BAD BAD BAD "\""},
        {VIEW("\xF5\x80\x80\x80"), "\"" BAD BAD BAD BAD "\""},
        {VIEW("\xFF\xFE"), "\"" BAD BAD "\""},
        {VIEW("\xC3"), "\"" BAD "\""},
        {VIEW("\xC3\"x"), "\"" BAD "\\\"x\""},
        {VIEW("\xE2\x82"), "\"" BAD BAD "\""},
        {VIEW("\xE2\x82z"), "\"" BAD BAD "z\""},
        {VIEW("\xF0\x9F\x98"), "\"" BAD BAD BAD "\""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct text out = TEXT_INIT;
        struct json_writer json;
        json_writer_init(&json, &out);
        json_writer_string(&json, rows[i].value);
        assert_string_equal(text_str(&out), rows[i].json);
        text_fini(&out);
    }
}

static void test_numbers(void **state)
{
    struct text out = TEXT_INIT;
    struct json_writer json;
    (void)state;
    json_writer_init(&json, &out);
    json_writer_begin_array(&json);
    json_writer_uint(&json, 0);
    json_writer_uint(&json, UINT64_MAX);
    json_writer_int(&json, INT64_MIN);
    json_writer_double(&json, 1.5);
    json_writer_double(&json, -0.0004);
    json_writer_double(&json, 2.0 / 3);
    json_writer_double(&json, NAN);
    json_writer_double(&json, INFINITY);
    json_writer_double(&json, -INFINITY);
    json_writer_end_array(&json);
    assert_string_equal(
        text_str(&out),
        "[0,18446744073709551615,-9223372036854775808,1.500,-0.000,0.667,null,null,null]");
    text_fini(&out);
}

static void test_depth(void **state)
{
    struct text out = TEXT_INIT;
    struct json_writer json;
    (void)state;
    json_writer_init(&json, &out);
    for (unsigned i = 0; i < JSON_WRITER_DEPTH; i++)
        json_writer_begin_array(&json);
    for (unsigned i = 0; i < JSON_WRITER_DEPTH; i++)
        json_writer_end_array(&json);
    assert_int_equal(out.len, 2 * JSON_WRITER_DEPTH);
    json_writer_init(&json, &out); /* appends to what is there */
    json_writer_null(&json);
    assert_string_equal(text_str(&out) + 2 * JSON_WRITER_DEPTH, "null");
    text_fini(&out);
}

static void test_rounded(void **state)
{
    static const struct {
        double value;
        const char *json;
    } rows[] = {
        {0, "0"},
        {1, "1"},
        {1.5, "1.5"},
        {0.0123456, "0.0123"},
        {99.96, "100"},
        {999.6, "1000"},
        {17345, "17300"},
        {-2.345, "-2.35"},
        {20.04, "20"},
        {20.06, "20.1"},
        {0.5, "0.5"},
        {100, "100"},
        {1e-7, "0"},
        {NAN, "null"},
        {INFINITY, "null"},
        {123456789, "123000000"},
        {0.00012, "0.00012"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct text out = TEXT_INIT;
        struct json_writer json;
        json_writer_init(&json, &out);
        json_writer_rounded(&json, rows[i].value);
        assert_string_equal(text_str(&out), rows[i].json);
        text_fini(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rounded), cmocka_unit_test(test_structure),
        cmocka_unit_test(test_strings), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
