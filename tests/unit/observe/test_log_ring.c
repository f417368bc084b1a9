/* Lines come out as they went in, whole and in order, also around the end of the ring and from
 * another thread; what has no room is dropped and counted. */
#include "lb/observe/log_ring.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

static size_t take_all(struct log_ring *ring, char *out)
{
    struct view pieces[2];
    log_ring_peek(ring, pieces);
    memcpy(out, pieces[0].ptr, pieces[0].len);
    memcpy(out + pieces[0].len, pieces[1].ptr, pieces[1].len);
    log_ring_take(ring, pieces[0].len + pieces[1].len);
    return pieces[0].len + pieces[1].len;
}

/* One byte always stays, so that it is never used from its front again. */
static void test_wraps(void **state)
{
    struct log_ring ring;
    struct view pieces[2];
    char out[16];
    unsigned torn_count = 0;
    (void)state;
    log_ring_init(&ring, 16);
    assert_true(log_ring_put(&ring, VIEW("\n")));
    for (int i = 0; i < 100; i++) {
        assert_true(log_ring_put(&ring, VIEW("abcde\n")));
        assert_true(log_ring_put(&ring, VIEW("fg\n")));
        log_ring_peek(&ring, pieces);
        memcpy(out, pieces[0].ptr, pieces[0].len);
        memcpy(out + pieces[0].len, pieces[1].ptr, pieces[1].len);
        assert_int_equal(pieces[0].len + pieces[1].len, 10);
        assert_memory_equal(out, "\nabcde\nfg\n", 10);
        torn_count += pieces[1].len > 0;
        log_ring_take(&ring, 9);
    }
    assert_int_equal(torn_count, 56); /* as often as 900 bytes meet its end */
    assert_int_equal(take_all(&ring, out), 1);
    assert_int_equal(log_ring_dropped_count(&ring), 0);
    log_ring_fini(&ring);
}

static void test_begins_at_its_front_when_empty(void **state)
{
    struct log_ring ring;
    struct view pieces[2];
    char out[16];
    (void)state;
    log_ring_init(&ring, 16);
    for (int i = 0; i < 100; i++) {
        assert_true(log_ring_put(&ring, VIEW("abcde\n")));
        assert_true(log_ring_put(&ring, VIEW("fg\n")));
        log_ring_peek(&ring, pieces);
        assert_ptr_equal(pieces[0].ptr, ring.bytes);
        assert_int_equal(pieces[1].len, 0);
        assert_int_equal(take_all(&ring, out), 9);
        assert_memory_equal(out, "abcde\nfg\n", 9);
    }
    assert_int_equal(take_all(&ring, out), 0);
    log_ring_fini(&ring);
}

static void test_drops_whole_lines(void **state)
{
    struct log_ring ring;
    char out[16];
    (void)state;
    log_ring_init(&ring, 16);
    assert_true(log_ring_put(&ring, VIEW("012\n")));
    assert_false(log_ring_is_filling(&ring));
    assert_true(log_ring_put(&ring, VIEW("456\n")));
    assert_true(log_ring_is_filling(&ring));
    assert_false(log_ring_put(&ring, VIEW("01234567\n")));
    assert_true(log_ring_put(&ring, VIEW("89abcde\n")));
    assert_true(log_ring_is_filling(&ring));
    assert_false(log_ring_put(&ring, VIEW("\n")));
    assert_int_equal(log_ring_dropped_count(&ring), 2);
    log_ring_take(&ring, 3);
    assert_true(log_ring_put(&ring, VIEW("x\n")));
    assert_int_equal(take_all(&ring, out), 15);
    assert_memory_equal(out, "\n456\n89abcde\nx\n", 15);
    log_ring_fini(&ring);
}

#define LINES 200000u

static void *produce(void *argument)
{
    struct log_ring *ring = argument;
    char line[32];
    for (unsigned i = 0; i < LINES;) {
        int len = snprintf(line, sizeof(line), "%u:%.*s\n", i, (int)(i % 11), "abcdefghijk");
        if (log_ring_put(ring, view_of(line, (size_t)len)))
            i++;
    }
    return NULL;
}

static void test_two_threads(void **state)
{
    struct log_ring ring;
    pthread_t thread;
    char out[4096];
    unsigned next = 0;
    (void)state;
    log_ring_init(&ring, 4096);
    assert_int_equal(pthread_create(&thread, NULL, produce, &ring), 0);
    while (next < LINES) {
        struct view rest = view_of(out, take_all(&ring, out));
        while (rest.len > 0) {
            struct view line = view_cut(&rest, '\n');
            uint64_t number;
            assert_true(view_parse_u64(view_cut(&line, ':'), LINES, &number));
            assert_int_equal(number, next);
            assert_true(view_eq(line, view_of("abcdefghijk", next % 11)));
            next++;
        }
    }
    pthread_join(thread, NULL);
    log_ring_fini(&ring);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wraps),
        cmocka_unit_test(test_begins_at_its_front_when_empty),
        cmocka_unit_test(test_drops_whole_lines),
        cmocka_unit_test(test_two_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
