/* What a line asks of a service: what is taken, and what is passed over. */
#include "lb/follow/service_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct arena arena;
static struct text passed_over;
static struct service_options options;

static bool read(const char *service)
{
    json_t *json = json_loads(service, 0, NULL);
    assert_non_null(json);
    text_clear(&passed_over);
    bool has_any = service_reader_read(json, &arena, &options, &passed_over);
    json_decref(json); /* values are copies */
    return has_any;
}

static int tear_down(void **state)
{
    (void)state;
    arena_fini(&arena);
    text_fini(&passed_over);
    return 0;
}

static void test_each_option_is_taken(void **state)
{
    (void)state;
    assert_true(
        read("{\"name\":\"app\",\"options\":{\"queue\":\"10\",\"balance\":\"least-requests\"}}"));
    assert_true(view_eq(options.values[SERVICE_OPTION_QUEUE], VIEW("10")));
    assert_true(view_eq(options.values[SERVICE_OPTION_BALANCE], VIEW("least-requests")));
    assert_int_equal(options.values[SERVICE_OPTION_STICKY].len, 0);
    assert_int_equal(passed_over.len, 0);
}

static void test_nothing_is_asked(void **state)
{
    (void)state;
    assert_false(read("{\"name\":\"app\"}"));
    assert_false(read("{\"name\":\"app\",\"options\":{}}"));
    assert_false(read("{\"name\":\"app\",\"options\":7}"));
    assert_int_equal(passed_over.len, 0);
}

static void test_what_is_of_a_later_version_is_passed_over(void **state)
{
    (void)state;
    assert_true(read("{\"name\":\"app\",\"options\":{\"queue\":\"10\",\"blance\\n\":\"x\"}}"));
    assert_string_equal(text_str(&passed_over),
                        "service \"app\": the option \"blance\\x0a\" is not known");
    assert_true(read("{\"name\":\"app\",\"options\":{\"queue\":\"10\",\"sticky\":7}}"));
    assert_non_null(strstr(text_str(&passed_over), "service \"app\": sticky \"\" is empty"));
    assert_int_equal(options.values[SERVICE_OPTION_STICKY].len, 0);
    assert_false(read("{\"name\":\"app\",\"options\":{\"balance\":\"a\\u0001\"}}"));
    assert_non_null(strstr(text_str(&passed_over), "balance \"a"));
}

/* It is told, and stays: who has it trusts nobody. */
static void test_what_says_who_is_trusted_is_not_passed_over(void **state)
{
    (void)state;
    assert_true(read("{\"name\":\"app\",\"options\":{\"backend-ca\":\"/a\",\"backend-name\":7}}"));
    assert_non_null(strstr(text_str(&passed_over), "backend-ca \"/a\""));
    assert_true(view_eq(options.values[SERVICE_OPTION_BACKEND_CA], VIEW("/a")));
    assert_true(
        view_eq(options.values[SERVICE_OPTION_BACKEND_NAME], VIEW(SERVICE_OPTION_UNUSABLE)));
}

static void test_sentences_are_bounded(void **state)
{
    struct text service = TEXT_INIT;
    (void)state;
    text_append_str(&service, "{\"name\":\"app\",\"options\":{\"\":1");
    for (unsigned i = 0; i < 1000; i++)
        text_appendf(&service, ",\"a%u-a-word-that-is-longer-than-others\":1", i);
    text_append_str(&service, "}}");
    assert_false(read(text_str(&service)));
    assert_true(passed_over.len < 2048);
    text_fini(&service);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_each_option_is_taken, tear_down),
        cmocka_unit_test_teardown(test_nothing_is_asked, tear_down),
        cmocka_unit_test_teardown(test_what_is_of_a_later_version_is_passed_over, tear_down),
        cmocka_unit_test_teardown(test_what_says_who_is_trusted_is_not_passed_over, tear_down),
        cmocka_unit_test_teardown(test_sentences_are_bounded, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
