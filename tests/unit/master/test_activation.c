#include "lb/master/activation.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "lb/base/log.h"

#define FIRST 3

/* Sockets stand from descriptor 3 on, as systemd leaves them: they block, and are not closed on exec. */
static void stand_at(int number, int fd)
{
    assert_true(fd >= 0);
    if (fd == FIRST + number)
        return;
    assert_int_equal(dup2(fd, FIRST + number), FIRST + number);
    close(fd);
}

static int inet(const char *ip, int type, struct address *at)
{
    socklen_t size = sizeof(at->socket.v4);
    assert_true(
        address_parse_ip(view_str(ip), at->socket.any.sa_family ? address_port(at) : 0, at));
    int fd = socket(AF_INET, type, 0), on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
    assert_int_equal(bind(fd, &at->socket.any, size), 0);
    assert_int_equal(getsockname(fd, &at->socket.any, &size), 0);
    return fd;
}

static int listening(const char *ip, struct address *at)
{
    int fd = inet(ip, SOCK_STREAM, at);
    assert_int_equal(listen(fd, 10), 0);
    return fd;
}

static void say(int count, const char *names, pid_t pid)
{
    char text[20];
    snprintf(text, sizeof(text), "%d", count);
    setenv("LISTEN_FDS", text, 1);
    snprintf(text, sizeof(text), "%d", (int)pid);
    setenv("LISTEN_PID", text, 1);
    setenv("LISTEN_FDNAMES", names, 1);
}

static struct channel_socket wish(const struct address *at, uint32_t kind)
{
    return (struct channel_socket){.kind = kind, .count = 1, .wanted = *at};
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

static void each_goes_to_who_wants_its_address(void **state)
{
    struct activation activation;
    struct address web = {0}, other = {0}, bound;
    int fds[4];
    (void)state;
    stand_at(0, listening("127.0.0.1", &web));
    stand_at(1, inet("127.0.0.2", SOCK_DGRAM, &other));
    say(2, "web:names", getpid());
    activation_take(&activation);
    assert_int_equal(activation.count, 2);
    assert_string_equal(activation.sockets[0].name, "web");
    assert_string_equal(activation.sockets[1].name, "names");
    assert_null(getenv("LISTEN_FDS"));
    assert_null(getenv("LISTEN_PID"));
    assert_null(getenv("LISTEN_FDNAMES"));
    for (int fd = FIRST; fd < FIRST + 2; fd++) {
        assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    }
    struct channel_socket want = wish(&web, SERVICE_UDP); /* the same address by another protocol */
    assert_int_equal(activation_give(&activation, &want, fds, 4, &bound), 0);
    want = wish(&web, SERVICE_HTTP);
    assert_int_equal(activation_give(&activation, &want, fds, 4, &bound), 1);
    assert_int_equal(fds[0], FIRST);
    assert_true(address_eq(&bound, &web));
    assert_int_equal(activation_give(&activation, &want, fds, 4, &bound), 0);
    want = wish(&other, SERVICE_UDP);
    assert_int_equal(activation_give(&activation, &want, fds, 4, &bound), 1);
    activation_close(&activation);
    assert_true(is_open(FIRST) && is_open(FIRST + 1)); /* they were given */
    close(FIRST);
    close(FIRST + 1);
}

static void a_group_is_given_whole(void **state)
{
    struct activation activation;
    struct address at = {0}, bound;
    int fds[4];
    (void)state;
    for (int i = 0; i < 3; i++)
        stand_at(i, listening("127.0.0.1", &at));
    say(3, "web:web:web", getpid());
    activation_take(&activation);
    struct channel_socket want = wish(&at, SERVICE_TCP);
    assert_int_equal(activation_give(&activation, &want, fds, 2, &bound), 2);
    assert_int_equal(activation_give(&activation, &want, fds, 2, &bound), 1);
    for (int fd = FIRST; fd < FIRST + 3; fd++)
        close(fd);
}

static void what_nobody_wants_is_closed(void **state)
{
    struct activation activation;
    struct address at = {0};
    (void)state;
    stand_at(0, listening("127.0.0.1", &at));
    say(1, "web", getpid());
    activation_take(&activation);
    activation_close(&activation);
    activation_close(&activation);
    assert_false(is_open(FIRST));
}

static void what_is_no_use_is_closed_at_once(void **state)
{
    struct activation activation;
    struct address at = {0}, peer = {0};
    (void)state;
    int listener = listening("127.0.0.1", &peer), held = fcntl(listener, F_DUPFD, 50);
    close(listener);
    stand_at(0, inet("127.0.0.1", SOCK_STREAM, &at)); /* does not listen */
    stand_at(1, socket(AF_UNIX, SOCK_STREAM, 0));
    stand_at(2, open("/dev/null", O_RDONLY));
    at = (struct address){0};
    int fd = inet("127.0.0.1", SOCK_DGRAM, &at);
    assert_int_equal(connect(fd, &peer.socket.any, sizeof(peer.socket.v4)), 0);
    stand_at(3, fd);
    close(FIRST + 4); /* it is promised, and not there */
    say(5, "a:b", getpid());
    activation_take(&activation);
    assert_int_equal(activation.count, 0);
    for (fd = FIRST; fd < FIRST + 5; fd++)
        assert_false(is_open(fd));
    close(held);
}

static void words_for_others_are_not_taken(void **state)
{
    static const char *const counts[] = {"",  "-1", "1x",   "99999999999999999999",
                                         "x", " 1", "40000"};
    struct activation activation;
    struct address at = {0};
    (void)state;
    stand_at(0, listening("127.0.0.1", &at));
    say(1, "web", getpid() + 1);
    activation_take(&activation);
    assert_int_equal(activation.count, 0);
    assert_null(getenv("LISTEN_FDS"));
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        say(1, "web", getpid());
        setenv("LISTEN_FDS", counts[i], 1);
        activation_take(&activation);
        assert_int_equal(activation.count, 0);
    }
    activation_take(&activation);
    assert_int_equal(activation.count, 0);
    assert_true(is_open(FIRST));
    close(FIRST);
}

