/* Workers as threads: each ends by each way of being told so, with other settings taken over on the
 * way, and the crew that has them. What they serve is tests/unit/proxy's. */
#include "lb/crew/worker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "lb/base/memory.h"
#include "lb/net/listening.h"

static uv_loop_t loop;
static uv_async_t done;
static unsigned done_count;
static struct worker *worker;
static struct listening listening;

static void on_done(uv_async_t *async)
{
    (void)async;
    done_count++;
}

static struct settings *make_settings(unsigned idle_timeout_ms)
{
    struct config config = {.service = memory_copy("app", 3),
                            .default_route = memory_copy("auto", 4),
                            .head_timeout_ms = 1000,
                            .idle_timeout_ms = idle_timeout_ms,
                            .max_head_bytes = 16384,
                            .max_header_count = 100,
                            .max_target_bytes = 8192};
    return settings_new(&config, 1, NULL);
}

static int open_worker(void **state)
{
    struct address at;
    struct settings *settings = make_settings(60000);
    (void)state;
    uv_loop_init(&loop);
    uv_async_init(&loop, &done, on_done);
    done_count = 0;
    worker = worker_new(settings, 0, &done);
    assert_non_null(worker);
    settings_unref(settings);
    assert_true(address_parse(VIEW("127.0.0.1:0"), &at));
    assert_int_equal(listening_open(&listening, &at, 1), 0);
    worker_listen(worker, listening_lend(&listening, 0), false);
    return 0;
}

static int close_worker(void **state)
{
    (void)state;
    worker_free(worker);
    listening_close(&listening);
    uv_close((uv_handle_t *)&done, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
    return 0;
}

/* A connection that lb has accepted and answered by a refusal: there is no pool. */
static int connect_and_ask(void)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    char answer[1000];
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, &listening.at.socket.any, address_size(&listening.at)), 0);
    assert_int_equal(send(fd, request, strlen(request), 0), strlen(request));
    assert_true(recv(fd, answer, sizeof(answer), 0) > 12);
    assert_memory_equal(answer, "HTTP/1.1 503", 12);
    return fd;
}

static void start(void)
{
    worker_serve(worker);
    assert_int_equal(worker_start(worker), 0);
}

static void wait_for_end(void)
{
    while (done_count == 0)
        uv_run(&loop, UV_RUN_ONCE);
    assert_true(atomic_load(&worker->is_done));
}

static void test_a_worker_that_was_never_started_is_freed(void **state)
{
    (void)state;
    assert_false(atomic_load(&worker->is_done));
}

static void test_closed_with_a_client_it_ends_at_once(void **state)
{
    char byte;
    (void)state;
    start();
    int fd = connect_and_ask();
    worker_tell(worker, WORKER_CLOSE);
    wait_for_end();
    assert_true(recv(fd, &byte, 1, 0) <= 0);
    close(fd);
}

static void test_drained_it_ends_when_its_clients_have(void **state)
{
    char byte;
    (void)state;
    start();
    int fd = connect_and_ask();
    worker_tell(worker, WORKER_DRAIN);
    wait_for_end(); /* the idle connection is closed by lb */
    assert_int_equal(recv(fd, &byte, 1, 0), 0);
    close(fd);
    fd = socket(AF_INET, SOCK_STREAM, 0); /* and nobody listens any more */
    assert_int_equal(connect(fd, &listening.at.socket.any, address_size(&listening.at)), -1);
    close(fd);
}

static void test_leaving_it_goes_on_and_closes_each_connection(void **state)
{
    char rest[1000];
    (void)state;
    worker_tell(worker, WORKER_LEAVING);
    start();
    close(connect_and_ask()); /* by now it has heard of it */
    int fd = connect_and_ask();
    assert_int_equal(recv(fd, rest, sizeof(rest), 0), 0);
    close(fd);
    assert_false(atomic_load(&worker->is_done));
    worker_tell(worker, WORKER_CLOSE);
    wait_for_end();
}

/* Of two that come at once, the later one counts, and the other one is let go. */
static void test_other_settings_are_taken_over(void **state)
{
    struct settings *missed = make_settings(11), *next = make_settings(22);
    (void)state;
    worker_configure(worker, missed);
    worker_configure(worker, next);
    assert_int_equal(atomic_load(&missed->ref_count), 1);
    settings_unref(missed);
    assert_int_equal(worker_start(worker), 0);
    worker_tell(worker, WORKER_CLOSE);
    wait_for_end();
    assert_ptr_equal(worker->settings, next);
    assert_int_equal(worker->env.crowd.options.idle_timeout_ms, 22);
    assert_int_equal(atomic_load(&next->ref_count), 2);
    settings_unref(next);
}

/* Who comes before it is told to serve waits. */
static void test_it_accepts_nobody_until_it_is_told_to(void **state)
{
    struct pollfd look = {.events = POLLIN};
    char answer[1000];
    (void)state;
    assert_int_equal(worker_start(worker), 0);
    look.fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(look.fd, &listening.at.socket.any, address_size(&listening.at)), 0);
    assert_int_equal(send(look.fd, "x", 1, 0), 1);
    assert_int_equal(poll(&look, 1, 100), 0);
    worker_serve(worker);
    assert_int_equal(send(look.fd, " / y\r\n\r\n", 8, 0), 8);
    assert_true(recv(look.fd, answer, sizeof(answer), 0) > 12);
    close(look.fd);
    worker_tell(worker, WORKER_CLOSE);
    wait_for_end();
}

/* Who waits when it yields is answered by who has the socket besides. */
static void test_what_it_yields_goes_on_listening(void **state)
{
    (void)state;
    int copy = dup(worker->doors[0]->listener.fd);
    start();
    close(connect_and_ask());
    worker_yield(worker);
    while (!atomic_load(&worker->has_yielded))
        uv_run(&loop, UV_RUN_ONCE);
    done_count = 0; /* it has rung for that */
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, &listening.at.socket.any, address_size(&listening.at)), 0);
    worker_tell(worker, WORKER_DRAIN);
    wait_for_end();
    int accepted = accept(copy, NULL, NULL);
    assert_true(accepted >= 0);
    close(accepted);
    close(fd);
    close(copy);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_worker, close_worker)
    const struct CMUnitTest tests[] = {
        TEST(test_a_worker_that_was_never_started_is_freed),
        TEST(test_closed_with_a_client_it_ends_at_once),
        TEST(test_drained_it_ends_when_its_clients_have),
        TEST(test_leaving_it_goes_on_and_closes_each_connection),
        TEST(test_other_settings_are_taken_over),
        TEST(test_it_accepts_nobody_until_it_is_told_to),
        TEST(test_what_it_yields_goes_on_listening),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
