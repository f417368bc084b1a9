/* Who was accepted, and what happens while nobody can be. */
#include "stream_pair.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

static void test_peer_of_the_accepted(void **state)
{
    struct sockaddr_storage name;
    struct address local;
    int len = sizeof(name);
    (void)state;
    assert_int_equal(
        uv_tcp_getsockname(&client.stream.transport.tcp, (struct sockaddr *)&name, &len), 0);
    assert_true(address_from_sockaddr((struct sockaddr *)&name, &local));
    assert_true(address_eq(&listener.peer, &local));
}

static struct end taken;

static void on_late_connection(void *owner, struct listener *from)
{
    (void)owner;
    assert_int_equal(stream_accept(&taken.stream, &loop, from, &end_handler, &taken), 0);
}

/* What comes while there are no descriptors is accepted when there are some again. */
static void test_out_of_descriptors(void **state)
{
    struct listener late;
    struct end other = {0};
    struct address at;
    struct rlimit usual, none;
    (void)state;
    taken = (struct end){0};
    assert_true(address_parse(VIEW("127.0.0.1:0"), &at));
    assert_int_equal(listener_open(&late, &loop, socket_listen(&at), on_late_connection, NULL), 0);
    assert_true(socket_address(late.fd, &at));
    assert_int_equal(stream_connect(&other.stream, &loop, &at, &end_handler, &other), 0);
    int free_fd = dup(0);
    close(free_fd);
    getrlimit(RLIMIT_NOFILE, &usual);
    none = (struct rlimit){.rlim_cur = (rlim_t)free_fd, .rlim_max = usual.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    WAIT_FOR(other.connected_count > 0 && deadline_is_armed(&late.rest));
    assert_null(taken.stream.loop);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &usual), 0);
    WAIT_FOR(taken.stream.loop != NULL);
    listener_close(&late);
    stream_close(&other.stream);
    stream_close(&taken.stream);
    WAIT_FOR(other.closed_count > 0 && taken.closed_count > 0);
}

#define WAITING_COUNT (LISTENER_ACCEPTS_MAX + 6)

static int accepted_fds[WAITING_COUNT + 1];
static unsigned accepted_count;
static int reused_by_fd; /* not -1: the first handler closes, and this gets the number */

static void on_counted_connection(void *owner, struct listener *from)
{
    assert_ptr_equal(owner, &accepted_count);
    accepted_fds[accepted_count++] = listener_take(from);
    assert_int_equal(listener_take(from), -1);
    if (reused_by_fd < 0)
        return;
    listener_close(from);
    dup2(reused_by_fd, from->fd);
}

/* A client may be connected a moment before the listener has it. */
static void await_waiting(int fd, unsigned count)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof(info);
    while (info.tcpi_unacked < count) /* of a listening socket: its backlog */
        assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len), 0);
}

/* So many wait at it as none is accepted in one turn. */
static void open_crowded(struct listener *crowded, struct address *at, int *clients)
{
    accepted_count = 0;
    reused_by_fd = -1;
    assert_true(address_parse(VIEW("127.0.0.1:0"), at));
    int fd = socket_listen(at);
    assert_true(socket_address(fd, at));
    for (unsigned i = 0; i < WAITING_COUNT; i++) {
        clients[i] = socket(AF_INET, SOCK_STREAM, 0);
        assert_int_equal(connect(clients[i], &at->socket.any, address_size(at)), 0);
    }
    await_waiting(fd, WAITING_COUNT);
    assert_int_equal(listener_open(crowded, &loop, fd, on_counted_connection, &accepted_count), 0);
}

static void close_all(int *clients)
{
    for (unsigned i = 0; i < WAITING_COUNT; i++)
        close(clients[i]);
    for (unsigned i = 0; i < accepted_count; i++)
        close(accepted_fds[i]);
}

/* Who waits is not reset, and who comes later is refused. */
static void test_finish_takes_all_that_wait(void **state)
{
    struct listener crowded;
    struct address at;
    int clients[WAITING_COUNT], late = socket(AF_INET, SOCK_STREAM, 0);
    (void)state;
    open_crowded(&crowded, &at, clients);
    listener_finish(&crowded);
    assert_int_equal(accepted_count, WAITING_COUNT);
    assert_int_equal(connect(late, &at.socket.any, address_size(&at)), -1);
    listener_finish(&crowded);
    listener_close(&crowded);
    turn();
    close(late);
    close_all(clients);
}

/* False where the kernel has no room for filters of those without privileges (net.core.bpf_jit_limit). */
static bool has_filter(const struct listener *of)
{
    socklen_t instructions = 0;
    return getsockopt(of->fd, SOL_SOCKET, SO_GET_FILTER, NULL, &instructions) == 0 &&
           instructions > 0;
}

/* Who has been answered is accepted and taken, who asks anew is passed over, as if the packet was
 * lost. */
static void test_no_new_handshakes(void **state)
{
    struct listener crowded;
    struct address at;
    int clients[WAITING_COUNT], late = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    (void)state;
    open_crowded(&crowded, &at, clients);
    listener_stop_handshakes(&crowded);
    bool passes_over = has_filter(&crowded) || crowded.has_ttl_min;
    assert_int_equal(connect(late, &at.socket.any, address_size(&at)), -1);
    assert_int_equal(errno, EINPROGRESS);
    struct pollfd answered = {.fd = late, .events = POLLOUT};
    assert_int_equal(poll(&answered, 1, passes_over ? 50 : -1), passes_over ? 0 : 1);
    await_waiting(crowded.fd, WAITING_COUNT + !passes_over);
    listener_finish(&crowded);
    assert_int_equal(accepted_count, WAITING_COUNT + !passes_over);
    listener_stop_handshakes(&crowded);
    turn();
    close(late);
    close_all(clients);
}

/* The first turn does not know of others yet than the one. */
static void test_turn_accepts_a_bounded_number(void **state)
{
    struct listener crowded;
    struct address at;
    int clients[WAITING_COUNT];
    (void)state;
    open_crowded(&crowded, &at, clients);
    while (accepted_count == 0)
        uv_run(&loop.uv, UV_RUN_NOWAIT);
    assert_int_equal(accepted_count, 1);
    uv_run(&loop.uv, UV_RUN_NOWAIT);
    assert_int_equal(accepted_count, 1 + LISTENER_ACCEPTS_MAX);
    WAIT_FOR(accepted_count == WAITING_COUNT);
    listener_close(&crowded);
    turn();
    close_all(clients);
}

/* Its number is another's by then: one that others wait at as well. */
static void test_closes_in_handler(void **state)
{
    struct listener crowded;
    struct address at;
    int clients[WAITING_COUNT];
    (void)state;
    open_crowded(&crowded, &at, clients);
    reused_by_fd = dup(crowded.fd);
    WAIT_FOR(accepted_count > 0);
    turn();
    assert_int_equal(accepted_count, 1);
    close(reused_by_fd);
    close(crowded.fd);
    close_all(clients);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PAIR_TEST(test_peer_of_the_accepted),          PAIR_TEST(test_out_of_descriptors),
        PAIR_TEST(test_finish_takes_all_that_wait),    PAIR_TEST(test_no_new_handshakes),
        PAIR_TEST(test_turn_accepts_a_bounded_number), PAIR_TEST(test_closes_in_handler),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
