/* The free list of objects of one size. */
#include "lb/base/slab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdint.h>
#include <string.h>

#define OBJECT_BYTES 56

static void test_reuse(void **state)
{
    struct slab slab;
    (void)state;
    slab_init(&slab, OBJECT_BYTES, 8);
    void *first = slab_take(&slab), *second = slab_take(&slab);
    assert_ptr_not_equal(first, second);
    memset(first, 0xFF, OBJECT_BYTES);
    memset(second, 0xFF, OBJECT_BYTES);
    assert_int_equal(slab.used_count, 2);
    slab_give(&slab, first);
    slab_give(&slab, second);
    assert_int_equal(slab.used_count, 0);
    assert_int_equal(slab.free_count, 2);
    assert_ptr_equal(slab_take(&slab), second); /* the warm one first */
    assert_ptr_equal(slab_take(&slab), first);
    assert_int_equal(slab.free_count, 0);
    slab_give(&slab, first);
    slab_give(&slab, second);
    slab_fini(&slab);
    assert_null(slab.free);
}

static void test_kept(void **state)
{
    struct slab slab;
    void *objects[20];
    (void)state;
    slab_init(&slab, sizeof(void *), 5);
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 20; i++)
            objects[i] = slab_take(&slab);
        assert_int_equal(slab.used_count, 20);
        for (unsigned i = 0; i < 20; i++)
            slab_give(&slab, objects[i]);
        assert_int_equal(slab.free_count, 5);
        assert_int_equal(slab.used_count, 0);
    }
    slab_fini(&slab);
    assert_int_equal(slab.free_count, 0);
}

static void test_none_kept(void **state)
{
    struct slab slab;
    (void)state;
    slab_init(&slab, OBJECT_BYTES, 0);
    slab_give(&slab, slab_take(&slab));
    assert_null(slab.free);
    slab_fini(&slab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reuse),
        cmocka_unit_test(test_kept),
        cmocka_unit_test(test_none_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
