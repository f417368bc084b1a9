/* Lines and columns of what a JSON text has. */
#include "lb/base/json_place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdint.h>

#define KEY(name) ((struct json_step){.key = (name)})
#define INDEX(i)  ((struct json_step){.index = (i)})
#define STEPS(...)                                                                                 \
    ((struct json_step[]){__VA_ARGS__}),                                                           \
        (unsigned)(sizeof((struct json_step[]){__VA_ARGS__}) / sizeof(struct json_step))

static const char text[] = "{\n"
                           "  \"a\": {\"x\": \"}],\\\"{\", \"b\": 1},\n"
                           "  \"list\" : [ 1,\n"
                           "    {\"ü\": 2, \"c\" :3}, \"s\"],\n"
                           "\t\"last\": null }";

static void expect(const struct json_step *steps, unsigned count, unsigned line, unsigned column)
{
    struct json_place place = json_place_find(view_str(text), steps, count);
    assert_int_equal(place.line, line);
    assert_int_equal(place.column, column);
}

static void test_places(void **state)
{
    (void)state;
    expect(NULL, 0, 1, 1);
    expect(STEPS(KEY("a")), 2, 3);
    expect(STEPS(KEY("a"), KEY("b")), 2, 24);
    expect(STEPS(KEY("list")), 3, 3);
    expect(STEPS(KEY("list"), INDEX(0)), 3, 14);
    expect(STEPS(KEY("list"), INDEX(1)), 4, 5);
    expect(STEPS(KEY("list"), INDEX(1), KEY("c")), 4, 14);
    expect(STEPS(KEY("list"), INDEX(2)), 4, 23);
    expect(STEPS(KEY("last")), 5, 2);
}

static void test_what_is_not_there_is_where_it_should_be(void **state)
{
    (void)state;
    expect(STEPS(KEY("none")), 1, 1);
    expect(STEPS(KEY("list"), INDEX(1), KEY("d")), 4, 5);
    expect(STEPS(KEY("list"), INDEX(3)), 3, 3);
    expect(STEPS(KEY("last"), KEY("x")), 5, 2);
    expect(STEPS(INDEX(0)), 1, 1);
}

/* Nothing is read beyond the end, wherever that is; asan looks on. */
static void test_cut_anywhere(void **state)
{
    (void)state;
    struct json_step steps[] = {KEY("list"), INDEX(1), KEY("c")};
    for (size_t len = 0; len < sizeof(text); len++)
        assert_true(json_place_find(view_of(text, len), steps, 3).line <= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_what_is_not_there_is_where_it_should_be),
        cmocka_unit_test(test_cut_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
