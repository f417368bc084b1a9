/* Lines of a ring as messages: whole lines, many in each, in order, wherever the ring begins anew. */
#include "lb/crew/log_messages.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lb/contract/report.h"

#define RING_BYTES 65536

static struct log_ring ring;
static int ends[2];
static char message[REPORT_MESSAGE_MAX + 1];

static int open_all(void **state)
{
    (void)state;
    log_ring_init(&ring, RING_BYTES);
    return socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends);
}

static int close_all(void **state)
{
    (void)state;
    log_ring_fini(&ring);
    close(ends[0]);
    close(ends[1]);
    return 0;
}

/* "17 xxx…\n" */
static bool put(unsigned number, size_t len)
{
    static char line[16384];
    memset(line, 'x', len);
    int start = snprintf(line, sizeof(line), "%u ", number);
    line[start] = 'x';
    line[len - 1] = '\n';
    return log_ring_put(&ring, view_of(line, len));
}

/* The next message, whose lines are numbered from `*next` on. False: there is none. */
static bool take(unsigned *next)
{
    ssize_t count = recv(ends[1], message, sizeof(message), MSG_DONTWAIT);
    if (count < 0)
        return false;
    assert_in_range(count, 3, REPORT_MESSAGE_MAX);
    assert_int_equal(message[0], 'A');
    assert_int_equal(message[count - 1], '\n');
    for (const char *at = message + 1; at < message + count; (*next)++) {
        assert_int_equal(strtoul(at, NULL, 10), *next);
        at = (const char *)memchr(at, '\n', (size_t)(message + count - at)) + 1;
    }
    return true;
}

static void test_many_lines_in_a_message(void **state)
{
    unsigned next = 0;
    (void)state;
    assert_int_equal(log_messages_send(ends[0], &ring), 0);
    assert_false(take(&next));
    for (unsigned i = 0; i < 100; i++)
        assert_true(put(i, 500));
    assert_int_equal(log_messages_send(ends[0], &ring), 0);
    assert_true(take(&next));
    assert_int_equal(next, 65); /* 32767 / 500 */
    assert_true(take(&next));
    assert_int_equal(next, 100);
    assert_false(take(&next));
}

/* Of many lengths, so that the ring's end lies anywhere in a line. */
static void test_lines_are_never_cut(void **state)
{
    unsigned put_count = 0, next = 0;
    (void)state;
    for (unsigned round = 0; round < 300; round++) {
        unsigned wanted = 1 + round % 7;
        while (wanted-- > 0 && put(put_count, 10 + (put_count * 2477) % 16000))
            put_count++;
        if (round % 3 == 0)
            continue;
        assert_int_equal(log_messages_send(ends[0], &ring), 0);
        while (take(&next))
            ;
        assert_int_equal(next, put_count);
    }
}

static void test_what_has_no_room_stays(void **state)
{
    unsigned put_count = 0, next = 0;
    (void)state;
    int rc = 0;
    while (rc == 0) {
        while (put(put_count, 1000))
            put_count++;
        rc = log_messages_send(ends[0], &ring);
    }
    assert_int_equal(rc, -EAGAIN);
    while (next < put_count) {
        assert_true(take(&next));
        log_messages_send(ends[0], &ring);
    }
    assert_false(take(&next));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_many_lines_in_a_message, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_lines_are_never_cut, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_what_has_no_room_stays, open_all, close_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
