#include "discovery/field.h"

#include "tests/unit/discovery/cmocka_all.h"

static void test_wrong_types(void **state)
{
    json_t *document = json_loads("{\"s\":[],\"i\":1.5,\"b\":\"true\",\"n\":null}", 0, NULL);
    (void)state;
    assert_string_equal(field_str(document, "s"), "");
    assert_int_equal(field_int(document, "i", 7), 7);
    assert_false(field_bool(document, "b"));
    assert_string_equal(field_str(NULL, "n"), "");
    assert_int_equal(field_int(json_object_get(document, "n"), "x", 3), 3);
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_wrong_types)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
