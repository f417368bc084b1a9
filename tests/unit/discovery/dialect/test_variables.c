#include "discovery/dialect/variables.h"

#include "tests/unit/discovery/fixture.h"

/* Both ways to look give the same. */
static void test_last_one_counts(void **state)
{
    static const struct {
        const char *name, *value;
    } cases[] = {
        {"A", "new"}, {"EMPTY", ""}, {"EQUAL", "a=b"}, {"NONE", ""}, {"B", ""}, {"AA", "x"},
    };
    json_t *array =
        json_loads("[\"A=old\",\"EMPTY=\",\"EQUAL=a=b\",\"A=new\",\"NONE\",7,\"AA=x\"]", 0, NULL);
    json_t *object = variables_index(array);
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_string_equal(variables_find(array, cases[i].name), cases[i].value);
        assert_string_equal(variables_find(object, cases[i].name), cases[i].value);
    }
    assert_int_equal(json_object_size(object), 4);
    json_decref(object);
    json_decref(array);
}

static void test_other_types_hold_nothing(void **state)
{
    json_t *number = json_integer(7), *object = variables_index(number);
    (void)state;
    assert_string_equal(variables_find(number, "A"), "");
    assert_string_equal(variables_find(NULL, "A"), "");
    assert_int_equal(json_object_size(object), 0);
    json_decref(object);
    json_decref(number);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_last_one_counts),
        cmocka_unit_test(test_other_types_hold_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
