/* Datagrams in batches, whatever their length, with the address that each was for. */
#include "lb/net/datagram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "lb/net/listening.h"
#include "lb/net/socket.h"
#include "tests/unit/support/ipv6.h"

static struct address address_of(const char *text)
{
    struct address at;
    assert_true(address_parse(view_str(text), &at));
    return at;
}

/* Gives the socket; `*at` becomes where it is. */
static int listen_at(const char *text, struct address *at)
{
    *at = address_of(text);
    int fd = datagram_listen(at);
    assert_true(fd >= 0);
    assert_true(socket_address(fd, at));
    return fd;
}

static bool has_some(int fd)
{
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    return poll(&waiting, 1, 2000) == 1;
}

static void set_port(struct address *at, const struct address *from)
{
    at->socket.v4.sin_port = from->socket.v4.sin_port; /* at the same place in both families */
}

static void put(struct datagram_tray *tray, unsigned at, unsigned len, int byte)
{
    memset(tray->items[at].bytes, byte, len);
    tray->items[at].len = len;
}

static void test_lengths_are_kept(void **state)
{
    static const unsigned lens[] = {0, 1, 1200, 65507, 0, 40000};
    struct datagram_tray *tray = datagram_tray_new();
    struct address at;
    (void)state;
    int near = listen_at("127.0.0.1:0", &at), far = datagram_connect(&at);
    for (unsigned i = 0; i < 6; i++)
        put(tray, i, lens[i], 'a' + (int)i);
    assert_int_equal(datagram_send(far, tray, 0, 6), 6);
    assert_true(has_some(near));
    assert_int_equal(datagram_receive(near, tray, 8, 8), 6);
    for (unsigned i = 0; i < 6; i++) {
        const struct datagram *item = &tray->items[8 + i];
        assert_int_equal(item->len, lens[i]);
        for (unsigned j = 0; j < item->len; j++)
            assert_int_equal(item->bytes[j], 'a' + (int)i);
        assert_int_equal(item->local.socket.any.sa_family, 0);
    }
    assert_int_equal(datagram_receive(near, tray, 0, 8), -EAGAIN);
    close(near);
    close(far);
    datagram_tray_free(tray);
}

/* One who asks `asked` of the wildcard `text` is answered from there: a connected socket gets nothing else. */
static void check_answer_from(const char *text, const char *asked)
{
    struct datagram_tray *tray = datagram_tray_new();
    struct address at, to = address_of(asked);
    int near = listen_at(text, &at);
    set_port(&to, &at);
    int far = datagram_connect(&to);
    assert_int_equal(datagram_send_bytes(far, "ask", 3), 0);
    assert_true(has_some(near));
    assert_int_equal(datagram_receive(near, tray, 0, 2), 1);
    put(tray, 0, 100, 'x');
    tray->items[1].peer = tray->items[0].peer;
    tray->items[1].local = tray->items[0].local;
    put(tray, 1, 0, 'y');
    assert_int_equal(datagram_answer(near, tray, 0, 2), 2);
    assert_true(has_some(far));
    assert_int_equal(datagram_take(far, tray, 4, 4), 2);
    assert_int_equal(tray->items[4].len, 100);
    assert_int_equal(tray->items[5].len, 0);
    close(near);
    close(far);
    datagram_tray_free(tray);
}

static void test_answers_leave_from_the_address_that_was_asked(void **state)
{
    (void)state;
    check_answer_from("0.0.0.0:0", "127.0.0.1:0");
    check_answer_from("0.0.0.0:0", "127.0.0.77:0");
    if (has_ipv6())
        check_answer_from("[::]:0", "[::1]:0");
    check_answer_from("[::]:0", "127.0.0.78:0");
    check_answer_from("127.0.0.79:0", "127.0.0.79:0");
}

static void test_only_the_peer_is_heard(void **state)
{
    struct datagram_tray *tray = datagram_tray_new();
    struct address at, own, other_at;
    (void)state;
    int near = listen_at("127.0.0.1:0", &at), other = listen_at("127.0.0.2:0", &other_at);
    int far = datagram_connect(&at);
    assert_true(socket_address(far, &own));
    tray->items[0] = (struct datagram){.peer = own, .bytes = tray->items[0].bytes, .len = 5};
    assert_int_equal(datagram_answer(other, tray, 0, 1), 1);
    assert_int_equal(datagram_take(far, tray, 1, 1), -EAGAIN);
    assert_int_equal(datagram_answer(near, tray, 0, 1), 1);
    assert_true(has_some(far));
    assert_int_equal(datagram_take(far, tray, 1, 1), 1);
    close(near);
    close(other);
    close(far);
    datagram_tray_free(tray);
}

static void test_refusal_is_told(void **state)
{
    struct datagram_tray *tray = datagram_tray_new();
    struct address at;
    (void)state;
    close(listen_at("127.0.0.1:0", &at));
    int far = datagram_connect(&at);
    put(tray, 0, 4, 'x');
    assert_int_equal(datagram_send(far, tray, 0, 1), 1);
    struct pollfd waiting = {.fd = far};
    assert_int_equal(poll(&waiting, 1, 2000), 1);
    int rc = datagram_take(far, tray, 0, 4);
    assert_int_equal(rc, -ECONNREFUSED);
    assert_true(datagram_is_refusal(rc));
    assert_false(datagram_is_refusal(-EAGAIN));
    close(far);
    datagram_tray_free(tray);
}

/* What cannot be sent is told, and does not keep those before it. */
static void test_too_long_for_the_way_is_told(void **state)
{
    struct datagram_tray *tray = datagram_tray_new();
    struct address at;
    (void)state;
    int near = listen_at("127.0.0.1:0", &at), far = datagram_connect(&at);
    put(tray, 0, 10, 'x');
    put(tray, 1, 65535, 'y');
    assert_int_equal(datagram_send(far, tray, 0, 2), 1);
    assert_int_equal(datagram_send(far, tray, 1, 1), -EMSGSIZE);
    close(near);
    close(far);
    datagram_tray_free(tray);
}

/* TCP's port of the same number may be anybody's, so another number is looked for then. */
static void open_where_tcp_is_free(struct listening *listening, unsigned count)
{
    struct address any = address_of("127.0.0.80:0");
    for (unsigned i = 0; i < 100; i++) {
        assert_int_equal(listening_open_datagrams(listening, &any, count), 0);
        if (listening_check_free(&listening->at) == 0)
            return;
        listening_close(listening);
    }
    fail_msg("no number is free for both protocols");
}

static void test_workers_share_a_port_and_nobody_else(void **state)
{
    struct listening first, second;
    (void)state;
    open_where_tcp_is_free(&first, 3);
    assert_int_equal(first.count, 3);
    assert_int_equal(datagram_check_free(&first.at), -EADDRINUSE);
    assert_int_equal(listening_open_datagrams(&second, &first.at, 1), -EADDRINUSE);
    assert_int_equal(listening_check_free(&first.at), 0); /* TCP has ports of its own */
    listening_close(&first);
    assert_int_equal(datagram_check_free(&first.at), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lengths_are_kept),
        cmocka_unit_test(test_answers_leave_from_the_address_that_was_asked),
        cmocka_unit_test(test_only_the_peer_is_heard),
        cmocka_unit_test(test_refusal_is_told),
        cmocka_unit_test(test_too_long_for_the_way_is_told),
        cmocka_unit_test(test_workers_share_a_port_and_nobody_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
