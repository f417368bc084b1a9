/* What routes ask for: the words, and what is refused with which sentence. */
#include "lb/contract/route_option.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>

#include "lb/base/memory.h"

static void test_each_kind_has_its_word(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < ROUTE_OPTION_COUNT; kind++) {
        enum route_option_kind same = (enum route_option_kind)kind;
        assert_int_equal(route_option_parse(view_str(route_option_word(same))), kind);
        assert_non_null(route_option_accepted(same));
    }
    assert_int_equal(route_option_parse(VIEW("rates")), ROUTE_OPTION_COUNT);
    assert_int_equal(route_option_parse(VIEW("")), ROUTE_OPTION_COUNT);
}

static void assert_refused(enum route_option_kind kind, struct view value, const char *sentence)
{
    struct text problem = TEXT_INIT;
    assert_false(route_option_check(&(struct route_option){kind, value}, &problem));
    assert_string_equal(text_str(&problem), sentence);
    text_fini(&problem);
}

static void test_a_sentence_names_the_word_and_the_remedy(void **state)
{
    (void)state;
    assert_refused(ROUTE_OPTION_RATE, VIEW(""),
                   "rate \"\" is empty; a rate such as 100/s, or 10/m burst 20 is accepted");
    assert_refused(ROUTE_OPTION_ACCESS_LOG, VIEW("o\nff"),
                   "access-log \"o\\x0aff\" has a control character inside; on or off is accepted");
}

static void test_a_password_is_not_told(void **state)
{
    (void)state;
    assert_refused(ROUTE_OPTION_AUTH, VIEW("a:\x01secret"),
                   "auth has a control character inside; user:hash as htpasswd writes them, with "
                   "commas between them is accepted");
    const struct route_option options[] = {{ROUTE_OPTION_RATE, VIEW("1/s")},
                                           {ROUTE_OPTION_AUTH, VIEW("a:secret")}};
    struct text out = TEXT_INIT;
    route_option_append_all(options, 2, &out);
    assert_string_equal(text_str(&out), "rate 1/s, auth");
    text_fini(&out);
}

static void test_what_is_too_long_is_refused(void **state)
{
    struct text problem = TEXT_INIT;
    char *bytes = memory_new(ROUTE_OPTION_BYTES_MAX + 1);
    (void)state;
    memset(bytes, 'x', ROUTE_OPTION_BYTES_MAX + 1);
    assert_false(route_option_check(
        &(struct route_option){ROUTE_OPTION_AUTH_REALM, {bytes, ROUTE_OPTION_BYTES_MAX + 1}},
        &problem));
    text_fini(&problem);
    free(bytes);
}

static void test_an_option_is_found_by_its_kind(void **state)
{
    const struct route_option options[] = {{ROUTE_OPTION_ALLOW, VIEW("10.0.0.0/8")},
                                           {ROUTE_OPTION_RATE, VIEW("1/s")}};
    (void)state;
    assert_true(view_eq(route_option_find(options, 2, ROUTE_OPTION_RATE), VIEW("1/s")));
    assert_null(route_option_find(options, 2, ROUTE_OPTION_DENY).ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_kind_has_its_word),
        cmocka_unit_test(test_a_sentence_names_the_word_and_the_remedy),
        cmocka_unit_test(test_a_password_is_not_told),
        cmocka_unit_test(test_what_is_too_long_is_refused),
        cmocka_unit_test(test_an_option_is_found_by_its_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
