/* Prober and checker while their endpoint gets a successor, leaves or goes. On a real loop, and a
 * socket that listens and never accepts: a connect succeeds by the kernel alone. */
#include "lb/base/memory.h"
#include "lb/health/checker.h"
#include "lb/health/prober.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

struct scene {
    struct loop loop;
    uv_timer_t pulse; /* keeps the loop going, as other handles do in lb */
    int listener;
    struct address address;
    struct service_policy *policy; /* of all endpoints */
    struct prober prober;
    struct checker checker;
    struct endpoint *admitted;
    unsigned admitted_count, change_count;
};

static struct scene scene;

static void on_admitted(void *owner, struct endpoint *endpoint)
{
    (void)owner;
    scene.admitted = endpoint;
    scene.admitted_count++;
}

static void on_change(void *owner)
{
    (void)owner;
    scene.change_count++;
}

static void on_pulse(uv_timer_t *pulse)
{
    (void)pulse;
}

static void listen_somewhere(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);
    scene.listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(scene.listener, (struct sockaddr *)&at, len), 0);
    assert_int_equal(listen(scene.listener, 128), 0);
    assert_int_equal(getsockname(scene.listener, (struct sockaddr *)&at, &len), 0);
    assert_true(address_from_sockaddr((struct sockaddr *)&at, &scene.address));
}

static int open_all(void **state)
{
    (void)state;
    scene = (struct scene){0};
    scene.policy = service_policy_new(&(struct service_policy){.connect_timeout_ms = 60000,
                                                               .far_connect_timeout_ms = 60000,
                                                               .check = {.mode = CHECK_TCP,
                                                                         .interval_ms = 3600000,
                                                                         .timeout_ms = 60000,
                                                                         .rise = 1,
                                                                         .fall = 1,
                                                                         .method = "GET"}});
    listen_somewhere();
    assert_int_equal(loop_init(&scene.loop), 0);
    uv_timer_init(&scene.loop.uv, &scene.pulse);
    uv_timer_start(&scene.pulse, on_pulse, 5, 5);
    prober_init(&scene.prober,
                &(struct prober_options){.loop = &scene.loop, .on_admitted = on_admitted});
    checker_init(&scene.checker,
                 &(struct checker_options){.loop = &scene.loop, .on_change = on_change});
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    prober_close(&scene.prober);
    checker_close(&scene.checker);
    uv_close((uv_handle_t *)&scene.pulse, NULL);
    loop_fini(&scene.loop);
    service_policy_unref(scene.policy);
    close(scene.listener);
    return 0;
}

static struct endpoint *make(const char *name, unsigned weight)
{
    struct endpoint *endpoint = endpoint_new(&(struct endpoint_options){.id = "1",
                                                                        .name = name,
                                                                        .service = "s",
                                                                        .address = scene.address,
                                                                        .weight = weight,
                                                                        .worker_count = 1});
    endpoint->policy = service_policy_ref(scene.policy);
    return endpoint;
}

static struct endpoint *make_ready(void)
{
    struct endpoint *endpoint = make("one", 1);
    endpoint->source_state = ENDPOINT_READY;
    endpoint->is_admitted = true;
    endpoint_set_state(endpoint, ENDPOINT_READY);
    return endpoint;
}

/* Takes the old reference, gives one to the new object. */
static struct endpoint *replace(struct endpoint *old, const char *name, unsigned weight)
{
    struct endpoint *heir = make(name, weight);
    endpoint_inherit(heir, old);
    endpoint_set_state(old, ENDPOINT_GONE);
    endpoint_unref(old);
    return heir;
}

/* A snapshot of this one endpoint, or of none. */
static void follow(struct endpoint *endpoint)
{
    struct pool_service service = {.endpoints = &endpoint, .endpoint_count = 1};
    struct pool pool = {.services = &service, .service_count = endpoint != NULL};
    checker_follow(&scene.checker, &pool);
}

