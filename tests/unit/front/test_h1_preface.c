/* Clients behind balancers that begin with a PROXY header: who they are from then on. */
#include "lb/front/h1_preface.h"

#include <stdio.h>

#include "lb/net/proxy_header.h"
#include "lb/proxy/proxy.h"
#include "tests/unit/proxy/proxy_case.h"

#define HEADER    "PROXY TCP4 198.51.100.9 192.0.2.1 555 80\r\n"
#define HEADER_6  "PROXY TCP6 fd00::9 fd00::1 555 80\r\n"
#define V2        "\r\n\r\n\0\r\nQUIT\n"
#define V2_CLIENT V2 "\x21\x11\0\x0c\xc6\x33\x64\x09\xc0\0\2\1\2\x2b\0\x50"

static struct world world;
static struct cidr ranges[2], trusted;
static struct quota quota;
static struct env_options options;
static struct {
    unsigned count;
    enum err end;
    char client_ip[ADDRESS_TEXT_BYTES], peer_ip[ADDRESS_TEXT_BYTES];
    uint16_t peer_port;
} last;

static void on_record(void *owner, const struct record *record)
{
    (void)owner;
    last.count++;
    last.end = record->end;
    last.peer_port = record->peer_port;
    snprintf(last.client_ip, sizeof(last.client_ip), "%.*s", (int)record->client_ip.len,
             record->client_ip.ptr);
    snprintf(last.peer_ip, sizeof(last.peer_ip), "%.*s", (int)record->peer_ip.len,
             record->peer_ip.ptr);
}

/* Balancers are in 10.0.0.0/8, and on this host. */
static int set_up(void **state)
{
    (void)state;
    assert_true(cidr_parse(VIEW("10.0.0.0/8"), &ranges[0]));
    assert_true(cidr_parse(VIEW("127.0.0.0/8"), &ranges[1]));
    options = world_usual;
    options.front.prefaced = (struct trust){ranges, 2};
    world_open(&world, &options, "r");
    world.env.on_record = on_record;
    memset(&last, 0, sizeof(last));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_close(&world);
    return 0;
}

static struct pretend_uv_wire *balancer(void)
{
    return world_client_from("10.0.0.5:4711");
}

static void say(struct pretend_uv_wire *wire, struct view bytes)
{
    text_append(&wire->sent, bytes);
    pretend_uv_settle();
}

/* ---- who asks ---------------------------------------------------------------------------------- */

/* It gets an answer, the backend a request of `client`, and the log both addresses. */
static void check_served(struct pretend_uv_wire *wire, const char *client, const char *peer)
{
    char forwarded[128];
    unsigned at = backend_count() - 1;
    snprintf(forwarded, sizeof(forwarded), "X-Forwarded-For: %s\r\n", client);
    assert_heard(world_backend(at), forwarded);
    world_say(world_backend(at), OK);
    assert_status(wire, "200");
    assert_string_equal(last.client_ip, client);
    assert_string_equal(last.peer_ip, peer);
}

