/* What a turn of the loop is: one time for all that happens in it, and room that is made at its
 * end. */
#include "lb/net/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "lb/base/clock.h"

static struct loop loop;
static uv_timer_t life; /* a loop without one does not turn */
static unsigned full_count;
static bool has_room_to_make;

static void on_uv_timer(uv_timer_t *timer)
{
    (void)timer;
}

static int set_up(void **state)
{
    (void)state;
    full_count = 0;
    assert_int_equal(loop_init(&loop), 0);
    uv_timer_init(&loop.uv, &life);
    return uv_timer_start(&life, on_uv_timer, 60000, 0);
}

static int tear_down(void **state)
{
    (void)state;
    uv_close((uv_handle_t *)&life, NULL);
    loop_fini(&loop);
    return 0;
}

static void turn(void)
{
    uv_run(&loop.uv, UV_RUN_NOWAIT);
}

static void test_clock_is_asked_once_in_a_turn(void **state)
{
    (void)state;
    uint64_t mono_ns = loop_mono_ns(&loop), wall_ns = loop_wall_ns(&loop);
    usleep(1000);
    assert_true(loop_mono_ns(&loop) == mono_ns && loop_wall_ns(&loop) == wall_ns);
    uint64_t number = loop.turn;
    turn();
    assert_int_equal(loop.turn, number + 1);
    assert_true(loop_mono_ns(&loop) >= mono_ns + 1000000);
    assert_true(loop_wall_ns(&loop) != wall_ns);
    assert_true(loop_mono_ns(&loop) <= clock_mono_ns());
}

static bool on_full(void *owner)
{
    assert_ptr_equal(owner, &full_count);
    full_count++;
    return has_room_to_make;
}

/* Nothing is read while room can be made; where there is none to make, reading goes on. */
static void test_room_is_made_at_the_end_of_a_turn(void **state)
{
    (void)state;
    turn();
    assert_false(loop.awaits_room); /* nobody would make any */
    loop.on_full = on_full;
    loop.full_owner = &full_count;
    loop.blocks.max_bytes = 1;
    turn();
    assert_int_equal(full_count, 0);
    assert_true(loop.awaits_room);
    struct block *block = block_take(&loop.blocks, 100);
    for (unsigned i = 0; i < 2; i++) {
        has_room_to_make = i == 0;
        turn();
        assert_int_equal(full_count, i + 1);
        assert_int_equal(loop.awaits_room, has_room_to_make);
    }
    block_give(&loop.blocks, block);
}

static void test_pipes_count_as_memory(void **state)
{
    (void)state;
    assert_ptr_equal(loop.splices.held_bytes, &loop.blocks.used_bytes);
    assert_int_equal(loop.splices.max_count, SPLICE_COUNT_MAX);
}

#define LOOP_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOOP_TEST(test_clock_is_asked_once_in_a_turn),
        LOOP_TEST(test_room_is_made_at_the_end_of_a_turn),
        LOOP_TEST(test_pipes_count_as_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
