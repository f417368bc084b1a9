#include "lb/master/crash_message.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lb/base/utf8.h"
#include "lb/contract/report.h"

static const struct crashes_case segv = {
    .status = SIGSEGV, .wall_ns = 1700000000123456789u, .lost_count = 7};

static void says(const struct crashes_case *one, const struct channel_history *history,
                 const char *left, const char *wanted)
{
    struct text out = TEXT_INIT;
    crash_message_write(one, history, left, &out);
    assert_string_equal(text_str(&out), wanted);
    text_fini(&out);
}

static void it_is_as_the_contract_has_it(void **state)
{
    struct channel_history history = {.crashes_in_a_row = 3, .is_crash_loop = 1};
    (void)state;
    says(&segv, &history, "crashed: \"x\"",
         "{\"timestamp\":1700000000.123,\"reason\":\"SIGSEGV\",\"lost_requests\":7,"
         "\"crashes_in_a_row\":3,\"is_crash_loop\":true,\"text\":\"crashed: \\\"x\\\"\"}");
}

static void an_exit_is_a_crash_and_leaves_no_text(void **state)
{
    struct crashes_case one = {.status = 3 << 8};
    struct channel_history history = {.crashes_in_a_row = 1};
    (void)state;
    says(&one, &history, "",
         "{\"timestamp\":0.000,\"reason\":\"exit status 3\",\"lost_requests\":0,"
         "\"crashes_in_a_row\":1,\"is_crash_loop\":false}");
}

static void no_text_makes_it_too_long_or_no_utf8(void **state)
{
    char left[CRASH_MESSAGE_TEXT_BYTES];
    struct channel_history history = {0};
    (void)state;
    for (int byte = 1; byte < 256; byte++) {
        struct text out = TEXT_INIT;
        memset(left, byte, sizeof(left) - 1);
        left[sizeof(left) - 1] = '\0';
        crash_message_write(&segv, &history, left, &out);
        assert_true(out.len < REPORT_MESSAGE_MAX);
        for (struct view rest = text_view(&out); rest.len > 0;) {
            size_t len = utf8_length(rest);
            assert_true(len > 0);
            rest = view_skip(rest, len);
        }
        text_fini(&out);
    }
}

static void what_was_left_is_taken_once_and_cut(void **state)
{
    char left[CRASH_MESSAGE_TEXT_BYTES];
    static char much[100000];
    struct stat about;
    int fd = memfd_create("crash", 0);
    (void)state;
    memset(much, 'x', sizeof(much));
    assert_int_equal(pwrite(fd, much, sizeof(much), 0), sizeof(much));
    crash_message_take(fd, left);
    assert_int_equal(strlen(left), sizeof(left) - 1);
    assert_int_equal(fstat(fd, &about), 0);
    assert_int_equal(about.st_size, 0);
    crash_message_take(fd, left);
    assert_string_equal(left, "");
    assert_int_equal(pwrite(fd, "one\0two", 7, 0), 7);
    crash_message_take(fd, left);
    assert_string_equal(left, "one");
    close(fd);
    crash_message_take(-1, left);
    assert_string_equal(left, "");
}

static void nobody_is_waited_for(void **state)
{
    struct channel_history history = {0};
    char got[REPORT_MESSAGE_MAX];
    int ends[2];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    for (int i = 0; i < 10000; i++) /* as good as endless, and it blocks by itself */
        crash_message_send(ends[1], &segv, &history, "a text");
    ssize_t size = recv(ends[0], got, sizeof(got), MSG_DONTWAIT);
    assert_true(size > 2);
    assert_int_equal(got[0], REPORT_CRASH);
    assert_int_equal(got[1], '{');
    assert_int_equal(got[size - 1], '}');
    close(ends[0]);
    crash_message_send(ends[1], &segv, &history, "a text"); /* and no SIGPIPE */
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_as_the_contract_has_it),
        cmocka_unit_test(an_exit_is_a_crash_and_leaves_no_text),
        cmocka_unit_test(no_text_makes_it_too_long_or_no_utf8),
        cmocka_unit_test(what_was_left_is_taken_once_and_cut),
        cmocka_unit_test(nobody_is_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
