/* Many sockets behind one handle: who has something to say is told, and who is forgotten is not. */
#include "lb/net/datagram_watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <netinet/in.h>
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

static int fd_of(const void *who)
{
    return *(const int *)who;
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
    told.watch.fd_of = fd_of;
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

static void speak_alone(unsigned who, unsigned times)
{
    unsigned before = told.counts[who];
    for (unsigned i = 0; i < times; i++) {
        assert_int_equal(send(told.far[who], "x", 1, 0), 1);
        turn();
    }
    assert_int_equal(told.counts[who] - before, times);
}

static void test_who_is_alone_for_long_is_near(void **state)
{
    (void)state;
    open_all(false);
    speak_alone(3, DATAGRAM_WATCH_ALONE);
    assert_null(told.watch.near);
    speak_alone(3, 1);
    assert_ptr_equal(told.watch.near, &told.near[3]);
    speak_alone(3, 2); /* and is told as others are */
    speak_alone(4, 3 * DATAGRAM_WATCH_ALONE);
    assert_ptr_equal(told.watch.near, &told.near[4]);
    speak_alone(3, 2);
    assert_int_equal(told.turn_count, told.ready_count);
    close_all();
}

static void test_who_takes_turns_is_not_near(void **state)
{
    (void)state;
    open_all(false);
    for (unsigned i = 0; i < 2 * DATAGRAM_WATCH_ALONE; i++)
        speak_alone(i % 2, 1);
    assert_null(told.watch.near);
    close_all();
}

static void test_who_is_near_and_forgotten_is_not_told(void **state)
{
    unsigned before;
    (void)state;
    open_all(false);
    speak_alone(3, DATAGRAM_WATCH_ALONE + 1);
    assert_ptr_equal(told.watch.near, &told.near[3]);
    before = told.ready_count;
    assert_int_equal(send(told.far[3], "x", 1, 0), 1);
    datagram_watch_forget(&told.watch, &told.near[3]);
    turn();
    turn();
    assert_int_equal(told.ready_count, before);
    speak_alone(4, DATAGRAM_WATCH_ALONE + 1);
    assert_ptr_equal(told.watch.near, &told.near[4]);
    close_all();
}

/* Two UDP sockets that are connected to each other, in place of a pair. */
static void connect_by_udp(unsigned who)
{
    int *fds[2] = {&told.near[who], &told.far[who]};
    struct sockaddr_in at[2];
    socklen_t len = sizeof(at[0]);
    close(told.near[who]);
    close(told.far[who]);
    for (unsigned i = 0; i < 2; i++) {
        at[i] =
            (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        *fds[i] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
        assert_int_equal(bind(*fds[i], (struct sockaddr *)&at[i], sizeof(at[i])), 0);
        assert_int_equal(getsockname(*fds[i], (struct sockaddr *)&at[i], &len), 0);
    }
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(connect(*fds[i], (struct sockaddr *)&at[1 - i], sizeof(at[0])), 0);
    assert_int_equal(datagram_watch_add(&told.watch, told.near[who], &told.near[who]), 0);
}

/* An ICMP error is over once it was told: what comes then is heard as ever. */
static void test_an_error_does_not_end_it_for_who_is_near(void **state)
{
    struct sockaddr_in back;
    socklen_t len = sizeof(back);
    (void)state;
    open_all(false);
    connect_by_udp(5);
    speak_alone(5, DATAGRAM_WATCH_ALONE + 1);
    assert_ptr_equal(told.watch.near, &told.near[5]);
    assert_int_equal(getsockname(told.far[5], (struct sockaddr *)&back, &len), 0);
    close(told.far[5]);
    send(told.near[5], "x", 1, 0);
    unsigned before = told.ready_count;
    turn();
    turn();
    assert_int_equal(told.ready_count, before + 1);
    assert_null(told.watch.near);
    told.far[5] = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(bind(told.far[5], (struct sockaddr *)&back, len), 0);
    assert_int_equal(getsockname(told.near[5], (struct sockaddr *)&back, &len), 0);
    assert_int_equal(connect(told.far[5], (struct sockaddr *)&back, len), 0);
    speak_alone(5, 2);
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
        cmocka_unit_test(test_who_is_alone_for_long_is_near),
        cmocka_unit_test(test_who_takes_turns_is_not_near),
        cmocka_unit_test(test_who_is_near_and_forgotten_is_not_told),
        cmocka_unit_test(test_an_error_does_not_end_it_for_who_is_near),
        cmocka_unit_test(test_loop_does_not_run_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