static void test_the_address_in_the_header_is_the_clients(void **state)
{
    static const struct {
        struct view header;
        const char *client;
    } rows[] = {
        {VIEW(HEADER), "198.51.100.9"},      {VIEW(HEADER_6), "fd00::9"},
        {VIEW(V2_CLIENT), "198.51.100.9"},   {VIEW("PROXY UNKNOWN\r\n"), "10.0.0.5"},
        {VIEW(V2 "\x20\0\0\0"), "10.0.0.5"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pretend_uv_wire *wire = balancer();
        say(wire, rows[i].header);
        assert_silent(wire);
        world_say(wire, GET);
        check_served(wire, rows[i].client, "10.0.0.5");
        assert_int_equal(last.peer_port, 4711);
    }
}

static void test_the_header_and_a_request_in_pieces_of_any_size(void **state)
{
    static const char all[] = HEADER GET;
    (void)state;
    for (size_t piece = 1; piece < sizeof(all); piece++) {
        struct pretend_uv_wire *wire = balancer();
        for (size_t at = 0; at < sizeof(all) - 1; at += piece)
            say(wire,
                view_of(all + at, at + piece < sizeof(all) - 1 ? piece : sizeof(all) - 1 - at));
        check_served(wire, "198.51.100.9", "10.0.0.5");
        world_end(wire);
    }
}

static void test_the_longest_header_in_two_pieces(void **state)
{
    static char all[PROXY_HEADER_BYTES_MAX] =
        V2 "\x21\x11\x0f\xf0\xc6\x33\x64\x09\xc0\0\2\1\2\x2b\0\x50\4\x0f\xe1";
    struct pretend_uv_wire *wire = balancer();
    (void)state;
    say(wire, view_of(all, 2000));
    say(wire, view_of(all + 2000, sizeof(all) - 2000));
    world_say(wire, GET);
    check_served(wire, "198.51.100.9", "10.0.0.5");
}

static void test_every_request_of_the_connection_is_the_same_clients(void **state)
{
    struct pretend_uv_wire *wire = balancer();
    (void)state;
    world_say(wire, HEADER);
    for (unsigned i = 0; i < 3; i++) {
        world_say(wire, GET);
        check_served(wire, "198.51.100.9", "10.0.0.5");
    }
    world_say(wire, HEADER GET); /* one is read, and no more */
    assert_status(wire, "400");
    assert_string_equal(err_word(last.end), "bad_request:start_line");
}

static void test_nobody_elses_header_is_read(void **state)
{
    struct pretend_uv_wire *wire = world_client(&world);
    (void)state;
    world_say(wire, HEADER GET);
    assert_status(wire, "400");
    assert_string_equal(last.client_ip, "192.0.2.7");
    wire = world_client(&world);
    world_say(wire, GET);
    check_served(wire, "192.0.2.7", "192.0.2.7");
}

static void test_whether_it_is_trusted_goes_by_the_header(void **state)
{
    struct pretend_uv_wire *wire;
    (void)state;
    assert_true(cidr_parse(VIEW("10.0.0.0/8"), &trusted)); /* the balancer, not its client */
    options.front.trust = (struct trust){&trusted, 1};
    proxy_configure(&world.env, &options);
    wire = balancer();
    world_say(wire, HEADER "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.1.1.1\r\n\r\n");
    check_served(wire, "198.51.100.9", "10.0.0.5");
    assert_true(cidr_parse(VIEW("198.51.100.0/24"), &trusted));
    wire = balancer();
    world_say(wire, HEADER "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.1.1.1\r\n\r\n");
    assert_heard(world_backend(0), "X-Forwarded-For: 1.1.1.1, 198.51.100.9\r\n");
    world_say(world_backend(0), OK);
    assert_string_equal(last.client_ip, "1.1.1.1");
    assert_string_equal(last.peer_ip, "10.0.0.5");
}

static void test_shares_of_connections_are_those_of_clients(void **state)
{
    struct pretend_uv_wire *wire;
    (void)state;
    quota_init(&quota, 1, 7);
    options.front.quota = &quota;
    proxy_configure(&world.env, &options);
    wire = balancer();
    world_say(wire, HEADER GET);
    check_served(wire, "198.51.100.9", "10.0.0.5");
    wire = balancer();
    world_say(wire, HEADER_6 GET); /* by the same balancer */
    check_served(wire, "fd00::9", "10.0.0.5");
    wire = balancer();
    world_say(wire, HEADER GET);
    assert_status(wire, "503");
    assert_int_equal(last.end, ERR_TOO_MANY_OF_CLIENT);
    assert_string_equal(last.client_ip, "198.51.100.9");
}

/* ---- who is refused ----------------------------------------------------------------------------- */

static void test_malformed_and_missing_headers_are_refused(void **state)
{
    static const char *const rows[] = {GET, "PROXY TCP4 a b c d\r\n" GET, "PROXY\r\n",
                                       "\x16\3\1\2\0\1", "\r\n\r\nGET"};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pretend_uv_wire *wire = balancer();
        world_say(wire, rows[i]);
        assert_status(wire, "400");
        assert_word(wire, "fin");
        assert_int_equal(last.end, ERR_PROXY_HEADER);
        assert_string_equal(last.client_ip, "10.0.0.5");
        world_end(wire);
        assert_word(wire, "closed");
    }
    assert_int_equal(last.count, sizeof(rows) / sizeof(rows[0]));
    assert_int_equal(backend_count(), 0);
}

