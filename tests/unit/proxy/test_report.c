/* The one place that fills a record: what the access log gets of a request, of none, and of one that
 * came through a proxy. */
#include "lb/proxy/report.h"

#include "lb/observe/record.h"
#include "tests/unit/proxy/proxy_case.h"

#define NEVER(duration) ((duration) == RECORD_NEVER)

static struct world world;
static struct pretend_uv_wire *client;

/* Of the latest record; texts are copies. */
static struct record last;
static char texts[13][120];
static unsigned count;

static void keep(unsigned at, struct view text)
{
    snprintf(texts[at], sizeof(texts[0]), "%.*s", (int)text.len, text.ptr ? text.ptr : "");
}

enum {
    METHOD,
    TARGET,
    HOST,
    AGENT,
    REFERRER,
    CLIENT_IP,
    CLIENT,
    PEER_IP,
    SERVICE,
    NAME,
    ID,
    AT,
    ROUTE
};

static void on_record(void *owner, const struct record *record)
{
    (void)owner;
    last = *record;
    count++;
    keep(METHOD, record->method);
    keep(TARGET, record->target);
    keep(HOST, record->host);
    keep(AGENT, record->user_agent);
    keep(REFERRER, record->referrer);
    keep(CLIENT_IP, record->client_ip);
    keep(CLIENT, record->client_address);
    keep(PEER_IP, record->peer_ip);
    keep(SERVICE, record->service);
    keep(NAME, record->endpoint_name);
    keep(ID, record->endpoint_id);
    keep(AT, record->endpoint_address);
    keep(ROUTE, record->route);
}

static void open_world(const struct env_options *options, const char *letters)
{
    world_open(&world, options, letters);
    world.env.on_record = on_record;
    client = world_client(&world);
    count = 0;
}

#define assert_text(at, want) assert_string_equal(texts[at], want)

static void test_a_request_with_all_that_is_known_of_it(void **state)
{
    (void)state;
    open_world(&world_usual, "r");
    pretend_uv.connects_at_once = false;
    world_say(client, "PUT /a?b HTTP/1.1\r\nHost: h:1\r\nUser-Agent: ua\r\nReferer: r\r\n"
                      "Content-Length: 3\r\n\r\nabc");
    pretend_uv_pass(10);
    world_connect(world_backend(0), 0);
    pretend_uv_pass(20);
    world_say(world_backend(0), "HTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\n");
    pretend_uv_pass(30);
    world_say(world_backend(0), "1234");
    assert_int_equal(count, 1);
    assert_text(METHOD, "PUT");
    assert_text(TARGET, "/a?b");
    assert_text(HOST, "h:1");
    assert_text(AGENT, "ua");
    assert_text(REFERRER, "r");
    assert_text(CLIENT_IP, "192.0.2.7");
    assert_text(CLIENT, "");
    assert_text(PEER_IP, "192.0.2.7");
    assert_text(SERVICE, "appserver");
    assert_text(NAME, "one");
    assert_text(ID, "one");
    assert_text(AT, "10.0.0.1:80");
    assert_int_equal(last.peer_port, 4711);
    assert_int_equal(last.status, 201);
    assert_int_equal(last.attempt_count, 1);
    assert_int_equal(last.request_body_bytes, 3);
    assert_int_equal(last.response_body_bytes, 4);
    assert_int_equal(last.queue_ns, 0);
    assert_int_equal(last.connect_ns, 10000000);
    assert_int_equal(last.first_byte_ns, 30000000);
    assert_int_equal(last.total_ns, 60000000);
    assert_true(last.kind == RECORD_REQUEST && !last.is_reused);
    world_say(client, GET); /* over the connection that there is now */
    world_say(world_backend(0), OK);
    assert_true(last.is_reused);
    assert_int_equal(last.connect_ns, 0);
    world_close(&world);
}