static void more_than_there_is_room_for_are_closed(void **state)
{
    struct activation activation;
    struct address at = {0};
    (void)state;
    stand_at(0, listening("127.0.0.1", &at));
    for (int i = 1; i < (int)ACTIVATION_MAX + 3; i++)
        assert_int_equal(dup2(FIRST, FIRST + i), FIRST + i);
    say((int)ACTIVATION_MAX + 3, "", getpid());
    activation_take(&activation);
    assert_int_equal(activation.count, ACTIVATION_MAX);
    assert_true(is_open(FIRST + (int)ACTIVATION_MAX - 1));
    for (unsigned i = ACTIVATION_MAX; i < ACTIVATION_MAX + 3; i++)
        assert_false(is_open(FIRST + (int)i));
    activation_close(&activation);
    assert_false(is_open(FIRST));
}

static void long_names_and_none_are_cut(void **state)
{
    struct activation activation;
    struct address at = {0};
    (void)state;
    for (int i = 0; i < 3; i++)
        stand_at(i, listening("127.0.0.1", &at));
    say(3, "0123456789012345678901234567890123456789::", getpid());
    activation_take(&activation);
    assert_string_equal(activation.sockets[0].name, "0123456789012345678901234567890");
    assert_string_equal(activation.sockets[1].name, "");
    assert_string_equal(activation.sockets[2].name, "");
    activation_close(&activation);
}

/* ListenStream=80 is [::]:80, which takes IPv4 as well; lb's own word for that is 0.0.0.0:80. */
static void all_of_ipv6_is_all_of_ipv4(void **state)
{
    struct activation activation;
    struct sockaddr_in6 any = {.sin6_family = AF_INET6};
    struct address at, bound;
    socklen_t size = sizeof(any);
    int fds[2], off = 0;
    (void)state;
    for (int only = 0; only < 2; only++) {
        int fd = socket(AF_INET6, SOCK_STREAM, 0);
        any.sin6_port = 0;
        if (fd < 0 ||
            setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, only ? &only : &off, sizeof(off)) < 0 ||
            bind(fd, (void *)&any, size) < 0)
            skip();
        assert_int_equal(listen(fd, 1), 0);
        assert_int_equal(getsockname(fd, (void *)&any, &size), 0);
        stand_at(0, fd);
        say(1, "web", getpid());
        activation_take(&activation);
        assert_int_equal(activation.count, 1);
        assert_true(address_parse_ip(VIEW("127.0.0.1"), ntohs(any.sin6_port), &at));
        struct channel_socket want = wish(&at, SERVICE_TCP); /* more than that would be served */
        assert_int_equal(activation_give(&activation, &want, fds, 2, &bound), 0);
        assert_true(address_parse_ip(VIEW("0.0.0.0"), ntohs(any.sin6_port), &at));
        want = wish(&at, SERVICE_TCP);
        assert_int_equal(activation_give(&activation, &want, fds, 2, &bound), !only);
        assert_true(only || bound.socket.any.sa_family == AF_INET6);
        activation_close(&activation);
        close(FIRST);
    }
}

int main(void)
{
    log_open("test", LOG_LEVEL_ERROR, LOG_FORMAT_PLAIN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_goes_to_who_wants_its_address),
        cmocka_unit_test(a_group_is_given_whole),
        cmocka_unit_test(what_nobody_wants_is_closed),
        cmocka_unit_test(what_is_no_use_is_closed_at_once),
        cmocka_unit_test(words_for_others_are_not_taken),
        cmocka_unit_test(more_than_there_is_room_for_are_closed),
        cmocka_unit_test(long_names_and_none_are_cut),
        cmocka_unit_test(all_of_ipv6_is_all_of_ipv4),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
