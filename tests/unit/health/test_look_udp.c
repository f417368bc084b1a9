/* Looks by UDP, on real sockets: silence, answers, and ports that nobody has. */
#include "lb/health/look.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define SOON 60000u /* the clock has no say */

static struct loop loop;
static struct look_queue queue;
static struct look look;
static struct check check;
static struct address at;
static int peer;
static unsigned done_count;
static int own_fault;

static void on_done(struct look *of)
{
    assert_int_equal(of->state, LOOK_IDLE);
    done_count++;
}

static void on_own_fault(int status)
{
    own_fault = status;
}

static int open_all(void **state)
{
    (void)state;
    assert_int_equal(loop_init(&loop), 0);
    look_queue_init(&queue, &loop, 1);
    queue.on_own_fault = on_own_fault;
    look_init(&look, &queue, on_done);
    check = (struct check){.mode = CHECK_UDP};
    done_count = 0;
    own_fault = 0;
    assert_true(address_parse(VIEW("127.0.0.1:0"), &at));
    peer = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(peer, &at.socket.any, address_size(&at)), 0);
    assert_true(socket_address(peer, &at));
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    look_cancel(&look);
    close(peer);
    loop_fini(&loop);
    return 0;
}

static const char *verdict(void)
{
    for (unsigned before = done_count; done_count == before;)
        uv_run(&loop.uv, UV_RUN_ONCE);
    return look.problem;
}

static void answer(struct view want, struct view words)
{
    char bytes[64];
    struct sockaddr_storage from;
    socklen_t len = sizeof(from);
    struct pollfd waiting = {.fd = peer, .events = POLLIN};
    assert_int_equal(poll(&waiting, 1, 5000), 1);
    ssize_t size = recvfrom(peer, bytes, sizeof(bytes), 0, (struct sockaddr *)&from, &len);
    assert_true(view_eq(view_of(bytes, (size_t)size), want));
    sendto(peer, words.ptr, words.len, 0, (struct sockaddr *)&from, len);
}

static void test_silence_is_well_where_nothing_was_asked(void **state)
{
    (void)state;
    uint64_t before_ms = loop_now_ms(&loop);
    look_start(&look, &at, &check, CHECK_UDP, SOON);
    assert_string_equal(verdict(), "");
    assert_true(loop_now_ms(&loop) - before_ms >= LOOK_REFUSAL_MS - 50);
}

static void test_an_answer_ends_the_wait(void **state)
{
    (void)state;
    look_start(&look, &at, &check, CHECK_UDP, SOON);
    answer(VIEW(""), VIEW("?"));
    assert_string_equal(verdict(), "");
}

static void test_a_port_that_nobody_has(void **state)
{
    (void)state;
    close(peer);
    peer = -1;
    look_start(&look, &at, &check, CHECK_UDP, SOON);
    assert_string_equal(verdict(), "udp: nobody listens on that port");
    assert_false(look.is_own_fault);
    check.port = address_port(&at);
    look_start(&look, &at, &check, CHECK_DNS, SOON);
    assert_ptr_equal(strstr(verdict(), "dns :"), look.problem);
}

/* The clock says that it is over before the loop has read what came: the socket is asked first. */
static void test_a_refusal_that_came_late_is_heard(void **state)
{
    (void)state;
    close(peer);
    peer = -1;
    look_start(&look, &at, &check, CHECK_UDP, SOON);
    look.deadline.on_due(&look.deadline);
    assert_string_equal(verdict(), "udp: nobody listens on that port");
}

static void test_what_is_sent_and_expected(void **state)
{
    static const struct {
        const char *send, *expect, *answer, *want;
    } rows[] = {
        {"ask\\x21", "", "anything", ""},
        {"ask\\x21", "any", "anything", ""},
        {"ask\\x21", "none", "anything", "udp: its answer has not the expected text"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        strcpy(check.send, rows[i].send);
        strcpy(check.expect, rows[i].expect);
        look_start(&look, &at, &check, CHECK_UDP, SOON);
        answer(VIEW("ask!"), view_str(rows[i].answer));
        assert_string_equal(verdict(), rows[i].want);
    }
}

static void test_silence_where_an_answer_is_wanted(void **state)
{
    (void)state;
    strcpy(check.send, "ask");
    look_start(&look, &at, &check, CHECK_UDP, 60);
    assert_string_equal(verdict(), "udp: not answered within 60 ms");
}

static void test_dns(void **state)
{
    struct view question = VIEW("lb\x01\0\0\x01\0\0\0\0\0\0\0\0\x02\0\x01");
    (void)state;
    look_start(&look, &at, &check, CHECK_DNS, SOON);
    answer(question, VIEW("lb\x80\x05\0\0\0\0\0\0\0\0"));
    assert_string_equal(verdict(), "");
    look_start(&look, &at, &check, CHECK_DNS, SOON);
    answer(question, question);
    assert_string_equal(verdict(), "dns: what it answers is no DNS");
}

/* on_done comes later, and once, also where nothing could be opened; the next of the queue has its turn. */
static void test_a_look_that_cannot_begin(void **state)
{
    struct address nowhere;
    struct look next;
    (void)state;
    look_init(&next, &queue, on_done);
    assert_true(address_parse(VIEW("255.255.255.255:9"), &nowhere));
    look_start(&look, &nowhere, &check, CHECK_UDP, SOON);
    look_start(&next, &at, &check, CHECK_UDP, SOON);
    assert_int_equal(done_count, 0);
    assert_int_equal(next.state, LOOK_WAITING);
    while (done_count < 2)
        uv_run(&loop.uv, UV_RUN_ONCE);
    assert_string_equal(look.problem, "permission denied");
    assert_string_equal(next.problem, "");
    assert_int_equal(queue.running_count, 0);
}

static void test_an_end_on_the_way(void **state)
{
    (void)state;
    look_start(&look, &at, &check, CHECK_UDP, SOON);
    assert_false(look_cancel(&look));
    assert_false(look_cancel(&look));
    verdict();
    assert_int_equal(done_count, 1);
    assert_true(look_cancel(&look));
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_all, close_all)
    const struct CMUnitTest tests[] = {
        TEST(test_silence_is_well_where_nothing_was_asked),
        TEST(test_an_answer_ends_the_wait),
        TEST(test_a_port_that_nobody_has),
        TEST(test_a_refusal_that_came_late_is_heard),
        TEST(test_what_is_sent_and_expected),
        TEST(test_silence_where_an_answer_is_wanted),
        TEST(test_dns),
        TEST(test_a_look_that_cannot_begin),
        TEST(test_an_end_on_the_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
