#include "lb/base/parcel.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct message {
    int kind;
    char text[100];
};

static int setup(void **state)
{
    static int pair[2];
    *state = pair;
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair);
}

static int teardown(void **state)
{
    int *pair = *state;
    close(pair[0]);
    close(pair[1]);
    return 0;
}

static void comes_with_its_descriptors(void **state)
{
    int *pair = *state, ends[2], fds[PARCEL_FDS_MAX];
    unsigned count;
    char byte = 'x';
    struct message sent = {.kind = 7, .text = "hello"}, got;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(parcel_send(pair[0], &sent, sizeof(sent), ends, 2), 0);
    assert_int_equal(parcel_receive(pair[1], &got, sizeof(got), fds, &count), 1);
    assert_int_equal(got.kind, 7);
    assert_string_equal(got.text, "hello");
    assert_int_equal(count, 2);
    assert_true(fcntl(fds[0], F_GETFD) & FD_CLOEXEC);
    assert_int_equal(write(fds[1], &byte, 1), 1);
    byte = 0;
    assert_int_equal(read(ends[0], &byte, 1), 1);
    assert_int_equal(byte, 'x');
    for (unsigned i = 0; i < 2; i++) {
        close(fds[i]);
        close(ends[i]);
    }
}

static void nothing_is_no_message(void **state)
{
    int *pair = *state, fds[PARCEL_FDS_MAX];
    unsigned count;
    struct message got;
    assert_int_equal(parcel_receive(pair[1], &got, sizeof(got), fds, &count), -EAGAIN);
    assert_int_equal(count, 0);
}

static void one_of_another_size_is_refused_and_its_descriptors_closed(void **state)
{
    int *pair = *state, fds[PARCEL_FDS_MAX], ends[2];
    unsigned count;
    char byte;
    struct message got;
    for (size_t size = 1; size < 2 * sizeof(got); size += sizeof(got) - 1) {
        char bytes[2 * sizeof(got)] = {0};
        if (size == sizeof(got))
            continue;
        assert_int_equal(pipe(ends), 0);
        assert_int_equal(parcel_send(pair[0], bytes, size, &ends[1], 1), 0);
        assert_int_equal(parcel_receive(pair[1], &got, sizeof(got), fds, &count), -EBADMSG);
        assert_int_equal(count, 0);
        close(ends[1]);
        assert_int_equal(read(ends[0], &byte, 1), 0); /* nobody has the other end */
        close(ends[0]);
    }
}

static void too_many_descriptors_are_not_sent(void **state)
{
    int *pair = *state, fds[PARCEL_FDS_MAX + 1] = {0};
    struct message sent = {0};
    assert_int_equal(parcel_send(pair[0], &sent, sizeof(sent), fds, PARCEL_FDS_MAX + 1), -EINVAL);
}

static void the_end_is_told(void **state)
{
    int *pair = *state, fds[PARCEL_FDS_MAX], other[2];
    unsigned count;
    struct message message = {0};
    (void)pair;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, other), 0);
    close(other[0]);
    assert_int_equal(parcel_receive(other[1], &message, sizeof(message), fds, &count), 0);
    assert_int_equal(parcel_send(other[1], &message, sizeof(message), NULL, 0), -EPIPE);
    close(other[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(comes_with_its_descriptors, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_is_no_message, setup, teardown),
        cmocka_unit_test_setup_teardown(one_of_another_size_is_refused_and_its_descriptors_closed,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(too_many_descriptors_are_not_sent, setup, teardown),
        cmocka_unit_test_setup_teardown(the_end_is_told, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
