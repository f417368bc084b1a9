/* The filter for other machines, and how long it is. */
#include "lb/jail/jail_calls.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <cmocka.h>

#include <linux/filter.h>

#define INSTRUCTIONS_MAX 1000

static size_t instructions_of(uint32_t machine, enum jail_kind kind)
{
    FILE *file = tmpfile();
    struct stat status;
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(1));
    assert_non_null(file);
    assert_non_null(filter);
    if (machine != seccomp_arch_native()) {
        assert_int_equal(seccomp_arch_remove(filter, SCMP_ARCH_NATIVE), 0);
        assert_int_equal(seccomp_arch_add(filter, machine), 0);
    }
    assert_int_equal(seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2), 0);
    assert_int_equal(jail_calls_add(filter, kind, 1), 0);
    assert_int_equal(seccomp_export_bpf(filter, fileno(file)), 0);
    assert_int_equal(fstat(fileno(file), &status), 0);
    seccomp_release(filter);
    fclose(file);
    return (size_t)status.st_size / sizeof(struct sock_filter);
}

static void test_each_machine_has_a_filter(void **state)
{
    static const uint32_t machines[] = {SCMP_ARCH_X86_64, SCMP_ARCH_AARCH64};
    static const char *const programs[JAIL_KIND_COUNT] = {"lb-proxy", "lb-discovery", "lb-report",
                                                          "lb-acme", "lb-acme, Consul by unix"};
    (void)state;
    for (unsigned i = 0; i < 2 * JAIL_KIND_COUNT; i++) {
        unsigned kind = i / 2;
        size_t count = instructions_of(machines[i % 2], (enum jail_kind)kind);
        print_message("%s, %s: %zu instructions\n", i % 2 == 0 ? "x86-64" : "arm64", programs[kind],
                      count);
        assert_in_range(count, 100, INSTRUCTIONS_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_machine_has_a_filter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