static void test_a_probe_from_this_host_may_do_without(void **state)
{
    struct pretend_uv_wire *wire = world_client_from("127.0.0.1:7");
    (void)state;
    world_say(wire, GET);
    check_served(wire, "127.0.0.1", "127.0.0.1");
    wire = world_client_from("127.0.0.1:7");
    world_say(wire, HEADER GET);
    check_served(wire, "198.51.100.9", "127.0.0.1");
    wire = world_client_from("127.0.0.1:7");
    world_say(wire, "PROXY TCP4 a b c d\r\n" GET);
    assert_status(wire, "400");
}

/* ---- its end ----------------------------------------------------------------------------------- */

static void test_a_header_has_the_time_of_a_head_however_it_trickles(void **state)
{
    struct pretend_uv_wire *wire = balancer(), *silent = balancer();
    (void)state;
    for (unsigned i = 0; i < 9; i++) {
        world_say(wire, i == 0 ? "PROXY " : "T");
        pretend_uv_pass(100);
    }
    assert_word(wire, "open");
    pretend_uv_pass(100 + DEADLINE_SLACK_MS);
    assert_status(wire, "408");
    assert_status(silent, "408");
    assert_int_equal(last.end, ERR_HEAD_TIMEOUT);
}

static void test_a_request_behind_the_header_has_its_own_time(void **state)
{
    struct pretend_uv_wire *wire = balancer();
    (void)state;
    pretend_uv_pass(world_usual.front.head_timeout_ms - DEADLINE_SLACK_MS);
    world_say(wire, HEADER);
    pretend_uv_pass(world_usual.front.idle_timeout_ms - DEADLINE_SLACK_MS);
    assert_word(wire, "open");
    world_say(wire, GET);
    check_served(wire, "198.51.100.9", "10.0.0.5");
}

static void test_who_leaves_before_the_header_is_told_nothing(void **state)
{
    struct pretend_uv_wire *wire = balancer(), *partial = balancer(), *reset = balancer();
    (void)state;
    world_end(wire);
    world_say(partial, "PROXY T");
    world_end(partial);
    world_reset(reset);
    assert_word(wire, "closed");
    assert_word(partial, "closed");
    assert_silent(wire);
    assert_int_equal(last.count, 0);
}

static void test_who_leaves_behind_the_header_is_told_nothing(void **state)
{
    struct pretend_uv_wire *wire = balancer();
    (void)state;
    world_say(wire, HEADER);
    world_end(wire);
    assert_word(wire, "closed");
    assert_int_equal(last.count, 0);
}

static void test_a_drain_lets_what_is_on_its_way_be_served(void **state)
{
    struct pretend_uv_wire *wire = balancer(), *silent = balancer(), *late = balancer();
    (void)state;
    world_say(wire, "PROXY ");
    world_say(silent, HEADER);
    world_say(late, "PROXY ");
    proxy_drain(&world.env);
    world_say(wire, "UNKNOWN\r\n" GET);
    check_served(wire, "10.0.0.5", "10.0.0.5");
    world_say(late, "UNKNOWN\r\n");
    assert_word(late, "open");
    pretend_uv_pass(world_usual.front.head_timeout_ms + DEADLINE_SLACK_MS);
    assert_word(silent, "fin");
    assert_word(late, "fin");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_the_address_in_the_header_is_the_clients),
        CASE(test_the_header_and_a_request_in_pieces_of_any_size),
        CASE(test_the_longest_header_in_two_pieces),
        CASE(test_every_request_of_the_connection_is_the_same_clients),
        CASE(test_nobody_elses_header_is_read),
        CASE(test_whether_it_is_trusted_goes_by_the_header),
        CASE(test_shares_of_connections_are_those_of_clients),
        CASE(test_malformed_and_missing_headers_are_refused),
        CASE(test_a_probe_from_this_host_may_do_without),
        CASE(test_a_header_has_the_time_of_a_head_however_it_trickles),
        CASE(test_a_request_behind_the_header_has_its_own_time),
        CASE(test_who_leaves_before_the_header_is_told_nothing),
        CASE(test_who_leaves_behind_the_header_is_told_nothing),
        CASE(test_a_drain_lets_what_is_on_its_way_be_served),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
