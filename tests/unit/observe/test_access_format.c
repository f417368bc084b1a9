/* Which texts are formats, and what is said about those that are none. */
#include "lb/observe/access_format.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void test_words(void **state)
{
    static const char *const words[] = {"json",    "combined", "logstalgia",
                                        "haproxy", "auto",     "short"};
    struct access_format format;
    struct text problem = TEXT_INIT;
    (void)state;
    for (size_t i = 0; i < COUNT(words); i++) {
        assert_true(access_format_parse(&format, view_str(words[i]), &problem));
        assert_int_equal(format.form, i);
    }
    assert_int_equal(problem.len, 0);
}

static void test_auto_is_settled(void **state)
{
    static const struct {
        const char *word;
        bool is_terminal, wants_colours;
        enum access_form form;
        bool is_coloured;
    } rows[] = {
        {"auto", true, true, ACCESS_FORM_SHORT, true},
        {"auto", true, false, ACCESS_FORM_SHORT, false},
        {"auto", false, false, ACCESS_FORM_JSON, false},
        {"short", false, false, ACCESS_FORM_SHORT, false},
        {"short", true, true, ACCESS_FORM_SHORT, true},
        {"json", true, true, ACCESS_FORM_JSON, false},
        {"combined", true, true, ACCESS_FORM_COMBINED, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct access_format format;
        struct text problem = TEXT_INIT;
        assert_true(access_format_parse(&format, view_str(rows[i].word), &problem));
        access_format_settle(&format, rows[i].is_terminal, rows[i].wants_colours);
        assert_int_equal(format.form, rows[i].form);
        assert_int_equal(format.is_coloured, rows[i].is_coloured);
    }
}

static void test_template(void **state)
{
    struct access_format format;
    struct text problem = TEXT_INIT;
    (void)state;
    assert_true(access_format_parse(&format, VIEW("a%{method}%{end}\t%b é"), &problem));
    assert_int_equal(format.form, ACCESS_FORM_TEMPLATE);
    assert_int_equal(format.part_count, 3);
    assert_true(view_eq(format.parts[0].words, VIEW("a")));
    assert_string_equal(format.parts[0].field->name, "method");
    assert_int_equal(format.parts[1].words.len, 0);
    assert_string_equal(format.parts[1].field->name, "end");
    assert_true(view_eq(format.parts[2].words, VIEW("\t%b é")));
    assert_null(format.parts[2].field);
}

static void test_refused(void **state)
{
    static const struct {
        const char *text, *problem;
    } rows[] = {
        {"", "it is not known; give auto, short, json"},
        {"jsn", "it is not known; give auto, short, json"},
        {"JSON", "it is not known; give auto, short, json"},
        {"plain text", "it is not known; give auto, short, json"},
        {"%{nam}", "%{nam} is not known; the names are time, time_clf,"},
        {"%{}", "%{} is not known"},
        {"%{authorization}", "%{authorization} is not known"},
        {"%{\xC3\xA9}", "a name is not known"},
        {"%{end} %{end", "a %{ has no }"},
        {"%{end}\n", "control character"},
        {"%{end}\x1b[31m", "control character"},
        {"%{end}\xC2\x9B", "control character"},
        {"%{end}\xFF", "no UTF-8"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct access_format format;
        struct text problem = TEXT_INIT;
        assert_false(access_format_parse(&format, view_str(rows[i].text), &problem));
        if (!strstr(text_str(&problem), rows[i].problem))
            fail_msg("\"%s\" gives: %s", rows[i].text, text_str(&problem));
        text_fini(&problem);
    }
}

static void test_too_many(void **state)
{
    char many[10 * ACCESS_FORMAT_PARTS_MAX + 20] = "";
    struct access_format format;
    struct text problem = TEXT_INIT;
    (void)state;
    for (int i = 0; i < ACCESS_FORMAT_PARTS_MAX; i++)
        strcat(many, "%{end}");
    assert_true(access_format_parse(&format, view_str(many), &problem));
    strcat(many, "!");
    assert_false(access_format_parse(&format, view_str(many), &problem));
    assert_non_null(strstr(text_str(&problem), "more than 127 fields"));
    text_fini(&problem);
}

/* Names are found, are unlike each other, and none of them is a header that carries a secret. */
static void test_names(void **state)
{
    const struct access_field *field;
    (void)state;
    for (size_t i = 0; (field = access_field_at(i)); i++)
        assert_ptr_equal(access_field_find(view_str(field->name)), field);
    assert_null(access_field_find(VIEW("cookie")));
    assert_null(access_field_find(VIEW("authorization")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),    cmocka_unit_test(test_auto_is_settled),
        cmocka_unit_test(test_template), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_too_many), cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
