/* Numbers, times, sizes, words, names and paths: what is taken, and what a refusal says. */
#include "lb/config/config_value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/config/config_kind.h"
#include "lb/config/config_number.h"
#include "lb/config/config.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct config_setting *setting(const char *word)
{
    const struct config_setting *found = config_table_find(&config_root, view_str(word));
    assert_non_null(found);
    return found;
}

/* A field of its width, with `*value` before and after. */
static bool parse_number(const struct config_setting *row, const char *text, uint64_t *value,
                         struct text *problem)
{
    uint64_t field = 0;
    config_number_store(row, *value, &field);
    bool is_good = row->kind->parse(row, view_str(text), &field, problem);
    *value = config_number_load(row, &field);
    return is_good;
}

static void format_number(const struct config_setting *row, uint64_t value, struct text *out)
{
    uint64_t field = 0;
    config_number_store(row, value, &field);
    row->kind->format(row, &field, out);
}

static void test_good_numbers(void **state)
{
    static const struct {
        const char *word, *text;
        uint64_t value;
        const char *formatted;
    } rows[] = {
        {"head-timeout", "1ms", 1, "1ms"},
        {"head-timeout", "10s", 10000, "10s"},
        {"head-timeout", "off", 0, "0s"},
        {"head-timeout", "0", 0, "0s"},
        {"head-timeout", "0010s", 10000, "10s"},
        {"head-timeout", "1500ms", 1500, "1500ms"},
        {"head-timeout", "2m", 120000, "2m"},
        {"head-timeout", "60s", 60000, "1m"},
        {"head-timeout", "24h", 86400000, "24h"},
        {"head-timeout", "1440m", 86400000, "24h"},
        {"head-timeout", "5S", 5000, "5s"},
        {"max-head", "1024", 1024, "1k"},
        {"max-head", "1k", 1024, "1k"},
        {"max-head", "16K", 16384, "16k"},
        {"max-head", "1025", 1025, "1025"},
        {"max-head", "65536", 65536, "64k"},
        {"max-body", "0", 0, "0"},
        {"max-body", "0k", 0, "0"},
        {"max-body", "off", 0, "0"},
        {"max-per-client", "off", 0, "0"},
        {"max-requests", "off", 0, "0"},
        {"eject-after", "off", 0, "0"},
        {"eject-5xx", "off", 0, "0"},
        {"max-body", "10m", 10485760, "10m"},
        {"max-body", "2g", UINT64_C(2) << 30, "2g"},
        {"max-body", "1048576g", UINT64_C(1) << 50, "1048576g"},
        {"workers", "0", 0, "0"},
        {"workers", "1024", 1024, "1024"},
        {"max-headers", "1", 1, "1"},
        {"max-headers", "128", 128, "128"},
        {"via", "off", 0, "off"},
        {"via", "false", 0, "off"},
        {"via", "no", 0, "off"},
        {"forwarded", "true", 1, "on"},
        {"forwarded", "Yes", 1, "on"},
        {"admin-open", "true", 1, "on"},
        {"admin-open", "read", 2, "read"},
        {"log-level", "debug", 0, "debug"},
        {"log-level", "error", 3, "error"},
        {"log-format", "json", 2, "json"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct text text = TEXT_INIT;
        uint64_t value = 12345;
        bool is_good = parse_number(setting(rows[i].word), rows[i].text, &value, &text);
        assert_string_equal(text_str(&text), "");
        assert_true(is_good);
        assert_int_equal(value, rows[i].value);
        format_number(setting(rows[i].word), value, &text);
        assert_string_equal(text_str(&text), rows[i].formatted);
        text_fini(&text);
    }
}

#define TIME_HELP "give a time from 0s to 24h or off, for example 10s"
#define HEAD_HELP "give a size from 1k to 64k, for example 16k"

static void test_bad_numbers(void **state)
{
    static const struct {
        const char *word, *text, *problem;
    } rows[] = {
        {"head-timeout", "10", "\"10\" has no unit; add a unit, for example 10s"},
        {"head-timeout", "of", "\"of\" is no time; " TIME_HELP},
        {"head-timeout", "25h", "\"25h\" is too big; " TIME_HELP},
        {"head-timeout", "86400001ms", "\"86400001ms\" is too big; " TIME_HELP},
        {"head-timeout", "18446744073709551617ms",
         "\"18446744073709551617ms\" is too big; " TIME_HELP},
        {"head-timeout", "5124095576030432h", "\"5124095576030432h\" is too big; " TIME_HELP},
        {"head-timeout", "", "\"\" is no time; " TIME_HELP},
        {"head-timeout", "s", "\"s\" is no time; " TIME_HELP},
        {"head-timeout", "-1s", "\"-1s\" is no time; " TIME_HELP},
        {"head-timeout", "Off", "\"Off\" is no time; " TIME_HELP},
        {"head-timeout", "1.5s", "\"1.5s\" has a unit other than ms, s, m, h; " TIME_HELP},
        {"head-timeout", "10 s", "\"10 s\" has a unit other than ms, s, m, h; " TIME_HELP},
        {"head-timeout", "1d", "\"1d\" has a unit other than ms, s, m, h; " TIME_HELP},
        {"max-head", "1023", "\"1023\" is too small; " HEAD_HELP},
        {"max-head", "65k", "\"65k\" is too big; " HEAD_HELP},
        {"max-head", "16kb", "\"16kb\" has a unit other than k, m, g; " HEAD_HELP},
        {"max-head", "k", "\"k\" is no size; " HEAD_HELP},
        {"max-body", "18446744073709551615g",
         "\"18446744073709551615g\" is too big; give a size from 0 to 1048576g or off, for example "
         "16k"},
        {"workers", "1025", "\"1025\" is too big; give a number from 0 to 1024"},
        {"workers", "99999999999999999999",
         "\"99999999999999999999\" is too big; give a number from 0 to 1024"},
        {"workers", "-1", "\"-1\" is no whole number; give a number from 0 to 1024"},
        {"workers", "2x", "\"2x\" is no whole number; give a number from 0 to 1024"},
        {"workers", "", "\"\" is no whole number; give a number from 0 to 1024"},
        {"workers", "off", "\"off\" is no whole number; give a number from 0 to 1024"},
        {"max-buffers", "off", "\"off\" is no size; give a size from 0 to 1024g, for example 16k"},
        {"max-requests", "of",
         "\"of\" is no whole number; give a number from 0 to 1000000000 or off"},
        {"via", "maybe", "\"maybe\" is not known; give off or on"},
        {"log-level", "on", "\"on\" is not known; give debug, info, warn or error"},
        {"max-headers", "0", "\"0\" is too small; give a number from 1 to 128"},
        {"max-headers", "129", "\"129\" is too big; give a number from 1 to 128"},
        {"log-level", "loud", "\"loud\" is not known; give debug, info, warn or error"},
        {"log-level", "Info", "\"Info\" is not known; give debug, info, warn or error"},
        {"log-format", "", "\"\" is not known; give auto, plain or json"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct text problem = TEXT_INIT;
        uint64_t value = 12345;
        assert_false(parse_number(setting(rows[i].word), rows[i].text, &value, &problem));
        assert_string_equal(text_str(&problem), rows[i].problem);
        assert_int_equal(value, 12345);
        text_fini(&problem);
    }
}

static void test_limits_of_times(void **state)
{
    static const struct {
        const char *word, *limits; /* "": those that --help and the manual tell of all times */
    } rows[] = {
        {"head-timeout", ""},         {"slow-start", ""}, {"hold", "at most 1h"},
        {"eject-time", "10ms to 1m"}, {"max-body", ""},
    };
    struct text most = TEXT_INIT;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct text limits = TEXT_INIT;
        bool is_told = config_number_append_limits(setting(rows[i].word), &limits);
        assert_string_equal(text_str(&limits), rows[i].limits);
        assert_int_equal(is_told, limits.len > 0);
        text_fini(&limits);
    }
    format_number(setting("head-timeout"), CONFIG_DURATION_MAX_MS, &most);
    assert_string_equal(text_str(&most), "24h"); /* as --help and the manual have it */
    text_fini(&most);
}

#define NAME_HELP "give letters, digits, '.', '_' or '-', for example appserver"

static bool takes_string(const struct config_setting *row, struct view text, struct text *problem)
{
    char *field = NULL;
    bool is_good = row->kind->parse(row, text, &field, problem);
    assert_int_equal(row->kind->is_given(row, &field), is_good);
    if (is_good)
        assert_true(view_eq(view_str(field), text));
    row->kind->fini(&field);
    assert_null(field);
    return is_good;
}

static void test_strings(void **state)
{
    static const struct {
        const char *word, *text, *problem; /* NULL: taken */
    } rows[] = {
        {"service", "appserver", NULL},
        {"service", "Shop_2.front-end", NULL},
        {"service", "", "\"\" is empty; " NAME_HELP},
        {"service", "a b", "\"a b\" has a character that is not allowed; " NAME_HELP},
        {"service", "a/b", "\"a/b\" has a character that is not allowed; " NAME_HELP},
        {"service", "\xC3\xA9", "\"\\xc3\\xa9\" has a character that is not allowed; " NAME_HELP},
        {"file", "services.json", NULL},
        {"file", "/with space/and \xC3\xA9", NULL},
        {"file", "", "\"\" is empty; give a path"},
        {"file", "a\nb", "\"a\\x0ab\" has a control character; give a path"},
        {"state", "a\x7F", "\"a\\x7f\" has a control character; give a path"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct text problem = TEXT_INIT;
        bool is_good = takes_string(setting(rows[i].word), view_str(rows[i].text), &problem);
        assert_string_equal(text_str(&problem), rows[i].problem ? rows[i].problem : "");
        assert_int_equal(is_good, rows[i].problem == NULL);
        text_fini(&problem);
    }
}

static bool takes(const char *word, size_t length)
{
    struct text problem = TEXT_INIT;
    char *text = memory_new(length + 1);
    memset(text, 'a', length);
    bool is_good = takes_string(setting(word), view_of(text, length), &problem);
    assert_true(problem.len < 200); /* a long value is not repeated in full */
    text_fini(&problem);
    free(text);
    return is_good;
}

static void test_lengths(void **state)
{
    (void)state;
    assert_true(takes("service", 128));
    assert_false(takes("service", 129));
    assert_true(takes("file", 4095));
    assert_false(takes("file", 4096));
}

static void test_quoted(void **state)
{
    struct text out = TEXT_INIT;
    char longer[82];
    (void)state;
    memset(longer, 'x', sizeof(longer));
    config_value_append_quoted(view_of("a\0\x1B[1m", 6), &out);
    assert_string_equal(text_str(&out), "\"a\\x00\\x1b[1m\"");
    text_clear(&out);
    config_value_append_quoted(view_of(longer, 80), &out);
    assert_int_equal(out.len, 82);
    text_clear(&out);
    config_value_append_quoted(view_of(longer, 81), &out);
    assert_string_equal(text_str(&out) + 81, "…\"");
    text_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_numbers),    cmocka_unit_test(test_bad_numbers),
        cmocka_unit_test(test_limits_of_times), cmocka_unit_test(test_strings),
        cmocka_unit_test(test_lengths),         cmocka_unit_test(test_quoted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
