/* Datagrams to one peer and back, and what the network says of a peer that is not there. */
#include "lb/net/udp_probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "lb/base/text.h"
#include "lb/net/socket.h"
#include "tests/unit/support/ipv6.h"

static struct loop loop;
static struct udp_probe probe;
static struct text heard;
static unsigned datagram_count, closed_count;
static int broken;
static bool closes_when_heard;

static void on_datagram(void *owner, struct view data)
{
    (void)owner;
    datagram_count++;
    text_append(&heard, data);
    if (closes_when_heard)
        udp_probe_close(&probe);
}

static void on_broken(void *owner, int status)
{
    assert_int_equal(broken, 0); /* once */
    broken = status;
    udp_probe_close(owner);
}

static void on_closed(void *owner)
{
    (void)owner;
    closed_count++;
}

static const struct udp_probe_handler handler = {
    .on_datagram = on_datagram, .on_broken = on_broken, .on_closed = on_closed};

static int open_loop(void **state)
{
    (void)state;
    datagram_count = closed_count = 0;
    broken = 0;
    closes_when_heard = false;
    return loop_init(&loop);
}

static int close_loop(void **state)
{
    (void)state;
    udp_probe_close(&probe);
    udp_probe_close(&probe); /* idempotent */
    loop_fini(&loop);
    assert_int_equal(closed_count, 1);
    text_fini(&heard);
    return 0;
}

/* A peer on loopback. */
static int open_peer(const char *ip, struct address *at)
{
    assert_true(address_parse(view_str(ip), at));
    int fd = socket(at->socket.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, &at->socket.any, address_size(at)), 0);
    assert_true(socket_address(fd, at));
    return fd;
}

/* Answers one datagram with so many others. */
static void answer(int fd, const char *want, const char *words, unsigned count)
{
    char bytes[64];
    struct sockaddr_storage from;
    socklen_t len = sizeof(from);
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&waiting, 1, 5000), 1);
    ssize_t size = recvfrom(fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&from, &len);
    assert_int_equal(size, strlen(want));
    assert_memory_equal(bytes, want, strlen(want));
    while (count-- > 0)
        sendto(fd, words, strlen(words), 0, (struct sockaddr *)&from, len);
}

static void run_until(const unsigned *count, unsigned want)
{
    while (*count < want)
        uv_run(&loop.uv, UV_RUN_ONCE);
}

static void test_there_and_back(void **state)
{
    static const char *const ips[] = {"127.0.0.1:0", "[::1]:0"};
    (void)state;
    for (unsigned i = 0; i < (has_ipv6() ? 2 : 1); i++) {
        struct address at;
        int peer = open_peer(ips[i], &at);
        datagram_count = closed_count = 0;
        assert_int_equal(udp_probe_open(&probe, &loop, &at, &handler, &probe), 0);
        assert_int_equal(udp_probe_send(&probe, VIEW("ask")), 0);
        answer(peer, "ask", "told", 2);
        run_until(&datagram_count, 2);
        assert_string_equal(text_str(&heard), i == 0 ? "toldtold" : "toldtoldtoldtold");
        udp_probe_close(&probe);
        run_until(&closed_count, 1);
        assert_int_equal(broken, 0);
        close(peer);
    }
    closed_count = 1;
}

/* More than are told in one turn. */
static void test_many_datagrams_and_empty_ones(void **state)
{
    struct address at;
    int peer = open_peer("127.0.0.1:0", &at);
    (void)state;
    assert_int_equal(udp_probe_open(&probe, &loop, &at, &handler, &probe), 0);
    assert_int_equal(udp_probe_send(&probe, VIEW("")), 0);
    answer(peer, "", "", 50);
    run_until(&datagram_count, 50);
    assert_int_equal(heard.len, 0);
    close(peer);
}

static void test_nothing_comes_after_a_close(void **state)
{
    struct address at;
    int peer = open_peer("127.0.0.1:0", &at);
    (void)state;
    closes_when_heard = true;
    assert_int_equal(udp_probe_open(&probe, &loop, &at, &handler, &probe), 0);
    int fd = probe.fd;
    assert_int_equal(udp_probe_send(&probe, VIEW("a")), 0);
    answer(peer, "a", "b", 3);
    run_until(&closed_count, 1);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
    assert_int_equal(datagram_count, 1);
    close(peer);
}

/* By the loop, or by a look before the loop had its turn. */
static void test_a_port_that_nobody_has(void **state)
{
    struct address at;
    int peer = open_peer("127.0.0.1:0", &at);
    (void)state;
    close(peer);
    for (unsigned i = 0; i < 2; i++) {
        broken = 0;
        closed_count = 0;
        assert_int_equal(udp_probe_open(&probe, &loop, &at, &handler, &probe), 0);
        assert_int_equal(udp_probe_send(&probe, VIEW("")), 0);
        if (i == 1)
            udp_probe_look(&probe);
        assert_int_equal(broken, i == 1 ? UV_ECONNREFUSED : 0);
        run_until(&closed_count, 1);
        assert_int_equal(broken, UV_ECONNREFUSED);
    }
}

/* Nobody else's answers. */
static void test_a_stranger_is_not_heard(void **state)
{
    struct address at, mine, other;
    int peer = open_peer("127.0.0.1:0", &at), stranger = open_peer("127.0.0.1:0", &other);
    (void)state;
    assert_int_equal(udp_probe_open(&probe, &loop, &at, &handler, &probe), 0);
    assert_true(socket_address(probe.fd, &mine));
    assert_int_equal(sendto(stranger, "x", 1, 0, &mine.socket.any, address_size(&mine)), 1);
    assert_int_equal(udp_probe_send(&probe, VIEW("a")), 0);
    answer(peer, "a", "b", 1);
    run_until(&datagram_count, 1);
    assert_string_equal(text_str(&heard), "b");
    close(peer);
    close(stranger);
}

static void test_what_cannot_be_opened_leaves_nothing(void **state)
{
    struct address at;
    (void)state;
    assert_true(address_parse(VIEW("255.255.255.255:9"), &at)); /* broadcasts are not allowed */
    assert_int_equal(udp_probe_open(&probe, &loop, &at, &handler, &probe), UV_EACCES);
    assert_int_equal(probe.fd, -1);
    assert_int_equal(closed_count, 0);
    run_until(&closed_count, 1);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_loop, close_loop)
    const struct CMUnitTest tests[] = {
        TEST(test_there_and_back),
        TEST(test_many_datagrams_and_empty_ones),
        TEST(test_nothing_comes_after_a_close),
        TEST(test_a_port_that_nobody_has),
        TEST(test_a_stranger_is_not_heard),
        TEST(test_what_cannot_be_opened_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
