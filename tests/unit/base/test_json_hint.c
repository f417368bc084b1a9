#include "lb/base/json_hint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static void expect(const char *json, size_t position, const char *words)
{
    const char *hint = json_hint_find(view_str(json), position);
    if (!strstr(hint, words))
        fail_msg("\"%s\" at %zu: %s", json, position, hint);
}

static void test_what_people_write(void **state)
{
    (void)state;
    expect("", 0, "it is empty");
    expect(" \n", 2, "it is empty");
    expect("listen: 8000\n", 6, "YAML");
    expect("\xEF\xBB\xBF{}", 3, "byte order mark");
    expect("{\"a\": 1,\n}", 10, "without the comma before it");
    expect("{\"a\": [1 , ]}", 12, "without the comma before it");
    expect("{ // why\n}", 3, "without comments");
    expect("{ # why\n}", 3, "without comments");
    expect("{'a': 1}", 2, "double quotes");
}

static void test_what_is_wrong_otherwise(void **state)
{
    (void)state;
    assert_string_equal(json_hint_find(VIEW("{\"a\" 1}"), 6), "give one JSON object");
    assert_string_equal(json_hint_find(VIEW("{"), 0), "give one JSON object");
    assert_string_equal(json_hint_find(VIEW("{"), 100), "give one JSON object");
    assert_string_equal(json_hint_find(VIEW("}"), 1), json_hint_find(VIEW("x"), 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_people_write),
        cmocka_unit_test(test_what_is_wrong_otherwise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
