/* The channel's end, with a master that is this test: what is asked for, what comes meanwhile, and the end. */
#include "lb/run/link.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "lb/base/parcel.h"

static struct loop loop;
static struct link link_;
static int master;
static struct text told;

static void on_serve(void *owner)
{
    (void)owner;
    text_append_str(&told, "serve|");
}

static void on_line(void *owner, int fd, unsigned start_count, bool is_cut)
{
    (void)owner;
    text_appendf(&told, "line %u %s|", start_count, is_cut ? "cut" : "whole");
    assert_int_equal(close(fd), 0);
}

static void on_ended(void *owner, int status, int signal)
{
    (void)owner;
    text_appendf(&told, "ended %d %d|", status, signal);
}

static void on_failed(void *owner, int error)
{
    (void)owner;
    text_appendf(&told, "failed %d|", error);
}

static void on_yield(void *owner)
{
    (void)owner;
    text_append_str(&told, "yield|");
}

static void on_news(void *owner, enum channel_news news, const char *why)
{
    (void)owner;
    text_appendf(&told, "news %d %s|", news, why);
}

static void on_lost(void *owner)
{
    (void)owner;
    text_append_str(&told, "lost|");
}

static const struct link_handler handler = {.on_serve = on_serve,
                                            .on_line = on_line,
                                            .on_discovery_ended = on_ended,
                                            .on_discovery_failed = on_failed,
                                            .on_yield = on_yield,
                                            .on_news = on_news,
                                            .on_lost = on_lost};

/* ---- the master ------------------------------------------------------------------------------- */

static void say(struct channel_message message, unsigned fd_count)
{
    int fds[PARCEL_FDS_MAX];
    for (unsigned i = 0; i < fd_count; i++)
        fds[i] = STDIN_FILENO;
    assert_int_equal(parcel_send(master, &message, sizeof(message), fds, fd_count), 0);
}

static struct channel_message hear(unsigned *fd_count)
{
    struct channel_message message;
    int fds[PARCEL_FDS_MAX];
    assert_int_equal(parcel_receive(master, &message, sizeof(message), fds, fd_count), 1);
    for (unsigned i = 0; i < *fd_count; i++)
        close(fds[i]);
    return message;
}

static void check_heard(enum channel_kind kind)
{
    unsigned fd_count;
    assert_int_equal(hear(&fd_count).kind, kind);
}

static void check_plan(enum channel_helper helper, int fd, unsigned wanted_fd_count)
{
    unsigned fd_count;
    link_plan(&link_, helper, fd);
    struct channel_message heard = hear(&fd_count);
    assert_int_equal(heard.kind, CHANNEL_PLAN);
    assert_int_equal(heard.value, helper);
    assert_int_equal(fd_count, wanted_fd_count);
}

static int open_link(void **state)
{
    int ends[2];
    (void)state;
    told = (struct text)TEXT_INIT;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    master = ends[1];
    say((struct channel_message){.kind = CHANNEL_WELCOME,
                                 .value = CHANNEL_VERSION,
                                 .status = CHANNEL_AGAIN,
                                 .history.start_count = 7},
        CHANNEL_KEEPSAKE_COUNT);
    assert_true(link_open(&link_, ends[0], "1.2"));
    unsigned fd_count;
    struct channel_message hello = hear(&fd_count);
    assert_int_equal(hello.kind, CHANNEL_HELLO);
    assert_int_equal(hello.value, CHANNEL_VERSION);
    assert_string_equal(hello.text, "1.2");
    return loop_init(&loop);
}

static int close_link(void **state)
{
    (void)state;
    link_close(&link_);
    link_close(&link_);
    loop_fini(&loop);
    if (master >= 0)
        close(master);
    text_fini(&told);
    return 0;
}

static void run_until(const char *want)
{
    for (unsigned i = 0; i < 100 && !strstr(text_str(&told), want); i++)
        uv_run(&loop.uv, UV_RUN_ONCE);
    assert_non_null(strstr(text_str(&told), want));
}

/* ---- tests ------------------------------------------------------------------------------------ */

static void test_welcome(void **state)
{
    (void)state;
    assert_int_equal(link_.start, CHANNEL_AGAIN);
    assert_int_equal(link_.history.start_count, 7);
    for (unsigned i = 0; i < CHANNEL_KEEPSAKE_COUNT; i++)
        assert_true(link_.keepsakes[i] > STDERR_FILENO);
}

static void test_another_version_is_refused(void **state)
{
    struct link other;
    int ends[2];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    struct channel_message welcome = {.kind = CHANNEL_WELCOME, .value = CHANNEL_VERSION + 1};
    assert_int_equal(parcel_send(ends[1], &welcome, sizeof(welcome), NULL, 0), 0);
    assert_false(link_open(&other, ends[0], "1.2"));
    link_close(&other);
    close(ends[1]);
}

static void test_a_master_that_is_gone(void **state)
{
    struct link other;
    struct listening listening;
    struct channel_socket wanted = {.count = 1};
    int ends[2];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    close(ends[1]);
    assert_false(link_open(&other, ends[0], "1.2"));
    struct lender lender = link_lender(&other);
    assert_int_equal(lender.lend(lender.owner, &wanted, &listening), -EPIPE);
    link_close(&other);
    assert_int_equal(lender.lend(lender.owner, &wanted, &listening), -EPIPE);
}

