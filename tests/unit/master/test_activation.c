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
#include "lb/master/store.h"

#define FIRST 3

static struct store store;

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

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

/* How many sockets who asks for it gets; `first` is one of them. */
static unsigned wanted(const struct address *at, uint32_t kind, uint32_t count, int *first)
{
    const struct store_asker asker = {.number = 1};
    struct channel_socket want = {.kind = kind, .role = "listen", .count = count, .wanted = *at};
    int fds[8], group = store_want(&store, &want, &asker);
    if (group < 0)
        return 0;
    unsigned given = store_lend(&store, (unsigned)group, 0, fds, 8);
    *first = fds[0];
    return given;
}

static int teardown(void **state)
{
    (void)state;
    store_close(&store);
    memset(&store, 0, sizeof(store));
    return 0;
}

static void each_goes_to_who_wants_its_address(void **state)
{
    struct address web = {0}, names = {0};
    int fd;
    (void)state;
    stand_at(0, listening("127.0.0.1", &web));
    stand_at(1, inet("127.0.0.2", SOCK_DGRAM, &names));
    say(2, "web:names", getpid());
    activation_take(&store);
    assert_null(getenv("LISTEN_FDS"));
    assert_null(getenv("LISTEN_PID"));
    assert_null(getenv("LISTEN_FDNAMES"));
    for (fd = FIRST; fd < FIRST + 2; fd++) {
        assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    }
    assert_int_equal(wanted(&web, SERVICE_HTTP, 1, &fd), 1);
    assert_int_equal(fd, FIRST);
    assert_int_equal(wanted(&names, SERVICE_UDP, 1, &fd), 1);
    assert_int_equal(fd, FIRST + 1);
}

static void a_group_stays_one(void **state)
{
    struct address at = {0};
    int fd;
    (void)state;
    for (int i = 0; i < 3; i++)
        stand_at(i, listening("127.0.0.1", &at));
    say(3, "web:web:web", getpid());
    activation_take(&store);
    assert_int_equal(wanted(&at, SERVICE_TCP, 3, &fd), 3);
    assert_int_equal(fd, FIRST);
}

static void what_is_no_use_is_closed_at_once(void **state)
{
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
    activation_take(&store);
    assert_int_equal(store.socket_count, 0);
    for (fd = FIRST; fd < FIRST + 5; fd++)
        assert_false(is_open(fd));
    close(held);
}

static void words_for_others_are_not_taken(void **state)
{
    static const char *const counts[] = {"",  "-1", "1x",   "99999999999999999999",
                                         "x", " 1", "40000"};
    struct address at = {0};
    (void)state;
    stand_at(0, listening("127.0.0.1", &at));
    say(1, "web", getpid() + 1);
    activation_take(&store);
    assert_null(getenv("LISTEN_FDS"));
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        say(1, "web", getpid());
        setenv("LISTEN_FDS", counts[i], 1);
        activation_take(&store);
    }
    activation_take(&store);
    assert_int_equal(store.socket_count, 0);
    assert_true(is_open(FIRST));
    close(FIRST);
}

static void names_may_be_long_or_missing(void **state)
{
    char names[300];
    struct address at = {0};
    (void)state;
    for (int i = 0; i < 3; i++)
        stand_at(i, listening("127.0.0.1", &at));
    memset(names, 'x', sizeof(names) - 2);
    memcpy(names + sizeof(names) - 2, ":", 2);
    say(3, names, getpid());
    activation_take(&store);
    assert_int_equal(store.socket_count, 3);
    stand_at(4, listening("127.0.0.1", &at));
    store_close(&store);
    stand_at(0, fcntl(FIRST + 4, F_DUPFD, 20));
    close(FIRST + 4);
    say(1, "", getpid());
    unsetenv("LISTEN_FDNAMES");
    activation_take(&store);
    assert_int_equal(store.socket_count, 1);
}

/* Bound without SO_REUSEPORT, as systemd does unless its unit says ReusePort=yes. */
static int alone(int type, struct address *at)
{
    socklen_t size = sizeof(at->socket.v4);
    assert_true(address_parse(VIEW("127.0.0.1:0"), at));
    int fd = socket(AF_INET, type, 0);
    assert_int_equal(bind(fd, &at->socket.any, size), 0);
    assert_true(type != SOCK_STREAM || listen(fd, 10) == 0);
    assert_int_equal(getsockname(fd, &at->socket.any, &size), 0);
    return fd;
}