static void test_probe_goes_over(void **state)
{
    struct endpoint *endpoint = make("one", 1);
    (void)state;
    prober_start(&scene.prober, endpoint);
    endpoint = replace(endpoint, "two", 2);
    prober_start(&scene.prober, endpoint);
    assert_int_equal(scene.prober.probe_count, 1);
    while (scene.admitted_count == 0)
        uv_run(&scene.loop.uv, UV_RUN_ONCE);
    assert_ptr_equal(scene.admitted, endpoint);
    assert_null(endpoint->ties[ENDPOINT_PROBE]);
    endpoint_unref(endpoint);
}

/* What was begun before a pause says nothing of the time after it. */
static void test_probe_ends_with_the_wish(void **state)
{
    struct endpoint *endpoint = make("one", 1);
    (void)state;
    prober_start(&scene.prober, endpoint);
    endpoint_set_state(endpoint, ENDPOINT_PAUSED);
    prober_follow(&scene.prober);
    assert_null(endpoint->ties[ENDPOINT_PROBE]);
    endpoint_set_state(endpoint, ENDPOINT_PROBING);
    prober_start(&scene.prober, endpoint);
    prober_follow(&scene.prober);
    assert_int_equal(scene.prober.probe_count, 1);
    while (scene.admitted_count == 0)
        uv_run(&scene.loop.uv, UV_RUN_ONCE);
    assert_int_equal(scene.admitted_count, 1);
    endpoint_unref(endpoint);
}

static void test_watch_of_one_that_changes_and_leaves_at_once(void **state)
{
    struct endpoint *endpoint = make_ready();
    (void)state;
    follow(endpoint);
    assert_non_null(endpoint->ties[ENDPOINT_WATCH]);
    for (unsigned weight = 2; weight < 5; weight++) {
        endpoint = replace(endpoint, "two", weight);
        endpoint_take_source_state(endpoint, ENDPOINT_DRAINING);
        follow(endpoint);
        assert_null(endpoint->ties[ENDPOINT_WATCH]);
        assert_true(list_is_empty(&scene.checker.watches));
        endpoint_take_source_state(endpoint, ENDPOINT_READY);
        endpoint->is_admitted = true;
        follow(endpoint);
        assert_ptr_equal(endpoint->ties[ENDPOINT_WATCH]->endpoint, endpoint);
    }
    follow(NULL);
    assert_null(endpoint->ties[ENDPOINT_WATCH]);
    endpoint_unref(endpoint);
}

/* Nobody answers the question, so the look runs for as long as it is let. */
static void test_watch_while_a_look_runs(void **state)
{
    struct endpoint *endpoint = make_ready();
    (void)state;
    scene.policy->check.mode = CHECK_HTTP;
    scene.policy->check.interval_ms = 10;
    follow(endpoint);
    while (scene.checker.queue.running_count == 0)
        uv_run(&scene.loop.uv, UV_RUN_ONCE);
    endpoint = replace(endpoint, "two", 1);
    follow(endpoint);
    assert_ptr_equal(endpoint->ties[ENDPOINT_WATCH]->endpoint, endpoint);
    assert_int_equal(scene.checker.queue.running_count, 1);
    follow(NULL); /* the look ends soon, and frees the watch */
    assert_null(endpoint->ties[ENDPOINT_WATCH]);
    while (scene.checker.queue.running_count > 0)
        uv_run(&scene.loop.uv, UV_RUN_ONCE);
    endpoint_unref(endpoint);
}

/* From once an hour to every 10 ms: nobody waits for the rest of the hour. */
static void test_another_interval_counts_at_once(void **state)
{
    struct endpoint *endpoint = make_ready();
    (void)state;
    follow(endpoint);
    shutdown(scene.listener, SHUT_RDWR); /* connects are refused from now on */
    struct check label = {.interval_ms = 10};
    endpoint->check = memory_new(sizeof(label));
    *endpoint->check = label;
    follow(endpoint);
    while (scene.change_count == 0)
        uv_run(&scene.loop.uv, UV_RUN_ONCE);
    assert_true(endpoint->is_failing);
    endpoint_unref(endpoint);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_probe_goes_over, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_probe_ends_with_the_wish, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_watch_of_one_that_changes_and_leaves_at_once, open_all,
                                        close_all),
        cmocka_unit_test_setup_teardown(test_watch_while_a_look_runs, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_another_interval_counts_at_once, open_all, close_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
