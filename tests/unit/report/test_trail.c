/* The last changes, whatever they are. */
#include "lb/report/trail.h"

#include <stdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/report/json.h"

static bool add(struct trail *trail, const char *text)
{
    json_t *object = json_of(text);
    bool is_added = trail_add(trail, object, 5);
    json_decref(object);
    return is_added;
}

static void test_what_is_kept(void **state)
{
    static struct trail trail;
    static struct trail_breadcrumbs crumbs;
    (void)state;
    assert_true(add(&trail, "{'timestamp':2,'level':'warning','message':'one',"
                            "'data':{'service':'web','count':3,'none':null,'empty':''}}"));
    assert_false(add(&trail, "{'message':''}"));
    assert_false(add(&trail, "{'level':'info'}"));
    assert_true(add(&trail, "{'message':'two','data':[1]}"));
    trail_list(&trail, &crumbs);
    assert_int_equal(crumbs.count, 2);
    assert_int_equal(crumbs.items[0].timestamp_ns, 2000000000);
    assert_int_equal(crumbs.items[0].level, SENTRY_WARNING);
    assert_true(view_eq(crumbs.items[0].message, VIEW("one")));
    assert_int_equal(crumbs.items[0].data_count, 2);
    assert_true(view_eq(crumbs.items[0].data[0].name, VIEW("service")));
    assert_true(view_eq(crumbs.items[0].data[0].value, VIEW("web")));
    assert_true(view_eq(crumbs.items[0].data[1].value, VIEW("3")));
    assert_int_equal(crumbs.items[1].timestamp_ns, 5);
    assert_int_equal(crumbs.items[1].level, SENTRY_INFO);
    assert_int_equal(crumbs.items[1].data_count, 0);
}

static void test_the_last_stay(void **state)
{
    static struct trail trail;
    static struct trail_breadcrumbs crumbs;
    char text[64];
    (void)state;
    for (unsigned i = 0; i < 2 * TRAIL_LENGTH + 3; i++) {
        snprintf(text, sizeof(text), "{'message':'%u'}", i);
        add(&trail, text);
    }
    trail_list(&trail, &crumbs);
    assert_int_equal(crumbs.count, TRAIL_LENGTH);
    for (unsigned i = 0; i < TRAIL_LENGTH; i++) {
        snprintf(text, sizeof(text), "%u", TRAIL_LENGTH + 3 + i);
        assert_true(view_eq(crumbs.items[i].message, view_str(text)));
    }
}

static void test_long(void **state)
{
    static struct trail trail;
    static struct trail_breadcrumbs crumbs;
    char text[4000], letters[500] = "";
    int len;
    (void)state;
    memset(letters, 'x', sizeof(letters) - 1);
    len = snprintf(text, sizeof(text), "{'message':'%s','data':{'%s':'%s'", letters, letters,
                   letters);
    for (unsigned i = 0; i < 20; i++)
        len += snprintf(text + len, sizeof(text) - (size_t)len, ",'%u':1", i);
    snprintf(text + len, sizeof(text) - (size_t)len, "}}");
    assert_true(add(&trail, text));
    trail_list(&trail, &crumbs);
    assert_int_equal(crumbs.items[0].message.len, TRAIL_MESSAGE_BYTES - 1);
    assert_int_equal(crumbs.items[0].data_count, TRAIL_DATA_MAX);
    assert_int_equal(crumbs.items[0].data[0].name.len, TRAIL_NAME_BYTES - 1);
    assert_int_equal(crumbs.items[0].data[0].value.len, TRAIL_VALUE_BYTES - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_kept),
        cmocka_unit_test(test_the_last_stay),
        cmocka_unit_test(test_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