static void one_that_is_alone_is_shared_by_workers_but_not_its_datagrams(void **state)
{
    struct address web = {0}, names = {0};
    int fd;
    (void)state;
    stand_at(0, alone(SOCK_STREAM, &web));
    stand_at(1, alone(SOCK_DGRAM, &names));
    say(2, "web:names", getpid());
    activation_take(&store);
    assert_int_equal(wanted(&web, SERVICE_TCP, 4, &fd), 4);
    assert_int_equal(wanted(&names, SERVICE_UDP, 4, &fd), 1);
}

static bool open_on_all_of_ipv6(bool is_only, struct address *at)
{
    socklen_t size = sizeof(at->socket.v6);
    int fd = socket(AF_INET6, SOCK_STREAM, 0), only = is_only;
    *at = (struct address){.socket.v6 = {.sin6_family = AF_INET6}};
    if (fd < 0 || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only)) < 0 ||
        bind(fd, &at->socket.any, size) < 0 || listen(fd, 1) < 0)
        return false;
    getsockname(fd, &at->socket.any, &size);
    stand_at(0, fd);
    return true;
}

static void all_of_ipv6_is_all_of_ipv4(void **state)
{
    (void)state;
    for (int only = 0; only < 2; only++) {
        struct address bound, at;
        int fd = -1;
        if (!open_on_all_of_ipv6(only, &bound))
            skip();
        say(1, "web", getpid());
        activation_take(&store);
        assert_int_equal(store.socket_count, 1);
        assert_true(address_parse_ip(VIEW("127.0.0.1"), address_port(&bound), &at));
        wanted(&at, SERVICE_TCP, 1, &fd); /* that would serve more than was asked for */
        assert_int_not_equal(fd, FIRST);
        assert_true(address_parse_ip(VIEW("0.0.0.0"), address_port(&bound), &at));
        wanted(&at, SERVICE_TCP, 1, &fd);
        assert_true(only ? fd != FIRST : fd == FIRST);
        teardown(NULL);
    }
}

static char said[8192];

/* Into `said`, what is told of those that nobody wants. */
static void tell(void)
{
    int ends[2], before = dup(STDERR_FILENO);
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    dup2(ends[1], STDERR_FILENO);
    activation_tell_unwanted(&store);
    dup2(before, STDERR_FILENO);
    ssize_t len = read(ends[0], said, sizeof(said) - 1);
    said[len > 0 ? len : 0] = '\0';
    close(ends[0]);
    close(ends[1]);
    close(before);
}

static void what_nobody_wants_is_told_and_kept(void **state)
{
    struct address web = {0}, other = {0};
    char text[ADDRESS_TEXT_BYTES];
    int fd;
    (void)state;
    stand_at(0, listening("127.0.0.1", &web));
    stand_at(1, listening("127.0.0.2", &other));
    say(2, "web:other", getpid());
    activation_take(&store);
    assert_int_equal(wanted(&web, SERVICE_HTTP, 1, &fd), 1);
    tell();
    assert_non_null(strstr(said, address_format(&other, text)));
    assert_null(strstr(said, address_format(&web, text)));
    assert_int_equal(wanted(&other, SERVICE_TCP, 1, &fd), 1);
    tell();
    assert_string_equal(said, "");
}

int main(void)
{
    log_open("test", LOG_LEVEL_WARN, LOG_FORMAT_PLAIN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(each_goes_to_who_wants_its_address, teardown),
        cmocka_unit_test_teardown(a_group_stays_one, teardown),
        cmocka_unit_test_teardown(one_that_is_alone_is_shared_by_workers_but_not_its_datagrams,
                                  teardown),
        cmocka_unit_test_teardown(all_of_ipv6_is_all_of_ipv4, teardown),
        cmocka_unit_test_teardown(what_is_no_use_is_closed_at_once, teardown),
        cmocka_unit_test_teardown(words_for_others_are_not_taken, teardown),
        cmocka_unit_test_teardown(names_may_be_long_or_missing, teardown),
        cmocka_unit_test_teardown(what_nobody_wants_is_told_and_kept, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
