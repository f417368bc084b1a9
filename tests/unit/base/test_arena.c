/* Bytes that are all freed at once. */
#include "lb/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void test_all_that_is_given_stays(void **state)
{
    struct arena arena = {0};
    unsigned *given[5000];
    (void)state;
    for (unsigned i = 0; i < 5000; i++) {
        given[i] = arena_new(&arena, sizeof(unsigned) * (1 + i % 40));
        assert_int_equal((uintptr_t)given[i] % alignof(max_align_t), 0);
        assert_int_equal(given[i][i % 40], 0);
        given[i][0] = given[i][i % 40] = i;
    }
    for (unsigned i = 0; i < 5000; i++)
        assert_int_equal(given[i][0], i);
    arena_fini(&arena);
    assert_null(arena.chunks);
}

static void test_large_ones(void **state)
{
    struct arena arena = {0};
    (void)state;
    char *large = arena_new(&arena, 100000);
    memset(large, 'x', 100000);
    struct view copy = arena_copy(&arena, view_of(large, 100000));
    assert_ptr_not_equal(copy.ptr, large);
    assert_true(view_eq(copy, view_of(large, 100000)));
    assert_int_equal(arena_copy(&arena, view_of(NULL, 0)).len, 0);
    arena_fini(&arena);
}

static void test_what_is_reserved_is_one_piece(void **state)
{
    struct arena arena = {0};
    (void)state;
    arena_reserve(&arena, 30000);
    const struct arena_chunk *piece = arena.chunks;
    const char *first = arena_new(&arena, 16), *last = arena_new(&arena, 29000);
    assert_ptr_equal(last, first + 16);
    assert_ptr_equal(arena.chunks, piece);
    arena_new(&arena, 1000);
    assert_ptr_not_equal(arena.chunks, piece);
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_that_is_given_stays),
        cmocka_unit_test(test_large_ones),
        cmocka_unit_test(test_what_is_reserved_is_one_piece),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
