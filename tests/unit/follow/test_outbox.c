/* Messages to lb-report: whole, never waited for, and counted where they find no room. */
#include "lb/follow/outbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char message[REPORT_MESSAGE_MAX + 1];

static ssize_t take(int socket)
{
    return recv(socket, message, sizeof(message), MSG_DONTWAIT);
}

static void test_whole_messages(void **state)
{
    static char object[REPORT_MESSAGE_MAX];
    struct outbox outbox;
    int ends[2];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    outbox_init(&outbox, ends[0]);
    assert_true(outbox_is_open(&outbox));
    memset(object, 'x', sizeof(object));
    outbox_send(&outbox, REPORT_INCIDENT, VIEW("{\"a\":1}"));
    outbox_send(&outbox, REPORT_CHANGE, view_of(object, sizeof(object) - 1));
    outbox_send(&outbox, REPORT_CHANGE, view_of(object, sizeof(object)));
    assert_int_equal(outbox.dropped_count, 1);
    assert_int_equal(take(ends[1]), 8);
    assert_memory_equal(message, "I{\"a\":1}", 8);
    assert_int_equal(take(ends[1]), REPORT_MESSAGE_MAX);
    assert_int_equal(message[0], 'B');
    assert_int_equal(take(ends[1]), -1);
    close(ends[0]);
    close(ends[1]);
}

static void test_what_has_no_room_is_counted(void **state)
{
    struct outbox outbox;
    unsigned count = 0;
    int ends[2];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    outbox_init(&outbox, ends[0]);
    for (unsigned i = 0; i < 5000; i++)
        outbox_send(&outbox, REPORT_CHANGE, VIEW("{}"));
    while (take(ends[1]) == 3)
        count++;
    assert_true(count > 0 && outbox.dropped_count > 0);
    assert_int_equal(count + outbox.dropped_count, 5000);
    close(ends[1]);
    outbox_send(&outbox, REPORT_CHANGE, VIEW("{}"));
    assert_int_equal(count + outbox.dropped_count, 5001);
    close(ends[0]);
}

static void test_nobody_is_to_be_told(void **state)
{
    struct outbox outbox;
    (void)state;
    outbox_init(&outbox, -1);
    assert_false(outbox_is_open(&outbox));
    outbox_send(&outbox, REPORT_INCIDENT, VIEW("{}"));
    assert_int_equal(outbox.dropped_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_messages),
        cmocka_unit_test(test_what_has_no_room_is_counted),
        cmocka_unit_test(test_nobody_is_to_be_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
