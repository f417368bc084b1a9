/* Fields of foreign objects, of the right type and of others. */
#include "lb/report/field.h"

#include <stdlib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/report/json.h"

static void test_text(void **state)
{
    json_t *object = json_of("{'a':'x','b':1,'c':null,'d':['x']}");
    (void)state;
    assert_true(view_eq(field_text(object, "a"), VIEW("x")));
    for (const char *name = "bcde"; *name != '\0'; name++)
        assert_int_equal(field_text(object, (char[]){*name, '\0'}).len, 0);
    assert_int_equal(field_text(NULL, "a").len, 0);
    json_decref(object);
}

static void test_number(void **state)
{
    json_t *object = json_of("{'a':1,'b':2.5,'c':-1,'d':'1','e':1e300}");
    double value = 7;
    (void)state;
    assert_false(field_number(object, "c", &value));
    assert_false(field_number(object, "d", &value));
    assert_false(field_number(object, "none", &value));
    assert_true(value == 7);
    assert_true(field_number(object, "a", &value) && value == 1);
    assert_true(field_number(object, "b", &value) && value == 2.5);
    assert_true(field_number(object, "e", &value) && value == 1e300);
    json_decref(object);
}

static uint64_t timestamp(const char *text)
{
    json_t *object = json_of(text);
    uint64_t at = field_timestamp(object, 5);
    json_decref(object);
    return at;
}

static void test_timestamp(void **state)
{
    (void)state;
    assert_int_equal(timestamp("{'timestamp':1700000000.5}"), UINT64_C(1700000000500000000));
    assert_int_equal(timestamp("{'timestamp':1700000000}"), UINT64_C(1700000000000000000));
    assert_int_equal(timestamp("{'timestamp':0}"), 5);
    assert_int_equal(timestamp("{'timestamp':-1}"), 5);
    assert_int_equal(timestamp("{'timestamp':1e18}"), 5);
    assert_int_equal(timestamp("{'timestamp':'1700000000'}"), 5);
    assert_int_equal(timestamp("{}"), 5);
}

static enum sentry_level level(const char *text)
{
    json_t *object = json_of(text);
    enum sentry_level found = field_level(object, SENTRY_ERROR);
    json_decref(object);
    return found;
}

static void test_level(void **state)
{
    (void)state;
    assert_int_equal(level("{'level':'debug'}"), SENTRY_DEBUG);
    assert_int_equal(level("{'level':'info'}"), SENTRY_INFO);
    assert_int_equal(level("{'level':'warn'}"), SENTRY_WARNING);
    assert_int_equal(level("{'level':'warning'}"), SENTRY_WARNING);
    assert_int_equal(level("{'level':'fatal'}"), SENTRY_FATAL);
    assert_int_equal(level("{'level':'bad'}"), SENTRY_ERROR);
    assert_int_equal(level("{'level':3}"), SENTRY_ERROR);
}

static void test_as_text(void **state)
{
    static const struct {
        const char *json, *text;
    } rows[] = {
        {"{'a':'x y'}", "x y"}, {"{'a':true}", "true"}, {"{'a':false}", "false"},
        {"{'a':-12}", "-12"},   {"{'a':0.5}", "0.5"},   {"{'a':{'b':[1,2]}}", "{\"b\":[1,2]}"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *object = json_of(rows[i].json);
        char *text = field_as_text(json_object_get(object, "a"));
        assert_string_equal(text, rows[i].text);
        free(text);
        json_decref(object);
    }
    json_t *object = json_of("{'a':null}");
    assert_null(field_as_text(json_object_get(object, "a")));
    json_decref(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),      cmocka_unit_test(test_number),
        cmocka_unit_test(test_timestamp), cmocka_unit_test(test_level),
        cmocka_unit_test(test_as_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
