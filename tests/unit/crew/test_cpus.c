/* How many CPUs there are to use: by the affinity mask and by the quota of either version of
 * control groups, which the linker lets this test write. */
#include "lb/crew/cpus.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

FILE *__wrap_fopen(const char *path, const char *mode);
int __wrap_sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set);

/* What the files have; NULL: there is none. */
static struct {
    const char *max, *quota, *period;
    int affinity; /* CPUs; -1: it cannot be asked */
} world;

FILE *__wrap_fopen(const char *path, const char *mode)
{
    const char *text = strstr(path, "cpu.max")            ? world.max
                       : strstr(path, "cpu.cfs_quota_us") ? world.quota
                                                          : world.period;
    (void)mode;
    return text ? fmemopen((void *)(uintptr_t)text, strlen(text), "r") : NULL;
}

int __wrap_sched_getaffinity(pid_t pid, size_t size, cpu_set_t *set)
{
    (void)pid;
    assert_int_equal(size, sizeof(*set));
    CPU_ZERO(set);
    for (unsigned i = 0; world.affinity > 0 && i < (unsigned)world.affinity; i++)
        CPU_SET(2 * i, set);
    return world.affinity < 0 ? -1 : 0;
}

static void test_the_least_of_mask_and_quota(void **state)
{
    static const struct {
        int affinity;
        const char *max, *quota, *period;
        unsigned want;
    } rows[] = {
        {8, NULL, NULL, NULL, 8},
        {1, NULL, NULL, NULL, 1},
        {0, NULL, NULL, NULL, 1},
        {-1, NULL, NULL, NULL, 1},
        {8, "max 100000\n", NULL, NULL, 8},
        {8, "200000 100000\n", NULL, NULL, 2},
        {8, "200001 100000\n", NULL, NULL, 3}, /* a part of one needs one */
        {8, "50000 100000\n", NULL, NULL, 1},
        {8, "1 100000\n", NULL, NULL, 1},
        {8, "900000 100000\n", NULL, NULL, 8},
        {8, "0 100000\n", NULL, NULL, 8},
        {8, "200000 0\n", NULL, NULL, 8},
        {8, "-200000 100000\n", NULL, NULL, 8},
        {8, "200000\n", NULL, NULL, 8},
        {8, " ", NULL, NULL, 8},
        {8, "nonsense\n", "200000\n", "100000\n", 8}, /* version 2 has the word */
        {8, NULL, "300000\n", "100000\n", 3},
        {8, NULL, "-1\n", "100000\n", 8}, /* no quota */
        {8, NULL, "300000\n", NULL, 8},
        {8, NULL, NULL, "100000\n", 8},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        world.affinity = rows[i].affinity;
        world.max = rows[i].max;
        world.quota = rows[i].quota;
        world.period = rows[i].period;
        if (cpus_allowed() != rows[i].want)
            fail_msg("row %zu: %u", i, cpus_allowed());
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_least_of_mask_and_quota)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
