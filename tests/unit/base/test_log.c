/* Copies of the log over a socket: whole JSON lines, never waited for, the lost ones counted. What stands on standard
 * error is tested in tests/scenario/operator_log. */
#include "lb/base/log.h"

#include "lb/base/log_about.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGE_BYTES 16384

static int open_pair(void **state)
{
    static int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    log_open("lb-test", LOG_LEVEL_INFO, LOG_FORMAT_PLAIN);
    log_copy_to(ends[0]);
    *state = ends;
    return 0;
}

static int close_pair(void **state)
{
    const int *ends = *state;
    log_copy_to(-1);
    close(ends[0]);
    if (ends[1] >= 0)
        close(ends[1]);
    return 0;
}

/* The next copy as a text; "": none is there. */
static const char *take(const int *ends)
{
    static char message[MESSAGE_BYTES];
    ssize_t count = recv(ends[1], message, sizeof(message) - 1, MSG_DONTWAIT);
    message[count > 0 ? count : 0] = '\0';
    return message;
}

static void test_a_copy_is_a_json_line(void **state)
{
    log_debug("too small");
    log_warn("a \"quoted\" thing\n of %s", "two lines");
    const char *copy = take(*state);
    assert_int_equal(copy[0], LOG_COPY_KIND);
    assert_non_null(strstr(copy, "L{\"@timestamp\":\""));
    assert_non_null(strstr(copy, "\"log.level\":\"warn\","
                                 "\"message\":\"a \\\"quoted\\\" thing\\n of two lines\","
                                 "\"ecs.version\":\"8.11.0\",\"log.logger\":\"lb-test\","));
    assert_int_equal(copy[strlen(copy) - 1], '\n');
    assert_string_equal(take(*state), "");
}

static void test_what_a_line_is_about(void **state)
{
    const struct log_about about = {.action = "pool-change",
                                    .service = "shop",
                                    .name = "web\033[2J\"1",
                                    .address = "10.0.0.1:80",
                                    .state = "ready",
                                    .state_before = "probing",
                                    .cause = ""};
    log_say(LOG_LEVEL_INFO, &about, "%s is there", "web1");
    const char *copy = take(*state);
    assert_non_null(strstr(copy, "\"message\":\"web1 is there\""));
    assert_non_null(strstr(copy, "\"event\":{\"kind\":\"event\",\"dataset\":\"lb.log\","
                                 "\"action\":\"pool-change\"},\"service\":{\"name\":\"lb\"}"));
    assert_non_null(strstr(copy, "\"lb\":{\"service\":\"shop\",\"state\":\"ready\","
                                 "\"state_before\":\"probing\",\"upstream\":{\"name\":"
                                 "\"web\\u001b[2J\\\"1\",\"address\":\"10.0.0.1:80\"}}}\n"));
    log_info("about nothing");
    copy = take(*state);
    assert_null(strstr(copy, "\"lb\":"));
    assert_null(strstr(copy, "action"));
}

static void test_no_more_copies(void **state)
{
    log_copy_to(-1);
    log_info("for nobody");
    assert_string_equal(take(*state), "");
}

static void test_what_is_too_long_is_cut(void **state)
{
    static char quotes[8000];
    memset(quotes, '"', sizeof(quotes) - 1);
    log_info("%s", quotes);
    const char *copy = take(*state);
    assert_in_range(strlen(copy), 4000, 4400);
    assert_non_null(strstr(copy, "}\n"));
}

static void test_lost_copies_are_counted(void **state)
{
    unsigned sent = 0, kept = 0;
    for (; sent < 5000; sent++)
        log_info("line %u", sent);
    while (take(*state)[0])
        kept++;
    assert_in_range(kept, 10, sent - 1);
    assert_int_equal(log_uncopied_count(), sent - kept);
    log_info("there is room again");
    char said[100];
    snprintf(said, sizeof(said), "\"%u lines of this log were not passed on", sent - kept);
    assert_non_null(strstr(take(*state), said));
    assert_non_null(strstr(take(*state), "there is room again"));
    log_info("and no more is said");
    assert_non_null(strstr(take(*state), "and no more is said"));
    assert_string_equal(take(*state), "");
}

static void test_nobody_is_there(void **state)
{
    int *ends = *state;
    close(ends[1]);
    ends[1] = -1;
    log_error("told to nobody");
    log_error("nor this");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_copy_is_a_json_line, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(test_what_a_line_is_about, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(test_no_more_copies, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(test_what_is_too_long_is_cut, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(test_lost_copies_are_counted, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(test_nobody_is_there, open_pair, close_pair),
    };
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(null, STDERR_FILENO);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
