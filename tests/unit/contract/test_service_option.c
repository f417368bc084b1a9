/* What is asked of services: the words, and what is refused with which sentence. */
#include "lb/contract/service_option.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_each_kind_has_its_word(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < SERVICE_OPTION_COUNT; kind++) {
        enum service_option_kind same = (enum service_option_kind)kind;
        assert_int_equal(service_option_parse(view_str(service_option_word(same))), kind);
        assert_non_null(service_option_accepted(same));
    }
    assert_int_equal(service_option_parse(VIEW("queues")), SERVICE_OPTION_COUNT);
}

static void test_a_sentence_names_the_word_and_the_remedy(void **state)
{
    struct text problem = TEXT_INIT;
    (void)state;
    assert_false(service_option_check(SERVICE_OPTION_QUEUE_TIMEOUT, VIEW(""), &problem));
    assert_string_equal(
        text_str(&problem),
        "queue-timeout \"\" is empty; a time up to 1h such as 10s, or 0 (none waits) is accepted");
    text_fini(&problem);
}

/* A word that says who is trusted does not count as not said where its value cannot be used. */
static void test_guards(void **state)
{
    struct text problem = TEXT_INIT;
    (void)state;
    for (unsigned kind = 0; kind < SERVICE_OPTION_COUNT; kind++) {
        enum service_option_kind same = (enum service_option_kind)kind;
        bool is_of_backends =
            view_starts_with(view_str(service_option_word(same)), VIEW("backend-"));
        assert_int_equal(service_option_is_guard(same), is_of_backends);
        if (is_of_backends)
            assert_false(service_option_check(same, VIEW(SERVICE_OPTION_UNUSABLE), &problem));
    }
    text_fini(&problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_kind_has_its_word),
        cmocka_unit_test(test_a_sentence_names_the_word_and_the_remedy),
        cmocka_unit_test(test_guards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
