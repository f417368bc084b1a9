/* Orders: who is meant, what each of them changes, what is refused, and what the answer tells. */
#include "lb/admin/service_verbs.h"
#include "lb/admin/verbs.h"

#include <unistd.h>

#include "tests/unit/admin/listeners_case.h"
#include "tests/unit/admin/pages_case.h"

static int open_verbs(void **state)
{
    open_pages(state);
    take_line(site_line);
    admit_all();
    return 0;
}

static struct admin_answer order(handle_request *handle, const char *name, const char *query)
{
    return ask_page(handle, name, query, "");
}

#define WEB1(state, rest)                                                                          \
    "{\"id\":\"4f9cab\",\"name\":\"web1\",\"state\":\"" state "\",\"weight\":7,\"inflight\":0,"    \
    "\"message\":\"web1 is " state ", weight 7, 0 requests running" rest "\"}\n"

static void test_orders_one_after_the_other(void **state)
{
    static const struct {
        handle_request *handle;
        int status;
        const char *body;
    } rows[] = {
        {verbs_drain, 200, WEB1("draining", "")},
        {verbs_drain, 200, WEB1("draining", "")}, /* twice is once */
        {verbs_enable, 409,
         "{\"error\":\"other_order\",\"message\":\"web1 was drained: use undrain.\"}\n"},
        {verbs_undrain, 200, WEB1("ready", "")},
        {verbs_undrain, 200, WEB1("ready", "")},
        {verbs_disable, 200, WEB1("disabled", "")},
        {verbs_undrain, 409,
         "{\"error\":\"other_order\",\"message\":\"web1 was disabled: use enable.\"}\n"},
        {verbs_drain, 200, WEB1("draining", "")}, /* the later one counts */
        {verbs_disable, 200, WEB1("disabled", "")},
        {verbs_enable, 200, WEB1("ready", "")},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct admin_answer answer = order(rows[i].handle, "web1", NULL);
        assert_string_equal(answer.content_type, "application/json");
        assert_answer(&answer, rows[i].status, rows[i].body);
    }
}

static void test_weights(void **state)
{
    static const struct {
        const char *query;
        int status;
        unsigned weight; /* afterwards */
    } rows[] = {
        {"value=1", 200, 1},
        {"value=256", 200, 256},
        {"value=257", 400, 256},
        {"value=0", 400, 256},
        {"value=-1", 400, 256},
        {"value=", 400, 256},
        {NULL, 400, 256},
        {"value=9x", 400, 256},
        {"value=+9", 400, 256},
        {"value= 9", 400, 256},
        {"value=9.5", 400, 256},
        {"value=%39", 400, 256},
        {"value=18446744073709551617", 400, 256},
        {"value=Default", 400, 256},
        {"value=default", 200, 7},
        {"value=009", 200, 9},
        {"weight=3", 400, 9},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct admin_answer answer = order(verbs_weight, "web1", rows[i].query);
        if (answer.status != rows[i].status ||
            endpoint_weight(endpoint_of("web1")) != rows[i].weight)
            fail_msg("%s: %s", rows[i].query ? rows[i].query : "nothing", text_str(&answer.body));
        forget_answer(&answer);
    }
}

static void test_a_weight_and_an_order_keep_one_another(void **state)
{
    (void)state;
    struct admin_answer answer = order(verbs_weight, "web1", "value=3");
    forget_answer(&answer);
    answer = order(verbs_drain, "web1", NULL);
    assert_answers(&answer, 200, "web1 is draining, weight 3, 0 requests");
    answer = order(verbs_weight, "web1", "value=default");
    assert_answers(&answer, 200, "web1 is draining, weight 7, 0 requests");
    answer = order(verbs_undrain, "web1", NULL);
    assert_answers(&answer, 200, "web1 is ready, weight 7, 0 requests");
}