/* More sockets than one message carries, and other things between them, which keep their order. */
static void test_sockets_and_what_comes_meanwhile(void **state)
{
    struct lender lender = link_lender(&link_);
    struct channel_socket wanted = {.kind = SERVICE_TCP, .role = "listen", .count = 70};
    struct channel_message answer = {.kind = CHANNEL_SOCKETS, .socket = wanted, .value = 70};
    struct listening listening;
    (void)state;
    assert_int_equal(link_follow(&link_, &loop, &handler, NULL), 0);
    assert_true(address_parse(VIEW("127.0.0.1:0"), &wanted.wanted));
    assert_true(address_parse(VIEW("127.0.0.1:4711"), &answer.socket.bound));
    say((struct channel_message){.kind = CHANNEL_SERVE}, 0);
    say(answer, 64);
    say((struct channel_message){.kind = CHANNEL_LINE, .value = 2, .status = 1}, 1);
    answer.value = 6;
    say(answer, 6);
    say((struct channel_message){.kind = CHANNEL_YIELD}, 0);
    assert_int_equal(lender.lend(lender.owner, &wanted, &listening), 0);
    assert_int_equal(listening.count, 70);
    assert_int_equal(address_port(&listening.at), 4711);
    listening_close(&listening);
    assert_string_equal(text_str(&told), "");
    run_until("yield|");
    assert_string_equal(text_str(&told), "serve|line 2 cut|yield|");
    check_heard(CHANNEL_WANT);
    lender.take_back(lender.owner, &wanted);
    check_heard(CHANNEL_DROP);
}

static void test_sockets_that_cannot_be_had(void **state)
{
    struct lender lender = link_lender(&link_);
    struct channel_socket wanted = {.kind = SERVICE_TCP, .role = "listen", .count = 1};
    struct listening listening;
    (void)state;
    say((struct channel_message){.kind = CHANNEL_SOCKETS, .status = -EACCES}, 0);
    assert_int_equal(lender.lend(lender.owner, &wanted, &listening), -EACCES);
    say((struct channel_message){.kind = CHANNEL_SOCKETS}, 0); /* none at all */
    assert_int_equal(lender.lend(lender.owner, &wanted, &listening), -EPROTO);
}

static void test_place_and_plan(void **state)
{
    struct channel_place place = {.handover_path = "/p"};
    unsigned fd_count;
    (void)state;
    say((struct channel_message){.kind = CHANNEL_PLACED}, 0);
    assert_true(link_place(&link_, &place));
    assert_string_equal(hear(&fd_count).place.handover_path, "/p");
    say((struct channel_message){.kind = CHANNEL_PLACED, .status = -EIO}, 0);
    assert_false(link_place(&link_, &place));
    check_heard(CHANNEL_PLACE);
    check_plan(CHANNEL_REPORTER, STDIN_FILENO, 1);
    check_plan(CHANNEL_DISCOVERY, -1, 0);
}

static void test_what_is_told(void **state)
{
    unsigned fd_count;
    (void)state;
    assert_int_equal(link_follow(&link_, &loop, &handler, NULL), 0);
    say((struct channel_message){.kind = CHANNEL_DISCOVERY_ENDED, .status = 3, .value = 9}, 0);
    say((struct channel_message){.kind = CHANNEL_DISCOVERY_FAILED, .status = -2}, 0);
    say((struct channel_message){.kind = CHANNEL_NEWS, .status = 1, .text = "why"}, 0);
    say((struct channel_message){.kind = 999}, 2);          /* of a later version */
    say((struct channel_message){.kind = CHANNEL_LINE}, 0); /* without a descriptor */
    say((struct channel_message){.kind = CHANNEL_SERVE}, 0);
    run_until("serve|");
    assert_string_equal(text_str(&told), "ended 3 9|failed -2|news 1 why|serve|");
    link_say(&link_, CHANNEL_DISCOVERY_HUNG, 5, "silent");
    struct channel_message said = hear(&fd_count);
    assert_int_equal(said.status, 5);
    assert_string_equal(said.text, "silent");
}

static void test_the_end_of_the_master(void **state)
{
    (void)state;
    assert_int_equal(link_follow(&link_, &loop, &handler, NULL), 0);
    say((struct channel_message){.kind = CHANNEL_SERVE}, 0);
    close(master);
    master = -1;
    run_until("lost|");
    assert_string_equal(text_str(&told), "serve|lost|");
    link_say(&link_, CHANNEL_READY, 0, NULL); /* harmless */
}

/* Not what is no channel, nor one that is not there. */
static void test_where_the_environment_says_it_is(void **state)
{
    char number[16];
    (void)state;
    unsetenv(CHANNEL_ENVIRONMENT);
    assert_int_equal(link_find(), -1);
    setenv(CHANNEL_ENVIRONMENT, "0", 1);
    assert_int_equal(link_find(), -1);
    setenv(CHANNEL_ENVIRONMENT, "1000", 1);
    assert_int_equal(link_find(), -1);
    int fd = dup(master);
    snprintf(number, sizeof(number), "%d", fd);
    setenv(CHANNEL_ENVIRONMENT, number, 1);
    assert_int_equal(link_find(), fd);
    assert_null(getenv(CHANNEL_ENVIRONMENT));
    close(fd);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_link, close_link)
    const struct CMUnitTest tests[] = {
        TEST(test_welcome),
        TEST(test_another_version_is_refused),
        TEST(test_a_master_that_is_gone),
        TEST(test_sockets_and_what_comes_meanwhile),
        TEST(test_sockets_that_cannot_be_had),
        TEST(test_place_and_plan),
        TEST(test_what_is_told),
        TEST(test_the_end_of_the_master),
        TEST(test_where_the_environment_says_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
