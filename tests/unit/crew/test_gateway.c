/* A worker that runs, given one set of listeners after the other. What becomes of a connection is
 * tests/unit/proxy's: here, without any rule, it ends as soon as it was taken. */
#include "lb/crew/worker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "lb/base/memory.h"
#include "lb/net/datagram.h"
#include "tests/unit/support/local_sockets.h"

static uv_loop_t loop;
static uv_async_t done;
static bool is_done;
static struct worker *worker;

static void on_done(uv_async_t *async)
{
    (void)async;
    is_done = true;
}

static struct settings *make_settings(void)
{
    struct config config = {.service = memory_copy("app", 3),
                            .default_route = memory_copy("auto", 4),
                            .head_timeout_ms = 1000,
                            .idle_timeout_ms = 1000,
                            .max_head_bytes = 16384,
                            .max_header_count = 100,
                            .max_target_bytes = 8192};
    config.policy.udp_idle_timeout_ms = 1000;
    return settings_new(&config, 1, NULL);
}

static int make_worker(void **state)
{
    struct settings *settings = make_settings();
    (void)state;
    uv_loop_init(&loop);
    uv_async_init(&loop, &done, on_done);
    is_done = false;
    worker = worker_new(settings, 0, &done);
    assert_non_null(worker);
    settings_unref(settings);
    return 0;
}

static int start_worker(void **state)
{
    make_worker(state);
    assert_int_equal(worker_start(worker), 0);
    return 0;
}

static void end_with(enum worker_command command)
{
    worker_tell(worker, command);
    while (!is_done)
        uv_run(&loop, UV_RUN_ONCE);
}

static int free_worker(void **state)
{
    (void)state;
    if (worker->thread && !is_done)
        end_with(WORKER_CLOSE);
    worker_free(worker);
    uv_close((uv_handle_t *)&done, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
    return 0;
}

static struct listener_port *open_port(enum service_kind kind)
{
    struct address at;
    int status;
    assert_true(address_parse(VIEW("127.0.0.1:0"), &at));
    struct listener_port *port = local_sockets_port(kind, &at, 1, &status);
    assert_non_null(port);
    return port;
}

static void give(struct listener_port *const *ports, unsigned count)
{
    struct listener_set *set = listener_set_new(ports, count);
    worker_give(worker, set);
    listener_set_unref(set);
}

/* Connects; the worker takes it and ends it. */
static void check_taken(const struct listener_port *port)
{
    char byte;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    const struct address *at = &port->listening.at;
    assert_int_equal(connect(fd, &at->socket.any, address_size(at)), 0);
    assert_true(recv(fd, &byte, 1, 0) <= 0);
    close(fd);
}

/* Until the worker has it no more. */
static void wait_alone(const struct listener_port *port)
{
    for (unsigned i = 0; i < 2000 && !listener_port_is_alone(port); i++)
        usleep(5000);
    assert_true(listener_port_is_alone(port));
}

static void test_each_set_takes_the_place_of_the_last_one(void **state)
{
    struct listener_port *ports[] = {open_port(SERVICE_TCP), open_port(SERVICE_TCP)};
    (void)state;
    give(ports, 1);
    check_taken(ports[0]);
    give(ports, 2);
    check_taken(ports[1]);
    check_taken(ports[0]);
    give(ports + 1, 1);
    wait_alone(ports[0]);
    assert_int_equal(listening_check_free(&ports[0]->listening.at), 0);
    check_taken(ports[1]);
    give(NULL, 0);
    wait_alone(ports[1]);
    listener_port_unref(ports[0]);
    listener_port_unref(ports[1]);
}

/* Who waits at a listener that ends is taken before it is closed. */
static void test_nobody_who_has_come_is_reset(void **state)
{
    enum { COUNT = 50 };
    struct listener_port *port = open_port(SERVICE_TCP);
    const struct address *at = &port->listening.at;
    int fds[COUNT];
    (void)state;
    for (unsigned i = 0; i < COUNT; i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM, 0);
        assert_int_equal(connect(fds[i], &at->socket.any, address_size(at)), 0);
    }
    give(&port, 1);
    check_taken(port);
    give(NULL, 0);
    wait_alone(port);
    end_with(WORKER_CLOSE);
    worker_join(worker);
    assert_int_equal(counter_get(&worker->env.passing.count), COUNT + 1);
    for (unsigned i = 0; i < COUNT; i++)
        close(fds[i]);
    listener_port_unref(port);
}

static void test_datagrams_too(void **state)
{
    struct listener_port *ports[] = {open_port(SERVICE_UDP), open_port(SERVICE_TCP)};
    (void)state;
    give(ports, 2);
    check_taken(ports[1]); /* so the set was taken */
    give(ports + 1, 1);
    wait_alone(ports[0]);
    assert_true(listening_is_lent(&ports[0]->listening, 0));
    assert_int_equal(datagram_check_free(&ports[0]->listening.at), 0);
    check_taken(ports[1]);
    listener_port_unref(ports[0]);
    listener_port_unref(ports[1]);
}

/* A drained worker has none any more, and takes none. */
static void test_drained_it_closes_them_and_takes_no_more(void **state)
{
    struct listener_port *ports[] = {open_port(SERVICE_TCP), open_port(SERVICE_UDP),
                                     open_port(SERVICE_TCP)};
    (void)state;
    give(ports, 2);
    check_taken(ports[0]);
    worker_tell(worker, WORKER_DRAIN);
    give(ports, 3);
    while (!is_done)
        uv_run(&loop, UV_RUN_ONCE);
    worker_join(worker);
    for (unsigned i = 0; i < 2; i++)
        assert_true(listening_is_lent(&ports[i]->listening, 0));
    assert_int_equal(listening_check_free(&ports[0]->listening.at), 0);
    for (unsigned i = 0; i < 3; i++)
        listener_port_unref(ports[i]);
}

static void test_once_it_is_to_end_no_set_is_taken(void **state)
{
    struct listener_port *ports[] = {open_port(SERVICE_TCP), open_port(SERVICE_TCP)};
    struct listener_set *first = listener_set_new(ports, 1), *next = listener_set_new(ports, 2);
    (void)state;
    gateway_take(&worker->gateway, first);
    gateway_stop_handshakes(&worker->gateway);
    gateway_take(&worker->gateway, next);
    assert_true(listening_is_lent(&ports[0]->listening, 0));
    assert_false(listening_is_lent(&ports[1]->listening, 0));
    gateway_finish(&worker->gateway);
    assert_int_equal(listening_check_free(&ports[0]->listening.at), 0);
    listener_set_unref(first);
    listener_set_unref(next);
    listener_port_unref(ports[0]);
    listener_port_unref(ports[1]);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, start_worker, free_worker)
    const struct CMUnitTest tests[] = {
        TEST(test_each_set_takes_the_place_of_the_last_one),
        TEST(test_nobody_who_has_come_is_reset),
        TEST(test_datagrams_too),
        cmocka_unit_test_setup_teardown(test_once_it_is_to_end_no_set_is_taken, make_worker,
                                        free_worker),
        TEST(test_drained_it_closes_them_and_takes_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
