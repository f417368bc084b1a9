/* What --version prints: one line with lb and what it is made of. */
#include "lb/admin/version.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_one_line_names_every_part(void **state)
{
    struct version version = version_of_parts();
    struct text line = TEXT_INIT, want = TEXT_INIT;
    (void)state;
    assert_true(version.lb[0] && version.libuv[0] && version.llhttp[0] && version.jansson[0] &&
                version.openssl[0] == '3');
    version_append(&line);
    text_appendf(&want, "lb %s (libuv %s, llhttp %s, jansson %s, OpenSSL %s, kTLS is not used)\n",
                 version.lb, version.libuv, version.llhttp, version.jansson, version.openssl);
    assert_string_equal(text_str(&line), text_str(&want));
    text_fini(&line);
    text_fini(&want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_line_names_every_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
