/* Pooled blocks and queues of them. */
#include "lb/base/block.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdint.h>

#include "lb/base/rng.h"
#include "lb/base/text.h"

static struct block_pool pool;

static int tear_down(void **state)
{
    (void)state;
    assert_int_equal(pool.used_bytes, 0);
    block_pool_fini(&pool);
    assert_null(pool.free_small);
    assert_int_equal(pool.free_large_count, 0);
    return 0;
}

static void test_sizes(void **state)
{
    static const struct {
        size_t wanted, capacity;
    } cases[] = {
        {0, BLOCK_SMALL_BYTES},
        {1, BLOCK_SMALL_BYTES},
        {BLOCK_SMALL_BYTES, BLOCK_SMALL_BYTES},
        {BLOCK_SMALL_BYTES + 1, BLOCK_LARGE_BYTES},
        {BLOCK_LARGE_BYTES, BLOCK_LARGE_BYTES},
        {BLOCK_LARGE_BYTES + 1, BLOCK_LARGE_BYTES + 1},
        {1000000, 1000000},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct block *block = block_take(&pool, cases[i].wanted);
        assert_int_equal(block->capacity, cases[i].capacity);
        assert_int_equal(block_room(block), cases[i].capacity);
        assert_int_equal(pool.used_bytes, cases[i].capacity);
        memset(block->bytes, 'x', block->capacity);
        block_give(&pool, block);
        assert_int_equal(pool.used_bytes, 0);
    }
    block_give(&pool, NULL);
}

/* Steady traffic does not allocate: what was given back comes again, empty. */
static void test_reuse(void **state)
{
    static const size_t sizes[] = {BLOCK_SMALL_BYTES, BLOCK_LARGE_BYTES};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct block *first = block_take(&pool, sizes[i]);
        block_append(first, VIEW("abc"));
        first->next = first;
        block_give(&pool, first);
        struct block *second = block_take(&pool, sizes[i]);
        assert_ptr_equal(second, first);
        assert_int_equal(second->len, 0);
        assert_null(second->next);
        struct block *third = block_take(&pool, sizes[i]);
        assert_ptr_not_equal(third, second);
        block_give(&pool, second);
        block_give(&pool, third);
    }
}

static void check_kept(size_t size, unsigned count, const unsigned *kept_count)
{
    struct block *all = NULL;
    for (unsigned i = 0; i < count; i++) {
        struct block *block = block_take(&pool, size);
        block->next = all;
        all = block;
    }
    assert_int_equal(pool.used_bytes, count * size);
    while (all) {
        struct block *next = all->next;
        block_give(&pool, all);
        all = next;
    }
    assert_in_range(*kept_count, 1, count - 1);
}

/* A burst's memory is not held for ever. */
static void test_kept(void **state)
{
    (void)state;
    check_kept(BLOCK_SMALL_BYTES, 3000, &pool.free_small_count);
    check_kept(BLOCK_LARGE_BYTES, 300, &pool.free_large_count);
}

/* ---- queues ---------------------------------------------------------------------------------- */

static void check_queue(const struct block_queue *queue, struct view want)
{
    struct view left = want;
    const struct block *last = NULL;
    for (const struct block *block = queue->first; block; last = block, block = block->next) {
        assert_true(block->len > 0 && block->len <= left.len);
        assert_memory_equal(block->bytes, left.ptr, block->len);
        left = view_skip(left, block->len);
    }
    assert_int_equal(left.len, 0);
    assert_int_equal(queue->len, want.len);
    assert_ptr_equal(queue->last, last);
}

static void test_queue(void **state)
{
    struct block_queue queue = {0};
    (void)state;
    block_queue_append(&pool, &queue, view_of(NULL, 0));
    assert_null(queue.first);
    block_queue_append(&pool, &queue, VIEW("one "));
    block_queue_append(&pool, &queue, VIEW("two "));
    assert_ptr_equal(queue.first, queue.last); /* small pieces share a block */
    check_queue(&queue, VIEW("one two "));
    block_queue_seal(&queue);
    block_queue_append(&pool, &queue, VIEW("three "));
    block_queue_append(&pool, &queue, VIEW("four"));
    assert_ptr_equal(queue.first->next, queue.last); /* one new block, then shared again */
    assert_int_equal(queue.first->len, 8);           /* the sealed one was left alone */
    check_queue(&queue, VIEW("one two three four"));
    block_queue_drop_first(&pool, &queue);
    check_queue(&queue, VIEW("three four"));
    block_queue_seal(&queue);
    block_queue_drop_first(&pool, &queue);
    check_queue(&queue, VIEW(""));
    block_queue_append(&pool, &queue, VIEW("five"));
    block_queue_append(&pool, &queue, VIEW("six"));
    assert_ptr_equal(queue.first, queue.last); /* the seal went with its block */
    block_queue_clear(&pool, &queue);
    check_queue(&queue, VIEW(""));
    assert_int_equal(pool.used_bytes, 0);
}

/* Any mix of appending, sealing and dropping keeps the bytes and their order. */
static void test_queue_any(void **state)
{
    struct rng rng = {7};
    struct block_queue queue = {0};
    struct text want = TEXT_INIT, piece = TEXT_INIT;
    size_t dropped_bytes = 0;
    (void)state;
    for (unsigned turn = 0; turn < 3000; turn++) {
        unsigned choice = (unsigned)(rng_next(&rng) % 8);
        if (choice == 0) {
            block_queue_seal(&queue);
        } else if (choice == 1 && queue.first) {
            dropped_bytes += queue.first->len;
            block_queue_drop_first(&pool, &queue);
        } else if (want.len - dropped_bytes < 200000) {
            size_t len = (size_t)(rng_next(&rng) % (choice == 2 ? 40000 : 300));
            text_clear(&piece);
            while (len-- > 0)
                text_append_char(&piece, (char)rng_next(&rng));
            const struct block *sealed = queue.is_sealed ? queue.last : NULL;
            size_t sealed_len = sealed ? sealed->len : 0;
            block_queue_append(&pool, &queue, text_view(&piece));
            text_append(&want, text_view(&piece));
            assert_true(!sealed || sealed->len == sealed_len);
        }
        check_queue(&queue, view_skip(text_view(&want), dropped_bytes));
    }
    block_queue_clear(&pool, &queue);
    text_fini(&want);
    text_fini(&piece);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes), cmocka_unit_test(test_reuse),     cmocka_unit_test(test_kept),
        cmocka_unit_test(test_queue), cmocka_unit_test(test_queue_any),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
