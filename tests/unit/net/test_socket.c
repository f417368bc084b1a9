/* Bytes as they arrive at the far end, and what a socket says of it. */
#include "lb/net/socket.h"

#include "tcp_pair.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void make_non_blocking(int fd)
{
    assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
}

static ssize_t send_text(int fd, const char *text, bool end_follows)
{
    struct iovec piece = {(void *)(uintptr_t)text, strlen(text)};
    return socket_send(fd, &piece, 1, piece.iov_len, end_follows);
}

/* One piece, few small ones that are gathered, and more than are. */
static void test_pieces_arrive_in_order(void **state)
{
    static char large[3000], got[10000];
    (void)state;
    memset(large, 'L', sizeof(large));
    for (unsigned count = 1; count <= 4; count++) {
        struct tcp_pair pair = tcp_pair_open();
        struct iovec pieces[] = {{(void *)(uintptr_t) "one", 3},
                                 {(void *)(uintptr_t) "two!", 4},
                                 {(void *)(uintptr_t) "three", 5},
                                 {large, sizeof(large)}};
        char want[10000], *end = want;
        for (unsigned i = 0; i < count; i++)
            end = mempcpy(end, pieces[i].iov_base, pieces[i].iov_len);
        size_t total = (size_t)(end - want);
        assert_int_equal(socket_send(pair.near_fd, pieces, count, total, false), total);
        assert_int_equal(recv(pair.far_fd, got, total, MSG_WAITALL), total);
        assert_memory_equal(got, want, total);
        tcp_pair_close(&pair);
    }
}

static void test_full_socket_takes_none(void **state)
{
    static char bytes[1 << 16];
    struct tcp_pair pair = tcp_pair_open();
    struct iovec piece = {bytes, sizeof(bytes)};
    ssize_t sent = 1;
    (void)state;
    make_non_blocking(pair.near_fd);
    while (sent > 0)
        sent = socket_send(pair.near_fd, &piece, 1, sizeof(bytes), false);
    assert_int_equal(sent, 0);
    tcp_pair_close(&pair);
}

static void test_gone_peer_is_an_error(void **state)
{
    struct tcp_pair pair = tcp_pair_open();
    char byte;
    (void)state;
    socket_reset_at_close(pair.far_fd);
    close(pair.far_fd);
    assert_int_equal(socket_look(pair.near_fd), SOCKET_ENDED); /* takes the error, as any call */
    assert_int_equal(send_text(pair.near_fd, "x", false), -EPIPE);
    assert_int_equal(socket_recv(pair.near_fd, &byte, 1), 0);
    close(pair.near_fd);
}

static void test_reset_is_read_as_one(void **state)
{
    struct tcp_pair pair = tcp_pair_open();
    char byte;
    (void)state;
    assert_int_equal(send_text(pair.far_fd, "lost", true), 4); /* held back: not to arrive */
    socket_reset_at_close(pair.far_fd);
    close(pair.far_fd);
    assert_int_equal(socket_recv(pair.near_fd, &byte, 1), -ECONNRESET);
    close(pair.near_fd);
}

static void test_look_takes_nothing(void **state)
{
    struct tcp_pair pair = tcp_pair_open();
    char got[8];
    (void)state;
    assert_int_equal(socket_look(pair.near_fd), SOCKET_QUIET);
    assert_int_equal(send_text(pair.far_fd, "hey", false), 3);
    assert_int_equal(socket_look(pair.near_fd), SOCKET_SPEAKS);
    assert_int_equal(socket_recv(pair.near_fd, got, sizeof(got)), 3);
    assert_int_equal(socket_look(pair.near_fd), SOCKET_QUIET);
    make_non_blocking(pair.near_fd);
    assert_int_equal(socket_recv(pair.near_fd, got, sizeof(got)), -EAGAIN);
    socket_shut(pair.far_fd);
    assert_int_equal(socket_look(pair.near_fd), SOCKET_ENDED);
    tcp_pair_close(&pair);
}

/* What waits for the end is not there before it, and the end is told also behind unread bytes. */
static void test_end_takes_the_held_back_along(void **state)
{
    struct tcp_pair pair = tcp_pair_open();
    char got[8];
    (void)state;
    assert_int_equal(send_text(pair.far_fd, "bye", true), 3);
    assert_int_equal(socket_look(pair.near_fd), SOCKET_QUIET);
    assert_false(socket_has_peer_ended(pair.near_fd));
    socket_shut(pair.far_fd);
    assert_int_equal(socket_look(pair.near_fd), SOCKET_SPEAKS);
    assert_true(socket_has_peer_ended(pair.near_fd));
    assert_int_equal(socket_recv(pair.near_fd, got, sizeof(got)), 3);
    assert_int_equal(socket_recv(pair.near_fd, got, sizeof(got)), 0);
    tcp_pair_close(&pair);
}

static int option_of(int fd, int level, int option)
{
    int value = -1;
    socklen_t len = sizeof(value);
    assert_int_equal(getsockopt(fd, level, option, &value, &len), 0);
    return value;
}

/* The second half of the time is for three questions. */
static void test_how_long_a_watched_peer_has(void **state)
{
    static const struct {
        unsigned dead_after_ms;
        int idle_s, interval_s;
    } rows[] = {{4000, 1, 1},
                {6000, 3, 1},
                {6001, 4, 1},
                {10000, 7, 1},
                {30000, 15, 5},
                {3600000, 1800, 600},
                {86400000, 32767, 14400},
                {1, 1, 1}};
    struct tcp_pair pair = tcp_pair_open();
    (void)state;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        socket_watch_peer(pair.near_fd, rows[i].dead_after_ms);
        assert_int_equal(option_of(pair.near_fd, SOL_SOCKET, SO_KEEPALIVE), 1);
        assert_int_equal(option_of(pair.near_fd, IPPROTO_TCP, TCP_KEEPIDLE), rows[i].idle_s);
        assert_int_equal(option_of(pair.near_fd, IPPROTO_TCP, TCP_KEEPINTVL), rows[i].interval_s);
        assert_int_equal(option_of(pair.near_fd, IPPROTO_TCP, TCP_KEEPCNT), 3);
    }
    tcp_pair_close(&pair);
}

static void test_closed_descriptor_has_ended(void **state)
{
    struct address at;
    (void)state;
    assert_int_equal(socket_look(-1), SOCKET_ENDED);
    assert_true(socket_has_peer_ended(-1));
    assert_false(socket_address(-1, &at));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_arrive_in_order),
        cmocka_unit_test(test_full_socket_takes_none),
        cmocka_unit_test(test_gone_peer_is_an_error),
        cmocka_unit_test(test_reset_is_read_as_one),
        cmocka_unit_test(test_look_takes_nothing),
        cmocka_unit_test(test_end_takes_the_held_back_along),
        cmocka_unit_test(test_how_long_a_watched_peer_has),
        cmocka_unit_test(test_closed_descriptor_has_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL); /* a SIGPIPE would end it */
}
