/* Which URLs are asked; hosts of them. */
#include "acme/exchange.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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
        if (!exchange_url_is_safe(good[i]))
            fail_msg("%s was refused", good[i]);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (exchange_url_is_safe(bad[i]))
            fail_msg("%s was taken", bad[i]);
}

static void test_host(void **state)
{
    char host[EXCHANGE_FIELD_BYTES];
    (void)state;
    exchange_host("https://ca.example:14000/dir", host);
    assert_string_equal(host, "ca.example:14000");
    exchange_host("https://ca.example", host);
    assert_string_equal(host, "ca.example");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_safe), cmocka_unit_test(test_host)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
