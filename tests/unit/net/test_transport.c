/* The plain transport: bytes go as they are, and each way to close it looks as it should from the
 * far end. */
#include "lb/net/transport.h"

#include "tcp_pair.h"

#include <stdint.h>
#include <string.h>

static uv_loop_t loop;
static struct transport transport;
static unsigned closed_count;
static int connect_status;

static void on_close(uv_handle_t *handle)
{
    assert_ptr_equal(handle, &transport.tcp);
    closed_count++;
}

static void on_connect(uv_connect_t *request, int status)
{
    (void)request;
    connect_status = status;
}

static int set_up(void **state)
{
    (void)state;
    closed_count = 0;
    connect_status = 1;
    assert_int_equal(uv_loop_init(&loop), 0);
    transport_init(&transport, &loop);
    assert_int_equal(transport.fd, -1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(closed_count, 1);
    assert_int_equal(transport.fd, -1);
    assert_int_equal(uv_loop_close(&loop), 0);
    return 0;
}

static struct tcp_pair open_pair(void)
{
    struct tcp_pair pair = tcp_pair_open();
    assert_int_equal(transport_open(&transport, pair.near_fd), 0);
    assert_int_equal(transport_splice_fd(&transport), pair.near_fd);
    return pair;
}

static void write_text(const char *text, bool end_follows)
{
    struct iovec piece = {(void *)(uintptr_t)text, strlen(text)};
    assert_int_equal(transport_write(&transport, &piece, 1, piece.iov_len, end_follows),
                     piece.iov_len);
}

static void test_reads_and_writes(void **state)
{
    struct tcp_pair pair = open_pair();
    char got[8];
    (void)state;
    write_text("ping", false);
    assert_int_equal(recv(pair.far_fd, got, sizeof(got), 0), 4);
    assert_memory_equal(got, "ping", 4);
    assert_int_equal(transport_read(&transport, got, sizeof(got)), -EAGAIN);
    assert_int_equal(send(pair.far_fd, "pong", 4, 0), 4);
    assert_int_equal(transport_read(&transport, got, sizeof(got)), 4);
    assert_memory_equal(got, "pong", 4);
    transport_close(&transport, TRANSPORT_CLOSES, on_close);
    assert_int_equal(transport_splice_fd(&transport), -1);
    assert_int_equal(recv(pair.far_fd, got, sizeof(got), 0), 0); /* closed at once */
    close(pair.far_fd);
}

/* A close would be a reset here, because of what nobody has read. */
static void test_end_goes_before_the_reset(void **state)
{
    struct tcp_pair pair = open_pair();
    char got[8];
    (void)state;
    assert_int_equal(send(pair.far_fd, "unread", 6, 0), 6);
    write_text("bye", true);
    transport_close(&transport, TRANSPORT_ENDS, on_close);
    assert_int_equal(recv(pair.far_fd, got, sizeof(got), MSG_DONTWAIT), 3);
    close(pair.far_fd);
}

/* A child has it for a moment, between fork(2) and execve(2). */
static void test_end_is_told_while_others_hold_the_socket(void **state)
{
    struct tcp_pair pair = open_pair();
    int copy = dup(pair.near_fd);
    (void)state;
    transport_close(&transport, TRANSPORT_ENDS, on_close);
    assert_int_equal(recv(pair.far_fd, &(char){0}, 1, MSG_DONTWAIT), 0);
    close(copy);
    close(pair.far_fd);
}

static void test_reset(void **state)
{
    struct tcp_pair pair = open_pair();
    char got[8];
    (void)state;
    write_text("lost", true);
    transport_close(&transport, TRANSPORT_RESETS, on_close);
    assert_int_equal(recv(pair.far_fd, got, sizeof(got), 0), -1);
    assert_int_equal(errno, ECONNRESET);
    close(pair.far_fd);
}

/* A second opening is refused, and does not leak what it was given. */
static void test_refused_socket_is_closed(void **state)
{
    struct tcp_pair pair = open_pair(), other = tcp_pair_open();
    (void)state;
    assert_true(transport_open(&transport, other.near_fd) < 0);
    assert_int_equal(transport.fd, pair.near_fd);
    assert_int_equal(close(other.near_fd), -1);
    transport_close(&transport, TRANSPORT_CLOSES, on_close);
    close(pair.far_fd);
    close(other.far_fd);
}

static void test_connects(void **state)
{
    struct address at;
    uv_connect_t request;
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    (void)state;
    assert_int_equal(bind(listener, (struct sockaddr *)&any, sizeof(any)), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_true(socket_address(listener, &at));
    assert_int_equal(transport_connect(&transport, &request, &at, on_connect), 0);
    assert_true(transport.fd >= 0);
    while (connect_status > 0)
        uv_run(&loop, UV_RUN_ONCE);
    assert_int_equal(connect_status, 0);
    int far_fd = accept(listener, NULL, NULL);
    write_text("x", false);
    assert_int_equal(recv(far_fd, &(char){0}, 1, 0), 1);
    transport_close(&transport, TRANSPORT_CLOSES, on_close);
    close(far_fd);
    close(listener);
}

static void test_closes_what_was_never_open(void **state)
{
    (void)state;
    transport_close(&transport, TRANSPORT_CLOSES, on_close);
}

#define TRANSPORT_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRANSPORT_TEST(test_reads_and_writes),
        TRANSPORT_TEST(test_end_goes_before_the_reset),
        TRANSPORT_TEST(test_end_is_told_while_others_hold_the_socket),
        TRANSPORT_TEST(test_reset),
        TRANSPORT_TEST(test_refused_socket_is_closed),
        TRANSPORT_TEST(test_connects),
        TRANSPORT_TEST(test_closes_what_was_never_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
