/* The table: each row is complete and fits its field, and near words are found. */
#include "lb/config/config_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "lb/base/text.h"
#include "lb/config/config.h"
#include "lb/config/config_kind.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void check_number(const struct config_setting *setting)
{
    struct text problem = TEXT_INIT;
    uint64_t value = 0;
    assert_true(setting->width_bytes == 4 || setting->width_bytes == 8);
    assert_true(setting->width_bytes == 8 || setting->max <= UINT32_MAX);
    assert_true(setting->kind->parse(setting, view_str(setting->default_text), &value, &problem));
    setting->kind->format(setting, &value, &problem);
    assert_string_equal(text_str(&problem), setting->default_text); /* as help shows it */
    text_fini(&problem);
}

/* A field is as its kind has it; that of a list is a pointer to such. */
static void check_kind(const struct config_setting *setting)
{
    const struct config_kind *kind = setting->kind;
    bool is_number = kind->bytes == 0;
    assert_true(kind->parse && kind->format && kind->schema && kind->json_type);
    assert_true((kind->accepted == NULL) != (kind->append_accepted == NULL));
    if (config_setting_is_list(setting))
        assert_true(setting->width_bytes == sizeof(void *) && setting->list.noun);
    else if (!is_number)
        assert_int_equal(setting->width_bytes, kind->bytes);
}

static void test_rows(void **state)
{
    const struct config_setting *setting;
    (void)state;
    for (size_t i = 0; (setting = config_table_at(&config_root, i)); i++) {
        assert_ptr_equal(config_table_find(&config_root, view_str(setting->word)), setting);
        assert_true(setting->help && strlen(setting->help) > 0);
        assert_true(strlen(setting->word) < 60);
        assert_int_equal(config_setting_is_action(setting), setting->value_name == NULL);
        assert_true(setting->kind == &kind_path || /* which can have some */
                    (setting->kind == &kind_word || setting->kind == &kind_template ||
                     setting->kind == &kind_list) == (setting->words != NULL));
        for (const char *c = setting->word; *c; c++)
            assert_true((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '-');
        if (!config_setting_is_action(setting))
            check_kind(setting);
    }
}

static void test_numbers(void **state)
{
    const struct config_setting *setting;
    (void)state;
    for (size_t i = 0; (setting = config_table_at(&config_root, i)); i++)
        if (setting->kind == &kind_count || setting->kind == &kind_size ||
            setting->kind == &kind_duration)
            check_number(setting);
}

static void test_log_words(void **state)
{
    const struct config_setting *level = config_table_find(&config_root, VIEW("log-level"));
    const struct config_setting *format = config_table_find(&config_root, VIEW("log-format"));
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
        enum config_origin origin;
    } rows[] = {
        {"lisen", "listen", CONFIG_ORIGIN_FLAG},
        {"listens", "listen", CONFIG_ORIGIN_FLAG},
        {"head_timeout", "head-timeout", CONFIG_ORIGIN_FILE},
        {"idle-timout", "idle-timeout", CONFIG_ORIGIN_FILE},
        {"backends", "backend", CONFIG_ORIGIN_FILE},
        {"hepl", "help", CONFIG_ORIGIN_FLAG},
        {"max-header", "max-headers", CONFIG_ORIGIN_FILE},
        {"max-heads", "max-head", CONFIG_ORIGIN_FILE},
        {"worker", "workers", CONFIG_ORIGIN_FILE},
        {"loglevel", "log-level", CONFIG_ORIGIN_FLAG},
        {"chek", "check", CONFIG_ORIGIN_FLAG},
        {"services", "service", CONFIG_ORIGIN_FILE},
        {"confi", "config", CONFIG_ORIGIN_FLAG},
        {"confi", "config", CONFIG_ORIGIN_VARIABLE},
        {"MAX_HEDERS", "max-headers", CONFIG_ORIGIN_VARIABLE},
        {"Listen", "listen", CONFIG_ORIGIN_FILE},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_string_equal(
            config_table_nearest(&config_root, view_str(rows[i].word), rows[i].origin)->word,
            rows[i].nearest);
    assert_null(config_table_nearest(&config_root, VIEW("print-config"),
                                     CONFIG_ORIGIN_FILE)); /* works on the command line only */
    assert_null(config_table_nearest(&config_root, VIEW("version"), CONFIG_ORIGIN_VARIABLE));
    assert_null(config_table_nearest(&config_root, VIEW("foo"), CONFIG_ORIGIN_FLAG));
    char long_word[1000];
    memset(long_word, 'x', sizeof(long_word));
    assert_null(config_table_nearest(&config_root, view_of(long_word, sizeof(long_word)),
                                     CONFIG_ORIGIN_FILE));
    assert_null(config_table_nearest(&config_root, view_of(NULL, 0), CONFIG_ORIGIN_FILE));
}

static void test_find(void **state)
{
    (void)state;
    assert_null(config_table_find(&config_root, VIEW("")));
    assert_null(config_table_find(&config_root, VIEW("liste")));
    assert_null(config_table_find(&config_root, VIEW("Listen")));
    assert_non_null(config_table_find(&config_root, VIEW("upstream-idle-timeout")));
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
