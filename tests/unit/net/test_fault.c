/* Whose fault it is, and what the operator is told. */
#include "lb/net/fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <uv.h>

#include <cmocka.h>

static void test_own_faults_have_a_remedy(void **state)
{
    static const int own[] = {UV_EMFILE,        UV_ENFILE, UV_ENOBUFS,     UV_ENOMEM,
                              UV_EADDRNOTAVAIL, UV_EAGAIN, UV_ENETUNREACH, UV_ENETDOWN};
    (void)state;
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        assert_true(fault_is_own(own[i]));
        assert_non_null(strchr(fault_remedy(own[i]), ';')); /* what it is; what to do */
    }
}

static void test_faults_of_servers(void **state)
{
    static const int theirs[] = {0, UV_ECONNREFUSED, UV_ETIMEDOUT, UV_EHOSTUNREACH, UV_ECONNRESET};
    (void)state;
    for (size_t i = 0; i < sizeof(theirs) / sizeof(theirs[0]); i++)
        assert_false(fault_is_own(theirs[i]));
    assert_string_equal(fault_remedy(UV_ECONNREFUSED), uv_strerror(UV_ECONNREFUSED));
}

static void test_shortage_of_descriptors_only(void **state)
{
    (void)state;
    assert_true(fault_is_shortage(UV_EMFILE));
    assert_true(fault_is_shortage(UV_ENFILE));
    assert_false(fault_is_shortage(UV_ENOBUFS));
    assert_false(fault_is_shortage(UV_ECONNREFUSED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own_faults_have_a_remedy),
        cmocka_unit_test(test_faults_of_servers),
        cmocka_unit_test(test_shortage_of_descriptors_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
