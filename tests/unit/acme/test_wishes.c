/* What lb-proxy writes, and what a stranger could. */
#include "acme/wishes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#define LIST(wishes) "{\"version\":1,\"certificates\":[" wishes "]}"

static void check(const char *json, size_t count, const char *why)
{
    struct wishes wishes = {0};
    struct text problem = TEXT_INIT;
    assert_true(wishes_read(&wishes, view_str(json), &problem));
    assert_int_equal(wishes.count, count);
    if (why)
        assert_non_null(strstr(text_str(&problem), why));
    else
        assert_string_equal(text_str(&problem), "");
    wishes_fini(&wishes);
    text_fini(&problem);
}

static void test_read(void **state)
{
    (void)state;
    check(LIST(""), 0, NULL);
    check(
        LIST(
            "{\"names\":[\"a.example\",\"b.example\"],\"email\":\"\"},{\"names\":[\"c.example\"]}"),
        2, NULL);
    /* the same, and a part of one, is one */
    check(LIST("{\"names\":[\"a.example\"]},{\"names\":[\"b.example\",\"a.example\"]},{\"names\":["
               "\"b.example\"]}"),
          1, NULL);
    check(LIST("{\"names\":[\"*.example\",\"a.example\"]}"), 1, "DNS-01");
    check(LIST("{\"names\":[\"*.example\"]},{\"names\":[7]},{\"names\":7},8,{}"), 0, "DNS-01");
}

static void test_what_is_none(void **state)
{
    static const char *const wrong[] = {"",
                                        "{",
                                        "[]",
                                        "{}",
                                        "{\"version\":2,\"certificates\":[]}",
                                        "{\"version\":1,\"certificates\":{}}"};
    struct wishes wishes = {0};
    struct text problem = TEXT_INIT;
    (void)state;
    assert_true(wishes_read(&wishes, VIEW(LIST("{\"names\":[\"a.example\"]}")), &problem));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(wishes_read(&wishes, view_str(wrong[i]), &problem));
    assert_int_equal(wishes.count, 1);
    wishes_fini(&wishes);
    text_fini(&problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_read),
                                       cmocka_unit_test(test_what_is_none)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