static void test_who_cannot_be_meant(void **state)
{
    static handle_request *const all[] = {verbs_drain, verbs_undrain, verbs_disable, verbs_enable,
                                          verbs_weight};
    static const struct {
        const char *name;
        int status;
        const char *piece;
    } rows[] = {
        {"nobody", 404, "No endpoint is named \\\"nobody\\\""},
        {"db", 404, "/explain/db tells whether it is a container that lb leaves out"},
        {"a\n\033[2J\"", 404, "named \\\"a\\n\\u001b[2J\\\"\\\""},
        {"%s%n%d", 404, "named \\\"%s%n%d\\\""},
        {"7777", 409, "2 endpoints are meant by \\\"7777\\\""},
    };
    (void)state;
    take_line("{\"v\":1,\"services\":[{\"name\":\"app\",\"endpoints\":["
              "{\"id\":\"7777a\",\"name\":\"x\",\"address\":\"127.0.0.3\",\"port\":1,\"state\":"
              "\"paused\"},"
              "{\"id\":\"7777b\",\"name\":\"y\",\"address\":\"127.0.0.4\",\"port\":1,\"state\":"
              "\"paused\"}"
              "]}]}");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (size_t j = 0; j < COUNT_OF(all); j++) {
            struct admin_answer answer = order(all[j], rows[i].name, "value=3");
            assert_answers(&answer, rows[i].status, rows[i].piece);
        }
    }
    assert_int_equal(publisher.orders.count, 0);
    struct admin_answer answer = order(verbs_disable, "7777b", NULL);
    assert_answers(&answer, 200, "y is disabled");
}

#define LEFT_OUT(id, name)                                                                         \
    "{\"id\":\"" id "\",\"name\":\"" name "\",\"service\":\"app\",\"since_ns\":1,\"reason\":"      \
    "\"not_running\",\"detail\":\"it ended\"}"

/* It holds again for what comes back: it must not have to be there for it. */
static void test_an_order_for_what_is_left_out_is_taken_back(void **state)
{
    static const struct {
        handle_request *handle;
        const char *name;
        int status;
        const char *piece;
    } rows[] = {
        {verbs_undrain, "7777", 409, "2 containers are meant by \\\"7777\\\""},
        {verbs_enable, "x", 409, "x was drained: use undrain."},
        {verbs_drain, "x", 404, "No endpoint is named"},
        {verbs_undrain, "x", 200, "the order is taken back; x is no endpoint at the moment"},
        {verbs_undrain, "x", 404, "No endpoint is named"},
        {verbs_undrain, "z", 404, "No endpoint is named"},
        {verbs_undrain, "7777", 200, "the order is taken back; y is no endpoint at the moment"},
    };
    (void)state;
    take_line("{\"v\":1,\"services\":[{\"name\":\"app\",\"endpoints\":["
              "{\"id\":\"7777a\",\"name\":\"x\",\"address\":\"127.0.0.3\",\"port\":1,\"state\":"
              "\"paused\"},"
              "{\"id\":\"7777b\",\"name\":\"y\",\"address\":\"127.0.0.4\",\"port\":1,\"state\":"
              "\"paused\"}"
              "]}]}");
    struct admin_answer answer = order(verbs_drain, "x", NULL);
    forget_answer(&answer);
    answer = order(verbs_drain, "y", NULL);
    forget_answer(&answer);
    take_line("{\"v\":1,\"services\":[],\"left_out\":[" LEFT_OUT("7777a", "x") "," LEFT_OUT(
        "7777b", "y") "," LEFT_OUT("8888c", "z") "]}");
    assert_int_equal(publisher.orders.count, 2);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        answer = order(rows[i].handle, rows[i].name, NULL);
        assert_answers(&answer, rows[i].status, rows[i].piece);
    }
    assert_int_equal(publisher.orders.count, 0);
}

static void test_no_orders_while_lb_leaves(void **state)
{
    (void)state;
    pages.is_draining = true;
    struct admin_answer answer = order(verbs_drain, "web1", NULL);
    assert_answers(&answer, 503, "shutting_down");
    answer = order(verbs_drain, "nobody", NULL);
    assert_answers(&answer, 503, "shutting_down");
    assert_int_equal(endpoint_state(endpoint_of("web1")), ENDPOINT_READY);
}

/* It takes effect all the same. */
static void test_an_order_that_cannot_be_kept_is_told(void **state)
{
    static char path[] = "/nowhere/at/all/orders.json";
    (void)state;
    publisher.state_path = path;
    struct admin_answer answer = order(verbs_drain, "web1", NULL);
    publisher.state_path = NULL;
    assert_answer(&answer, 200,
                  WEB1("draining", "; the order could not be written to --state: see lb's log"));
}

