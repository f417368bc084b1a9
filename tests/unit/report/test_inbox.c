/* Messages of a real socket, good and bad. */
#include "lb/report/inbox.h"

#include <sys/socket.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

struct pair {
    int fds[2];
    struct inbox inbox;
};

static int set_up(void **state)
{
    static struct pair pair;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair.fds), 0);
    assert_true(inbox_open(&pair.inbox, pair.fds[0]));
    *state = &pair;
    return 0;
}

static int tear_down(void **state)
{
    struct pair *pair = *state;
    close(pair->fds[0]);
    if (pair->fds[1] >= 0)
        close(pair->fds[1]);
    return 0;
}

static void tell(struct pair *pair, const void *bytes, size_t len)
{
    assert_int_equal(send(pair->fds[1], bytes, len, 0), len);
}

static enum inbox_end take(struct pair *pair, char *kind, struct view *message)
{
    return inbox_take(&pair->inbox, kind, message);
}

static void test_messages(void **state)
{
    struct pair *pair = *state;
    struct view message;
    char kind;
    assert_int_equal(take(pair, &kind, &message), INBOX_EMPTY);
    tell(pair, "Lone\n", 5);
    tell(pair, "I{}", 3);
    assert_int_equal(take(pair, &kind, &message), INBOX_MESSAGE);
    assert_int_equal(kind, 'L');
    assert_true(view_eq(message, VIEW("one\n")));
    assert_int_equal(take(pair, &kind, &message), INBOX_MESSAGE);
    assert_int_equal(kind, 'I');
    assert_int_equal(take(pair, &kind, &message), INBOX_EMPTY);
    assert_int_equal(pair->inbox.broken_count, 0);
}

static void test_bad(void **state)
{
    static char large[REPORT_MESSAGE_MAX + 1] = "L";
    struct pair *pair = *state;
    struct view message;
    char kind;
    tell(pair, "", 0);
    tell(pair, "L", 1);
    tell(pair, "\0x", 2);
    tell(pair, "zx", 2);
    tell(pair, large, sizeof(large));
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(take(pair, &kind, &message), INBOX_SKIPPED);
    assert_int_equal(pair->inbox.broken_count, 5);
    tell(pair, large, sizeof(large) - 1);
    assert_int_equal(take(pair, &kind, &message), INBOX_MESSAGE);
    assert_int_equal(message.len, REPORT_MESSAGE_MAX - 1);
}

/* What waits comes first. */
static void test_closed(void **state)
{
    struct pair *pair = *state;
    struct view message;
    char kind;
    tell(pair, "I{}", 3);
    close(pair->fds[1]);
    pair->fds[1] = -1;
    assert_int_equal(take(pair, &kind, &message), INBOX_MESSAGE);
    assert_int_equal(take(pair, &kind, &message), INBOX_CLOSED);
}

/* Descriptors that come along are not kept. */
static void test_descriptors(void **state)
{
    struct pair *pair = *state;
    struct view message;
    char kind, bytes[] = "I{}";
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec piece = {bytes, 3};
    struct msghdr header = {.msg_iov = &piece,
                            .msg_iovlen = 1,
                            .msg_control = control,
                            .msg_controllen = sizeof(control)};
    struct cmsghdr *part = CMSG_FIRSTHDR(&header);
    *part = (struct cmsghdr){
        .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(part), &pair->fds[1], sizeof(int));
    int before = dup(0);
    close(before);
    assert_int_equal(sendmsg(pair->fds[1], &header, 0), 3);
    assert_int_equal(take(pair, &kind, &message), INBOX_MESSAGE);
    int after = dup(0);
    close(after);
    assert_int_equal(after, before);
}

static void test_other_sockets(void **state)
{
    static struct inbox inbox;
    int fds[2];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    assert_false(inbox_open(&inbox, fds[0]));
    close(fds[0]);
    assert_false(inbox_open(&inbox, fds[0]));
    close(fds[1]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_messages),
        TEST(test_bad),
        TEST(test_closed),
        TEST(test_descriptors),
        cmocka_unit_test(test_other_sockets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
