/* The tree of control groups in both versions, limits in the group itself and around it. */
#include "lb/crew/memory_limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MIB (UINT64_C(1) << 20)

static void put(const char *tree, const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s", tree, name);
    for (char *at = strchr(path + strlen(tree) + 1, '/'); at; at = strchr(at + 1, '/')) {
        *at = '\0';
        mkdir(path, 0700);
        *at = '/';
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void test_both_versions(void **state)
{
    char tree[] = "/tmp/lb-memory-XXXXXX", command[64];
    (void)state;
    assert_non_null(mkdtemp(tree));
    assert_true(memory_limit_in(tree, "/") == MEMORY_LIMIT_NONE);
    put(tree, "memory.max", "max\n");
    assert_true(memory_limit_in(tree, "/") == MEMORY_LIMIT_NONE);
    put(tree, "a/memory.max", "50331648\n");
    put(tree, "a/b/memory.max", "max\n");
    assert_true(memory_limit_in(tree, "/a/b") == 48 * MIB);
    assert_true(memory_limit_in(tree, "/a/b/not/there") == 48 * MIB);
    assert_true(memory_limit_in(tree, "/c") == MEMORY_LIMIT_NONE);
    put(tree, "memory/memory.limit_in_bytes", "9223372036854771712\n");
    assert_true(memory_limit_in(tree, "/c") == MEMORY_LIMIT_NONE);
    put(tree, "memory/c/memory.limit_in_bytes", "33554432\n");
    assert_true(memory_limit_in(tree, "/c") == 32 * MIB);
    put(tree, "memory/memory.limit_in_bytes", "16777216\n");
    assert_true(memory_limit_in(tree, "/nowhere") == 16 * MIB);
    snprintf(command, sizeof(command), "rm -r %s", tree);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_versions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
