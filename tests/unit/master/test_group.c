#include "lb/master/group.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define MOST 5

static int bound_at(int type, int is_group, struct address *at)
{
    socklen_t size = sizeof(at->socket.v4);
    assert_true(address_parse(VIEW("127.0.0.1:0"), at));
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &is_group, sizeof(is_group));
    assert_int_equal(bind(fd, &at->socket.any, size), 0);
    if (type == SOCK_STREAM)
        assert_int_equal(listen(fd, 10), 0);
    assert_int_equal(getsockname(fd, &at->socket.any, &size), 0);
    return fd;
}

/* How many sockets are behind these descriptors. */
static unsigned sockets_in(const int *fds, unsigned count)
{
    unsigned different = 0;
    struct stat a, b;
    for (unsigned i = 0; i < count; i++) {
        unsigned j = 0;
        assert_int_equal(fstat(fds[i], &a), 0);
        assert_true(fcntl(fds[i], F_GETFD) & FD_CLOEXEC);
        while (j < i && fstat(fds[j], &b) == 0 && a.st_ino != b.st_ino)
            j++;
        different += j == i;
    }
    return different;
}

static void grown(int type, int is_group, unsigned wanted, unsigned count, unsigned sockets)
{
    struct address at;
    int fds[MOST] = {bound_at(type, is_group, &at)};
    uint32_t kind = type == SOCK_DGRAM ? SERVICE_UDP : SERVICE_HTTP;
    assert_int_equal(group_grow(fds, 1, wanted, MOST, kind, &at), count);
    assert_int_equal(sockets_in(fds, count), sockets);
    for (unsigned i = 0; i < count; i++)
        close(fds[i]);
}

static void a_group_gets_more_of_its_kind(void **state)
{
    (void)state;
    grown(SOCK_STREAM, 1, 4, 4, 4);
    grown(SOCK_DGRAM, 1, 4, 4, 4);
}

static void a_socket_that_is_alone_is_shared(void **state)
{
    (void)state;
    grown(SOCK_STREAM, 0, 4, 4, 1);
}

/* What a client sends must come to one worker. */
static void datagrams_of_a_socket_that_is_alone_go_to_one(void **state)
{
    (void)state;
    grown(SOCK_DGRAM, 0, 4, 1, 1);
}

static void it_is_never_less_than_before_and_never_more_than_fits(void **state)
{
    (void)state;
    grown(SOCK_STREAM, 1, 0, 1, 1);
    grown(SOCK_STREAM, 1, 1, 1, 1);
    grown(SOCK_STREAM, 1, 1000, MOST, MOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_group_gets_more_of_its_kind),
        cmocka_unit_test(a_socket_that_is_alone_is_shared),
        cmocka_unit_test(datagrams_of_a_socket_that_is_alone_go_to_one),
        cmocka_unit_test(it_is_never_less_than_before_and_never_more_than_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
