/* Names of --backend and the addresses that they have. */
#include "lb/follow/backends.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

/* Also a name that has lost its addresses stands with those that it had. */
static void test_names_of_an_address(void **state)
{
    struct backends backends = {0};
    struct address one, two;
    struct text names = TEXT_INIT;
    (void)state;
    assert_true(address_parse(VIEW("10.0.0.1:80"), &one));
    assert_true(address_parse(VIEW("[fd00::1]:80"), &two));
    backends_add_name(&backends, "10.0.0.1:80", "", 0);
    backends_add(&backends, &one);
    backends_add_name(&backends, "app:80", "", 0);
    backends_add(&backends, &one);
    backends_add(&backends, &two);
    backends_add_name(&backends, "web:80", "no such host", 1000000000);
    backends_add(&backends, &one);
    backends_append_names(&backends, &two, &names);
    assert_string_equal(text_str(&names), "--backend app:80");
    text_clear(&names);
    backends_append_names(&backends, &one, &names);
    assert_string_equal(text_str(&names),
                        "--backend app:80, --backend web:80 (since 1970-01-01T00:00:01.000000Z its "
                        "name has no address: no such host; the last ones stay in use)");
    assert_true(backends_name_means("app:80", VIEW("app")));
    assert_true(backends_name_means("app:80", VIEW("APP:80")));
    assert_true(backends_name_means("[fd00::1]:80", VIEW("[fd00::1]")));
    assert_false(backends_name_means("app:80", VIEW("ap")));
    assert_false(backends_name_means("app:80", VIEW("app:8")));
    text_fini(&names);
    backends_fini(&backends);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_of_an_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
