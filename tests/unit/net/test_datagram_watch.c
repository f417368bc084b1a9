/* Many sockets behind one handle: who has something to say is told, and who is forgotten is not. */
#include "lb/net/datagram_watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <sys/socket.h>
#include <unistd.h>

#define PAIRS 100

struct told {
    struct datagram_watch watch;
    int near[PAIRS], far[PAIRS];
    unsigned counts[PAIRS];
    unsigned ready_count, turn_count;
    bool forgets; /* all others, when the first is told */
};

static struct loop loop;
static uv_async_t doorbell; /* for which it runs */
static struct told told;

static void on_ready(void *owner, void *who)
{
    struct told *all = owner;
    int *near = who;
    char byte;
    all->counts[near - all->near]++;
    all->ready_count++;
    if (recv(*near, &byte, 1, MSG_DONTWAIT) < 0)
        return;
    for (unsigned i = 0; all->forgets && i < PAIRS; i++)
        if (&all->near[i] != near)
            datagram_watch_forget(&all->watch, &all->near[i]);
}

static void on_told(void *owner)
{
    struct told *all = owner;
    all->turn_count++;
}

static void open_all(bool forgets)
{
    told = (struct told){.forgets = forgets};
    assert_int_equal(loop_init(&loop), 0);
    uv_async_init(&loop.uv, &doorbell, NULL);
    assert_int_equal(datagram_watch_open(&told.watch, &loop), 0);
    told.watch.on_ready = on_ready;
    told.watch.on_told = on_told;
    told.watch.owner = &told;
    for (unsigned i = 0; i < PAIRS; i++) {
        int fds[2];
        assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, fds), 0);
        told.near[i] = fds[0];
        told.far[i] = fds[1];
        assert_int_equal(datagram_watch_add(&told.watch, told.near[i], &told.near[i]), 0);
    }
}

static void close_all(void)
{
    for (unsigned i = 0; i < PAIRS; i++) {
        close(told.near[i]);
        close(told.far[i]);
    }
    datagram_watch_close(&told.watch);
    datagram_watch_close(&told.watch);
    if (!uv_is_closing((uv_handle_t *)&doorbell))
        uv_close((uv_handle_t *)&doorbell, NULL);
    loop_fini(&loop);
}

static void turn(void)
{
    uv_run(&loop.uv, UV_RUN_NOWAIT);
}

static void test_who_speaks_is_told(void **state)
{
    (void)state;
    open_all(false);
    turn();
    assert_int_equal(told.turn_count, 0);
    assert_int_equal(send(told.far[7], "", 0, 0), 0); /* of no length */
    turn();
    assert_int_equal(told.counts[7], 1);
    assert_int_equal(told.ready_count, 1);
    assert_int_equal(told.turn_count, 1);
    turn();
    assert_int_equal(told.ready_count, 1);
    close_all();
}

static void test_a_turn_has_a_bound(void **state)
{
    (void)state;
    open_all(false);
    for (unsigned i = 0; i < PAIRS; i++)
        assert_int_equal(send(told.far[i], "x", 1, 0), 1);
    uv_run(&loop.uv, UV_RUN_NOWAIT);
    assert_int_equal(told.ready_count, DATAGRAM_WATCH_COUNT);
    turn();
    assert_int_equal(told.ready_count, PAIRS);
    for (unsigned i = 0; i < PAIRS; i++)
        assert_int_equal(told.counts[i], 1);
    close_all();
}

static void test_who_is_forgotten_is_not_told(void **state)
{
    (void)state;
    open_all(true);
    for (unsigned i = 0; i < 10; i++)
        assert_int_equal(send(told.far[i], "x", 1, 0), 1);
    turn();
    assert_int_equal(told.ready_count, 1);
    close_all();
}

/* What it watches may wait for long: that alone is no reason for a loop to go on. */
static void test_loop_does_not_run_for_it(void **state)
{
    (void)state;
    open_all(false);
    uv_close((uv_handle_t *)&doorbell, NULL);
    assert_int_equal(uv_run(&loop.uv, UV_RUN_DEFAULT), 0);
    close_all();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_speaks_is_told),
        cmocka_unit_test(test_a_turn_has_a_bound),
        cmocka_unit_test(test_who_is_forgotten_is_not_told),
        cmocka_unit_test(test_loop_does_not_run_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
