#include "discovery/document.h"
#include "discovery/field.h"

#include "tests/unit/discovery/cmocka_all.h"

static void test_nul_becomes_a_replacement_character(void **state)
{
    static const struct {
        const char *json;
        const char *value; /* of "a" */
    } cases[] = {
        {"{\"a\":\"x\\u0000y\"}", "x\xEF\xBF\xBDy"},
        {"{\"a\":\"\\u0000\\u0000\"}", "\xEF\xBF\xBD\xEF\xBF\xBD"},
        {"{\"a\":\"x\\\\u0000y\"}", "x\\u0000y"}, /* an escaped backslash, then plain text */
        {"{\"b\\u0000\":1,\"a\":\"k\"}", "k"},    /* in a key */
        {"{\"a\":1}", ""},
        {"{}", ""},
        {"[]", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        json_t *document = document_parse(view_str(cases[i].json), NULL);
        assert_non_null(document);
        assert_string_equal(field_str(document, "a"), cases[i].value);
        json_decref(document);
    }
}

static void test_refuses_with_a_place(void **state)
{
    static const char *const cases[] = {"",      "{",    "{\"a\":}",  "nonsense",
                                        "{} {}", "\xFF", "{\"\\u0000"};
    char error[DOCUMENT_ERROR_BYTES];
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_null(document_parse(view_str(cases[i]), error));
        assert_non_null(strstr(error, "line "));
    }
}

static void test_an_operators_key_stands_once(void **state)
{
    char error[DOCUMENT_ERROR_BYTES];
    json_t *document = document_parse(VIEW("{\"a\":1,\"a\":2}"), error);
    (void)state;
    assert_non_null(document);
    json_decref(document);
    assert_null(document_parse_own(VIEW("{\"a\":1,\"a\":2}"), error));
    assert_non_null(strstr(error, "line 1, column 10: duplicate object key"));
}

static void test_depth_is_limited(void **state)
{
    static char deep[100000];
    (void)state;
    memset(deep, '[', sizeof(deep));
    assert_null(document_parse(view_of(deep, sizeof(deep)), NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nul_becomes_a_replacement_character),
        cmocka_unit_test(test_refuses_with_a_place),
        cmocka_unit_test(test_an_operators_key_stands_once),
        cmocka_unit_test(test_depth_is_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
