/* Which URLs are asked; hosts of them. */
#include "acme/exchange.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

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
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_host)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