static void test_log_levels(void **state)
{
    static const struct {
        const char *query;
        int status;
        enum log_level level; /* afterwards */
    } rows[] = {
        {"value=warn", 200, LOG_LEVEL_WARN},
        {"value=error", 200, LOG_LEVEL_ERROR},
        {"value=ERROR", 400, LOG_LEVEL_ERROR},
        {"value=", 400, LOG_LEVEL_ERROR},
        {NULL, 400, LOG_LEVEL_ERROR},
        {"value=warn%00", 400, LOG_LEVEL_ERROR},
        {"value=errorerrorerrorerror", 400, LOG_LEVEL_ERROR},
        {"value=warnings", 400, LOG_LEVEL_ERROR},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct admin_answer answer = order(verbs_log_level, "", rows[i].query);
        assert_int_equal(log_current_level(), rows[i].level);
        assert_answers(&answer, rows[i].status,
                       rows[i].status == 200 ? "until the next SIGHUP" : "bad_value");
    }
}

/* A name that is served by requests and by connections: orders are for both, and each server is told once. */
static void test_one_name_of_several_kinds(void **state)
{
    static struct listener_rule rule;
    rule = listeners_rule("0.0.0.0:5432=app", SERVICE_TCP);
    (void)state;
    membership_listen(&publisher.membership, &rule, 1, &(struct listener_range){.low = 0});
    publisher_publish(&publisher);
    admit_all();
    assert_non_null(pool_find_kind(publisher.pool, VIEW("app"), SERVICE_TCP));
    struct admin_answer answer = order(verbs_drain, "web1", NULL);
    assert_answer(&answer, 200, WEB1("draining", ""));
    for (unsigned kind = SERVICE_HTTP; kind <= SERVICE_TCP; kind++) {
        const struct pool_service *service =
            pool_find_kind(publisher.pool, VIEW("app"), (enum service_kind)kind);
        assert_string_equal(service->endpoints[0]->name, "web1");
        assert_false(pool_may_use(service, service->endpoints[0]));
    }
    answer = order(service_verbs_pause, "app", NULL);
    assert_answers(&answer, 200, "its new requests and connections wait");
    for (unsigned kind = SERVICE_HTTP; kind <= SERVICE_TCP; kind++)
        assert_true(
            pool_find_kind(publisher.pool, VIEW("app"), (enum service_kind)kind)->is_paused);
}

/* What discovery offers for requests, as an image merely exposes it, has connections behind a listener. */
static void test_connections_are_told_where_only_a_listener_leads(void **state)
{
    static struct listener_rule rule;
    rule = listeners_rule("0.0.0.0:5432=app", SERVICE_TCP);
    (void)state;
    membership_listen(&publisher.membership, &rule, 1, &(struct listener_range){.low = 0});
    membership_route(&publisher.membership, "other");
    publisher_publish(&publisher);
    struct admin_answer answer = order(verbs_drain, "web1", NULL);
    assert_answers(&answer, 200, "web1 is draining, weight 7, 0 connections open");
}

/* A service of which there is only a listener, and no server yet. */
static void test_a_service_without_servers_is_known_by_its_listener(void **state)
{
    static struct listener_rule rule;
    rule = listeners_rule("0.0.0.0:5432=db", SERVICE_TCP);
    (void)state;
    struct admin_answer answer = order(service_verbs_pause, "db", NULL);
    assert_answers(&answer, 404, "no route and no listener leads to one");
    membership_listen(&publisher.membership, &rule, 1, &(struct listener_range){.low = 0});
    publisher_publish(&publisher);
    answer = order(service_verbs_pause, "db", NULL);
    assert_answers(&answer, 200, "db is paused for");
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_verbs, close_pages)
    const struct CMUnitTest tests[] = {
        TEST(test_orders_one_after_the_other),
        TEST(test_one_name_of_several_kinds),
        TEST(test_connections_are_told_where_only_a_listener_leads),
        TEST(test_a_service_without_servers_is_known_by_its_listener),
        TEST(test_weights),
        TEST(test_a_weight_and_an_order_keep_one_another),
        TEST(test_who_cannot_be_meant),
        TEST(test_an_order_for_what_is_left_out_is_taken_back),
        TEST(test_no_orders_while_lb_leaves),
        TEST(test_an_order_that_cannot_be_kept_is_told),
        TEST(test_log_levels),
    };
    log_open("lb", LOG_LEVEL_ERROR, LOG_FORMAT_PLAIN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
