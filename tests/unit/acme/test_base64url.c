/* RFC 4648 § 10, in the alphabet for URLs and without padding; what is none. */
#include "acme/base64url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void test_encode_and_decode(void **state)
{
    static const char *const pairs[][2] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xff\xfe\xfb", "__77"}};
    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        struct text out = TEXT_INIT, back = TEXT_INIT;
        base64url_append(&out, view_str(pairs[i][0]));
        assert_string_equal(text_str(&out), pairs[i][1]);
        assert_true(base64url_decode(text_view(&out), &back));
        assert_string_equal(text_str(&back), pairs[i][0]);
        text_fini(&out);
        text_fini(&back);
    }
}

static void test_what_is_none(void **state)
{
    static const char *const wrong[] = {"A",  "Zg=a", "Zm+v",  "Zm/v", "Z g",
                                        "Zh", "Zm9",  "Zg===", "AAAAA"};
    struct text out = TEXT_INIT;
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        if (base64url_decode(view_str(wrong[i]), &out))
            fail_msg("%s was taken", wrong[i]);
    assert_true(base64url_decode(VIEW("Zg=="), &out));
    assert_false(base64url_decode(view_of("Zg\0=", 4), &out));
    text_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_encode_and_decode),
                                       cmocka_unit_test(test_what_is_none)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
