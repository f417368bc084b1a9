#include "discovery/registrar/prober.h"

#include <string.h>

#include "discovery/net/fetch_loop.h"

#include "tests/unit/discovery/cmocka_all.h"

static void test_what_an_answer_means(void **state)
{
    static const struct {
        int status;
        const char *body, *text;
        enum registration_health health;
        const char *sentence;
    } cases[] = {
        {200, "Hello World\n", "Hello World", REGISTRATION_PASSING,
         "200, and \"Hello World\" in its body"},
        {200, "Hello", "Hello World", REGISTRATION_CRITICAL,
         "200, but no \"Hello World\" in its body"},
        {200, "", "x", REGISTRATION_CRITICAL, "200, but no \"x\" in its body"},
        {204, "", "", REGISTRATION_PASSING, "204"},
        {299, "", "", REGISTRATION_PASSING, "299"},
        {301, "x", "x", REGISTRATION_CRITICAL, "301"},
        {429, "x", "x", REGISTRATION_WARNING, "429: it has too much to do"},
        {503, "x", "", REGISTRATION_CRITICAL, "503"},
        {200, "a\nb", "a\nb", REGISTRATION_PASSING, "200, and \"a?b\" in its body"},
    };
    struct text sentence = TEXT_INIT;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        enum registration_health health =
            prober_judge(cases[i].status, view_str(cases[i].body), cases[i].text, &sentence);
        if (health != cases[i].health || strcmp(text_str(&sentence), cases[i].sentence) != 0)
            fail_msg("%zu: %s", i, text_str(&sentence));
    }
    text_fini(&sentence);
}

static void take_result(void *owner, enum registration_health health, const char *sentence)
{
    assert_int_equal(health, REGISTRATION_CRITICAL);
    assert_non_null(strstr(sentence, "http://ADDRESS:PORT"));
    ++*(int *)owner;
}

static void test_urls_that_cannot_be_asked(void **state)
{
    static const char *const urls[] = {"",
                                       "https://10.0.0.1:80/",
                                       "http://",
                                       "http:///x",
                                       "http://10.0.0.1/x",
                                       "http://10.0.0.1:0/",
                                       "http://a b:80/",
                                       "http://10.0.0.1:80/\n",
                                       "x"};
    struct fetch_loop *loop = fetch_loop_open();
    (void)state;
    for (size_t i = 0; i < COUNT(urls); i++) {
        int count = 0;
        struct prober *prober =
            prober_open(loop, &(struct registration_probe){.url = urls[i]}, &count, take_result);
        prober_tick(prober, 1000);
        assert_int_equal(count, 1);
        prober_tick(prober, 10999);
        assert_int_equal(count, 1);
        assert_int_equal(prober_next_tick_ms(prober), 11000);
        prober_tick(prober, 11000);
        assert_int_equal(count, 2);
        prober_close(prober);
    }
    prober_close(NULL);
    fetch_loop_close(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_an_answer_means),
        cmocka_unit_test(test_urls_that_cannot_be_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