static void test_what_was_no_request(void **state)
{
    (void)state;
    open_world(&world_usual, "r");
    world_say(client, "GET / HTTP/1.1\r\nHost: a\r\nA b: c\r\n\r\n");
    assert_int_equal(count, 1);
    assert_int_equal(last.status, 400);
    assert_int_equal(last.end, ERR_FIELD);
    assert_true(NEVER(last.queue_ns) && NEVER(last.connect_ns) && NEVER(last.first_byte_ns));
    assert_text(METHOD, "");
    assert_text(PEER_IP, "192.0.2.7");
    assert_text(SERVICE, "");
    assert_int_equal(last.request_id.len > 0, true);
    world_close(&world);
}

static void test_a_request_that_nobody_could_take(void **state)
{
    (void)state;
    open_world(&world_usual, "");
    world_say(client, GET);
    assert_int_equal(last.status, 503);
    assert_int_equal(last.attempt_count, 0);
    assert_true(NEVER(last.queue_ns) && NEVER(last.connect_ns) && NEVER(last.first_byte_ns));
    assert_text(NAME, "");
    assert_text(TARGET, "/");
    world_close(&world);
}

/* Only a trusted proxy is believed who it asks for. */
static void test_who_a_proxy_asks_for(void **state)
{
    static const struct {
        const char *said, *ip, *client;
    } rows[] = {
        {"X-Forwarded-For: 203.0.113.9\r\n", "203.0.113.9", ""},
        {"X-Forwarded-For: 1.2.3.4, 203.0.113.9\r\n", "203.0.113.9", ""},
        {"", "192.0.2.7", ""},
    };
    struct cidr trusted;
    struct env_options options = world_usual;
    (void)state;
    assert_true(cidr_parse(VIEW("192.0.2.0/24"), &trusted));
    for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
        char request[200];
        bool is_trusted = i % 2;
        options.front.trust = (struct trust){.cidrs = &trusted, .count = is_trusted};
        open_world(&options, "r");
        snprintf(request, sizeof(request), "GET / HTTP/1.1\r\nHost: a\r\n%s\r\n", rows[i / 2].said);
        world_say(client, request);
        world_say(world_backend(0), OK);
        assert_text(CLIENT_IP, is_trusted ? rows[i / 2].ip : "192.0.2.7");
        assert_text(CLIENT, "");
        assert_text(PEER_IP, "192.0.2.7");
        world_close(&world);
    }
}

/* What the counters need is filled in all the same. */
static void test_nobody_reads_the_records(void **state)
{
    (void)state;
    open_world(&world_usual, "r");
    world.env.on_record = NULL;
    world_say(client, GET);
    world_say(world_backend(0), OK);
    assert_int_equal(count, 0);
    assert_int_equal(counter_get(&world.env.metrics.requests_by_class[2]), 1);
    assert_int_equal(counter_get(&world.env.metrics.ends[ERR_OK]), 1);
    assert_int_equal(counter_get(&world.env.metrics.response_body_bytes), 2);
    world_close(&world);
}

static void set_routes(const char *host)
{
    const struct route route = {.host = {ROUTE_HOST, view_str(host)},
                                .path = {ROUTE_PATH, VIEW("/a")},
                                .service = VIEW("appserver")};
    struct route_table *before = world.routes;
    world.routes = route_table_new(&route, 1, NULL);
    world_publish(&world, "r");
    route_table_unref(before);
}

/* Also where another table has come since. */
static void test_the_route_is_the_one_that_it_went_by(void **state)
{
    (void)state;
    open_world(&world_usual, "r");
    set_routes("h");
    world_say(client, "GET /a/b HTTP/1.1\r\nHost: h\r\n\r\n");
    set_routes("other");
    world_say(world_backend(0), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(count, 1);
    assert_text(ROUTE, "h/a");
    assert_text(SERVICE, "appserver");
    world_say(client, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_int_equal(count, 2);
    assert_int_equal(last.status, 404);
    assert_text(ROUTE, "");
    assert_text(SERVICE, "");
    struct route_table *routes = world.routes;
    world_close(&world);
    route_table_unref(routes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_route_is_the_one_that_it_went_by),
        cmocka_unit_test(test_a_request_with_all_that_is_known_of_it),
        cmocka_unit_test(test_what_was_no_request),
        cmocka_unit_test(test_a_request_that_nobody_could_take),
        cmocka_unit_test(test_who_a_proxy_asks_for),
        cmocka_unit_test(test_nobody_reads_the_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
