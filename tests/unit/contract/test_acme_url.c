/* Which URLs an ACME server may have. */
#include "lb/contract/acme_url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_safe(void **state)
{
    static const char *const good[] = {
        "https://ca.example/dir", "https://ca.example:14000/a?b=c", "http://127.0.0.1:4000/dir",
        "http://127.3.2.1/",      "http://localhost:1/dir",         "http://[::1]:5/dir"};
    static const char *const bad[] = {"",
                                      "ca.example",
                                      "http://ca.example/dir",
                                      "http://127.0.0.1.example/",
                                      "http://127.0.0.1@ca.example/",
                                      "http://128.0.0.1/",
                                      "https://a b/",
                                      "https://a\"b/",
                                      "https://",
                                      "ftp://ca.example/",
                                      "HTTP://ca.example/",
                                      "https://a\nb/",
                                      "http://localhost.example/",
                                      "http://127.1/"};
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        if (!acme_url_is_safe(view_str(good[i])))
            fail_msg("%s was refused", good[i]);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (acme_url_is_safe(view_str(bad[i])))
            fail_msg("%s was taken", bad[i]);
}

static void test_directory(void **state)
{
    (void)state;
    assert_true(acme_url_is_directory(VIEW("production")));
    assert_true(acme_url_is_directory(VIEW("staging")));
    assert_true(acme_url_is_directory(VIEW("https://ca.internal/directory")));
    assert_true(acme_url_is_directory(VIEW("http://127.0.0.1:14000/dir")));
    assert_false(acme_url_is_directory(VIEW("stagin")));
    assert_false(acme_url_is_directory(VIEW("http://x/")));
    assert_false(acme_url_is_directory(VIEW("")));
    char url[ACME_URL_DIRECTORY_BYTES + 1] = "https://ca/";
    memset(url + 11, 'a', ACME_URL_DIRECTORY_BYTES - 11);
    assert_false(acme_url_is_directory(view_of(url, ACME_URL_DIRECTORY_BYTES)));
    assert_true(acme_url_is_directory(view_of(url, ACME_URL_DIRECTORY_BYTES - 1)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_safe),
                                       cmocka_unit_test(test_directory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
