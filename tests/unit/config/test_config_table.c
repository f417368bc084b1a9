/* The table: each row is complete and fits its field, and near words are found. */
#include "lb/config/config_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "lb/base/text.h"
#include "lb/config/config_value.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void check_number(const struct config_setting *setting)
{
    struct text problem = TEXT_INIT;
    uint64_t value;
    assert_true(setting->width_bytes == 4 || setting->width_bytes == 8);
    assert_true(setting->width_bytes == 8 || setting->max <= UINT32_MAX);
    assert_true(
        config_value_parse_number(setting, view_str(setting->default_text), &value, &problem));
    config_value_format_number(setting, value, &problem);
    assert_string_equal(text_str(&problem), setting->default_text); /* as help shows it */
    text_fini(&problem);
}

static void test_rows(void **state)
{
    const struct config_setting *setting;
    (void)state;
    for (size_t i = 0; (setting = config_table_at(i)); i++) {
        assert_ptr_equal(config_table_find(view_str(setting->word)), setting);
        assert_true(setting->help && strlen(setting->help) > 0);
        assert_true(strlen(setting->word) < 60);
        assert_int_equal(setting->kind == CONFIG_KIND_ACTION, setting->value_name == NULL);
        assert_int_equal(setting->kind == CONFIG_KIND_WORD || setting->kind == CONFIG_KIND_TEXT,
                         setting->words != NULL);
        for (const char *c = setting->word; *c; c++)
            assert_true((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '-');
        if (setting->kind == CONFIG_KIND_COUNT || setting->kind == CONFIG_KIND_SIZE ||
            setting->kind == CONFIG_KIND_DURATION || setting->kind == CONFIG_KIND_WORD)
            continue;
        if (setting->kind == CONFIG_KIND_CHECK)
            assert_non_null(check_accepted(config_table_check_word(setting)));
        if (setting->kind == CONFIG_KIND_NAME || setting->kind == CONFIG_KIND_PATH ||
            setting->kind == CONFIG_KIND_TEXT)
            assert_int_equal(setting->width_bytes, sizeof(char *));
    }
}

static void test_numbers(void **state)
{
    const struct config_setting *setting;
    (void)state;
    for (size_t i = 0; (setting = config_table_at(i)); i++)
        if (setting->kind == CONFIG_KIND_COUNT || setting->kind == CONFIG_KIND_SIZE ||
            setting->kind == CONFIG_KIND_DURATION)
            check_number(setting);
}

static void test_log_words(void **state)
{
    const struct config_setting *level = config_table_find(VIEW("log-level"));
    const struct config_setting *format = config_table_find(VIEW("log-format"));
    (void)state;
    for (unsigned i = LOG_LEVEL_DEBUG; i <= LOG_LEVEL_ERROR; i++) {
        enum log_level parsed;
        assert_true(log_parse_level(level->words[i], &parsed));
        assert_int_equal(parsed, i);
    }
    assert_null(level->words[LOG_LEVEL_ERROR + 1]);
    assert_string_equal(format->words[LOG_FORMAT_AUTO], "auto");
    assert_string_equal(format->words[LOG_FORMAT_PLAIN], "plain");
    assert_string_equal(format->words[LOG_FORMAT_JSON], "json");
}

static void test_nearest(void **state)
{
    static const struct {
        const char *word, *nearest;
        bool in_file;
    } rows[] = {
        {"lisen", "listen", false},
        {"listens", "listen", false},
        {"head_timeout", "head-timeout", true},
        {"idle-timout", "idle-timeout", true},
        {"backends", "backend", true},
        {"hepl", "help", false},
        {"max-header", "max-headers", true},
        {"max-heads", "max-head", true},
        {"worker", "workers", true},
        {"loglevel", "log-level", false},
        {"chek", "check", false},
        {"services", "service", true},
        {"confi", "config", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_string_equal(config_table_nearest(view_str(rows[i].word), rows[i].in_file)->word,
                            rows[i].nearest);
    assert_null(config_table_nearest(VIEW("config"), true)); /* works on the command line only */
    assert_null(config_table_nearest(VIEW("foo"), false));
    char long_word[1000];
    memset(long_word, 'x', sizeof(long_word));
    assert_null(config_table_nearest(view_of(long_word, sizeof(long_word)), true));
    assert_null(config_table_nearest(view_of(NULL, 0), true));
}

static void test_find(void **state)
{
    (void)state;
    assert_null(config_table_find(VIEW("")));
    assert_null(config_table_find(VIEW("liste")));
    assert_null(config_table_find(VIEW("Listen")));
    assert_non_null(config_table_find(VIEW("upstream-idle-timeout")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),      cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_log_words), cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_find),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
