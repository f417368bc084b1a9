/* Lines in their order, up to so many bytes, and what is told of them. */
#include "lb/gelf/gelf_queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define OVERHEAD 16 /* of an item */

static _Atomic uint64_t waiting;

static void test_order(void **state)
{
    struct gelf_queue queue;
    struct view line;
    (void)state;
    gelf_queue_init(&queue, 1000, &waiting);
    assert_false(gelf_queue_first(&queue, &line));
    assert_int_equal(gelf_queue_put(&queue, VIEW("one")), GELF_QUEUE_IS_FIRST);
    assert_int_equal(gelf_queue_put(&queue, VIEW("two")), GELF_QUEUE_WAITS);
    assert_int_equal(waiting, 2);
    assert_true(gelf_queue_first(&queue, &line) && view_eq(line, VIEW("one")));
    assert_true(gelf_queue_first(&queue, &line) && view_eq(line, VIEW("one")));
    gelf_queue_drop_first(&queue);
    assert_true(gelf_queue_first(&queue, &line) && view_eq(line, VIEW("two")));
    gelf_queue_drop_first(&queue);
    assert_int_equal(waiting, 0);
    assert_int_equal(gelf_queue_put(&queue, VIEW("three")), GELF_QUEUE_IS_FIRST);
    gelf_queue_fini(&queue);
    assert_int_equal(waiting, 0);
}

static void test_bound(void **state)
{
    static char line[1000];
    struct gelf_queue queue;
    (void)state;
    gelf_queue_init(&queue, 2 * (100 + OVERHEAD), &waiting);
    assert_int_equal(gelf_queue_put(&queue, view_of(line, 217)), GELF_QUEUE_NO_ROOM);
    assert_int_equal(gelf_queue_put(&queue, view_of(line, 100)), GELF_QUEUE_IS_FIRST);
    assert_int_equal(gelf_queue_put(&queue, view_of(line, 101)), GELF_QUEUE_NO_ROOM);
    assert_int_equal(gelf_queue_put(&queue, view_of(line, 100)), GELF_QUEUE_WAITS);
    assert_int_equal(gelf_queue_put(&queue, view_of(line, 1)), GELF_QUEUE_NO_ROOM);
    assert_int_equal(gelf_queue_count(&queue), 2);
    assert_int_equal(gelf_queue_take_dropped(&queue), 3);
    assert_int_equal(gelf_queue_take_dropped(&queue), 0);
    gelf_queue_drop_first(&queue);
    assert_int_equal(gelf_queue_put(&queue, view_of(line, 100)), GELF_QUEUE_WAITS);
    gelf_queue_fini(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
