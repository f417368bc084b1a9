/* The table of errors: complete, sane, and its words fit for logs and metrics. */
#include "lb/base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static int is_word(const char *word)
{
    return *word && strspn(word, "abcdefghijklmnopqrstuvwxyz_:") == strlen(word);
}

static void test_table(void **state)
{
    (void)state;
    for (int i = 0; i < ERR_COUNT; i++) {
        enum err err = (enum err)i;
        const char *sentence = err_sentence(err);
        if (!is_word(err_word(err)))
            fail_msg("the word of error %d is \"%s\"", i, err_word(err));
        if (err != ERR_OK) {
            if (err_status(err) != 200 && (err < ERR_MOVED || err > ERR_SLASH)) /* no errors */
                assert_in_range(err_status(err), 400, 599);
            assert_in_range(sentence[0], 'A', 'Z');
            assert_int_equal(sentence[strlen(sentence) - 1], '.');
        }
        for (int j = 0; j < i; j++)
            assert_string_not_equal(err_word(err), err_word((enum err)j));
    }
}

/* The word's beginning and the status tell the same about who was wrong. */
static void test_blame(void **state)
{
    (void)state;
    for (int i = ERR_OK + 1; i < ERR_COUNT; i++) {
        enum err err = (enum err)i;
        int status = err_status(err);
        if (strncmp(err_word(err), "bad_request:", 12) == 0)
            assert_true(status < 500 || status == 501 || status == 505);
        if (strncmp(err_word(err), "upstream_", 9) == 0)
            assert_true(status == 502 || status == 504);
        if (strncmp(err_word(err), "client_certificate:", 19) == 0)
            assert_int_equal(status, 400);
        else if (strncmp(err_word(err), "client_", 7) == 0)
            assert_int_equal(status, 499);
    }
}

static void test_known(void **state)
{
    (void)state;
    assert_int_equal(ERR_OK, 0); /* `if (err)` */
    assert_int_equal(err_status(ERR_OK), 200);
    assert_string_equal(err_word(ERR_OK), "ok");
    assert_int_equal(err_status(ERR_HOST), 400);
    assert_int_equal(err_status(ERR_METHOD), 501);
    assert_int_equal(err_status(ERR_CODING), 501);
    assert_int_equal(err_status(ERR_VERSION), 505);
    assert_int_equal(err_status(ERR_TARGET_TOO_LONG), 414);
    assert_int_equal(err_status(ERR_HEAD_TOO_LARGE), 431);
    assert_int_equal(err_status(ERR_BODY_TOO_LARGE), 413);
    assert_int_equal(err_status(ERR_HEAD_TIMEOUT), 408);
    assert_int_equal(err_status(ERR_NO_ROUTE), 404);
    assert_int_equal(err_status(ERR_NO_ENDPOINT), 503);
    assert_int_equal(err_status(ERR_REFUSED), 502);
    assert_int_equal(err_status(ERR_UPSTREAM_TIMEOUT), 504);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_blame),
        cmocka_unit_test(test_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
