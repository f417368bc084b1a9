#include "discovery/dialect/yaml.h"

#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/base/text.h"

#include "tests/unit/discovery/cmocka_all.h"

static void test_documents(void **state)
{
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"a: b", "{\"a\": \"b\"}"},
        {"---\na: 1\nb: true\nc: \"~\"\nd: ~\ne:\nf: null\n...\n",
         "{\"a\": \"1\", \"b\": \"true\", \"c\": \"~\", \"d\": null, \"e\": null, \"f\": null}"},
        {"{\"a\": {\"/\": {\"port\": 80}}, \"b\": [1, {c: d}]}",
         "{\"a\": {\"/\": {\"port\": \"80\"}}, \"b\": [\"1\", {\"c\": \"d\"}]}"},
        {"a: # a remark\n  - b\n  - |\n    two\n    lines\n",
         "{\"a\": [\"b\", \"two\\nlines\\n\"]}"},
        {"'it''s': \"\\u00e9\"", "{\"it's\": \"\\u00E9\"}"},
        {"word", "\"word\""},
        {"[]", "[]"},
    };
    char error[YAML_ERROR_BYTES];
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        json_t *document = yaml_parse(view_str(cases[i].text), error);
        if (!document)
            fail_msg("%s: %s", cases[i].text, error);
        char *got = json_dumps(document, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
        assert_string_equal(got, cases[i].expected);
        free(got);
        json_decref(document);
    }
}

static void assert_refused(struct view text, const char *word)
{
    char error[YAML_ERROR_BYTES];
    json_t *document = yaml_parse(text, error);
    if (document || !strstr(error, word))
        fail_msg("%.*s: %s", (int)text.len, text.ptr, document ? "taken" : error);
}

static void test_what_is_refused(void **state)
{
    (void)state;
    assert_refused(VIEW(""), "nothing in it");
    assert_refused(VIEW("a: {"), "line 2, column 1");
    assert_refused(VIEW("a: 1\na: 2"), "line 2, column 1: this key was there before");
    assert_refused(VIEW("a: &x 1\nb: *x"), "anchors and tags");
    assert_refused(VIEW("a: *x"), "anchors and tags");
    assert_refused(VIEW("a: &x {}"), "anchors and tags");
    assert_refused(VIEW("a: &x []"), "anchors and tags");
    assert_refused(VIEW("a: !!int 1"), "anchors and tags");
    assert_refused(VIEW("? [a]\n: b"), "a key is a word");
    assert_refused(VIEW("~: b"), "a key is a word");
    assert_refused(VIEW("a: \"\\0\""), "no text");
    assert_refused(VIEW("a: 1\n---\nb: 2"), "more than one document");
    assert_refused(VIEW("a: \xFF"), "");
    assert_refused(VIEW("a: 1\n\0b: 2"), "");
}

static void test_bounds(void **state)
{
    struct text text = TEXT_INIT;
    (void)state;
    for (unsigned i = 0; i < YAML_DEPTH_MAX; i++)
        text_append_char(&text, '[');
    assert_refused(text_view(&text), "did not find"); /* not yet too deep, but it has no end */
    text_append_char(&text, '[');
    assert_refused(text_view(&text), "nested too deeply");
    text_clear(&text);
    for (unsigned i = 0; i < YAML_NODES_MAX; i++)
        text_append_str(&text, "- a\n");
    assert_refused(text_view(&text), "too large");
    text_clear(&text);
    for (unsigned i = 0; i <= YAML_BYTES_MAX; i++)
        text_append_char(&text, 'a');
    assert_refused(text_view(&text), "too large");
    text_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
