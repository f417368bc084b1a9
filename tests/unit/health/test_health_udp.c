/* First contacts and checks of a server that is reached by UDP, on real sockets. */
#include "lb/health/checker.h"
#include "lb/health/prober.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct loop loop;
static uv_timer_t alive; /* a loop without it would not wait for deadlines alone */
static struct prober prober;
static struct checker checker;
static struct service_policy *policy;
static struct endpoint *endpoint;
static int server, keeper;
static unsigned admitted_count, change_count;

static void on_admitted(void *owner, struct endpoint *of)
{
    (void)owner;
    of->is_admitted = true;
    admitted_count++;
}

static void on_alive(uv_timer_t *timer)
{
    (void)timer;
}

static void on_change(void *owner)
{
    (void)owner;
    change_count++;
}

/* The server's socket; the address may be any, at first. */
static int listen_at(struct address *at)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;
    socklen_t len = sizeof(at->socket);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    assert_int_equal(bind(fd, &at->socket.any, address_size(at)), 0);
    assert_int_equal(getsockname(fd, &at->socket.any, &len), 0);
    return fd;
}

/* The port stays this test's, though nobody listens there: this one hears only its peer, which is itself. */
static int keep(struct address *at)
{
    int fd = listen_at(at);
    assert_int_equal(connect(fd, &at->socket.any, address_size(at)), 0);
    return fd;
}

static int open_all(void **state)
{
    struct address at;
    (void)state;
    admitted_count = change_count = 0;
    assert_int_equal(loop_init(&loop), 0);
    uv_timer_init(&loop.uv, &alive);
    uv_timer_start(&alive, on_alive, 1000, 1000);
    prober_init(&prober, &(struct prober_options){.loop = &loop, .on_admitted = on_admitted});
    checker_init(&checker, &(struct checker_options){.loop = &loop, .on_change = on_change});
    assert_true(address_parse(VIEW("127.0.0.1:0"), &at));
    keeper = keep(&at);
    server = listen_at(&at);
    policy = service_policy_new(&(struct service_policy){
        .check = {.mode = CHECK_TCP, .interval_ms = 10, .timeout_ms = 1000, .rise = 1, .fall = 1}});
    endpoint = endpoint_new(&(struct endpoint_options){
        .id = "id", .name = "one", .service = "s", .address = at, .worker_count = 1});
    endpoint->policy = service_policy_ref(policy);
    endpoint->protocol = PROTOCOL_UDP;
    endpoint_take_source_state(endpoint, ENDPOINT_READY);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    prober_close(&prober);
    checker_close(&checker);
    uv_close((uv_handle_t *)&alive, NULL);
    loop_fini(&loop);
    endpoint_unref(endpoint);
    service_policy_unref(policy);
    close(server);
    close(keeper);
    return 0;
}

static void run_until_problem(const char *want)
{
    while (strcmp(endpoint->problem, want) != 0)
        uv_run(&loop.uv, UV_RUN_ONCE);
}

static void follow(void)
{
    struct endpoint *list[] = {endpoint};
    struct pool_service service = {.endpoints = list, .endpoint_count = 1};
    struct pool pool = {.services = &service, .service_count = 1};
    checker_follow(&checker, &pool);
}

/* Though the flags say that servers are connected to. */
static void test_silence_admits_it(void **state)
{
    (void)state;
    prober_start(&prober, endpoint);
    while (admitted_count == 0)
        uv_run(&loop.uv, UV_RUN_ONCE);
    assert_string_equal(endpoint->problem, "");
    struct pollfd waiting = {.fd = server, .events = POLLIN};
    char byte;
    assert_int_equal(poll(&waiting, 1, 0), 1);
    assert_int_equal(recv(server, &byte, 1, 0), 0); /* an empty datagram */
}

static void test_a_port_that_nobody_has_is_tried_again(void **state)
{
    (void)state;
    struct address at = endpoint->address;
    close(server);
    prober_start(&prober, endpoint);
    run_until_problem("udp: nobody listens on that port");
    assert_int_equal(admitted_count, 0);
    server = listen_at(&at);
    while (admitted_count == 0)
        uv_run(&loop.uv, UV_RUN_ONCE);
}

static void test_it_is_checked_only_where_that_is_asked_for(void **state)
{
    static const struct {
        const char *word, *value;
        bool is_checked;
    } rows[] = {
        {NULL, NULL, false},   {"mode", "off", false}, {"fall", "3", false},  {"mode", "udp", true},
        {"mode", "dns", true}, {"send", "x", true},    {"expect", "x", true},
    };
    (void)state;
    endpoint->is_admitted = true;
    endpoint->check = calloc(1, sizeof(*endpoint->check)); /* the endpoint's */
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        memset(endpoint->check, 0, sizeof(*endpoint->check));
        if (rows[i].word)
            assert_true(
                check_set(endpoint->check, view_str(rows[i].word), view_str(rows[i].value)));
        follow();
        if (list_is_empty(&checker.watches) == rows[i].is_checked)
            fail_msg("row %zu", i);
    }
}

/* What is to be sent goes the way that its flows go. */
static void test_what_is_sent_goes_by_udp(void **state)
{
    struct pollfd waiting = {.fd = server, .events = POLLIN};
    char byte;
    (void)state;
    endpoint->is_admitted = true;
    endpoint->check = calloc(1, sizeof(*endpoint->check));
    strcpy(endpoint->check->send, "x");
    follow();
    while (poll(&waiting, 1, 0) == 0)
        uv_run(&loop.uv, UV_RUN_ONCE);
    assert_int_equal(recv(server, &byte, 1, 0), 1);
    assert_int_equal(byte, 'x');
}

static void test_a_check_takes_it_out_and_brings_it_back(void **state)
{
    (void)state;
    struct address at = endpoint->address;
    endpoint->is_admitted = true;
    endpoint->check = calloc(1, sizeof(*endpoint->check));
    endpoint->check->mode = CHECK_UDP;
    close(server);
    follow();
    while (!endpoint->is_failing)
        uv_run(&loop.uv, UV_RUN_ONCE);
    assert_string_equal(endpoint->problem, "udp: nobody listens on that port");
    server = listen_at(&at);
    while (endpoint->is_failing)
        uv_run(&loop.uv, UV_RUN_ONCE);
    assert_int_equal(change_count, 2);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_all, close_all)
    const struct CMUnitTest tests[] = {
        TEST(test_silence_admits_it),
        TEST(test_a_port_that_nobody_has_is_tried_again),
        TEST(test_it_is_checked_only_where_that_is_asked_for),
        TEST(test_what_is_sent_goes_by_udp),
        TEST(test_a_check_takes_it_out_and_brings_it_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
