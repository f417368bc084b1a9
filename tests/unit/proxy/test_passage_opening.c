/* What a client's connection begins with, where that has to be known first: server names, and PROXY headers; and
 * what its endpoint gets first. */
#include "lb/proxy/passage_opening.h"

#include "tests/unit/net/hello_maker.h"
#include "tests/unit/proxy/passage_case.h"

#define V1 "PROXY TCP4 203.0.113.9 198.51.100.1 40000 443\r\n"

static struct world world;
static struct pretend_uv_wire *client, *backend;
static struct made_hello made;

/* With one endpoint, of "appserver": only what leads there is served. */
static void begin(const struct listener_rule *rules, unsigned count)
{
    passage_case_begin(&world, &world_usual, rules, count);
    world_publish(&world, "rrr");
}

static int tear_down(void **state)
{
    (void)state;
    passage_case_end(&world);
    return 0;
}

static int set_up_names(void **state)
{
    (void)state;
    const struct listener_rule rules[] = {passage_case_rule("a.test", "", "appserver"),
                                          passage_case_rule("*.b.test", "", "appserver"),
                                          passage_case_rule("h.test", "h2", "appserver")};
    begin(rules, 3);
    return 0;
}

static int set_up_names_and_rest(void **state)
{
    (void)state;
    const struct listener_rule rules[] = {passage_case_rule("elsewhere.test", "", "other"),
                                          passage_case_rule("", "", "appserver")};
    begin(rules, 2);
    return 0;
}

static int set_up_plain(void **state)
{
    (void)state;
    begin(NULL, 0);
    return 0;
}

static void trust_balancers(void)
{
    static struct cidr cidr;
    struct env_options options = world_usual;
    assert_true(cidr_parse(VIEW("192.0.2.0/24"), &cidr));
    options.front.prefaced = (struct trust){.cidrs = &cidr, .count = 1};
    proxy_configure(&world.env, &options);
}

/* `alpn` as it is sent, each protocol behind its length. */
static void make_hello(const char *name, const char *alpn)
{
    if (name)
        hello_make(&made, view_str(name), view_str(alpn));
    else
        hello_make_of(&made, 200);
}

static void come(void)
{
    client = world_client(&world);
}

static void say_hello(const char *name, const char *alpn)
{
    come();
    make_hello(name, alpn);
    passage_case_say(client, made_view(&made));
}

static void assert_passed_on(struct view bytes)
{
    backend = world_backend(backend_count() - 1);
    assert_non_null(backend);
    assert_true(view_eq(text_view(&backend->got), bytes));
}

/* ---- names ------------------------------------------------------------------------------------ */

static void test_a_name_is_served_and_its_hello_passed_on_untouched(void **state)
{
    (void)state;
    say_hello("a.test", "\2h2");
    assert_passed_on(made_view(&made));
    world_say(backend, "ServerHello");
    assert_string_equal(world_hear(client), "ServerHello");
    world_end(client);
    world_end(backend);
    assert_string_equal(world.host, "a.test");
    assert_int_equal(world.request_body_bytes, made.len);
}

static void test_names_that_end_alike_are_served(void **state)
{
    (void)state;
    say_hello("x.y.B.test", "\2h2");
    assert_passed_on(made_view(&made));
}

static void test_a_protocol_may_be_asked_for(void **state)
{
    (void)state;
    say_hello("h.test", "\2h2");
    assert_passed_on(made_view(&made));
    say_hello("h.test", "\x8http/1.1");
    assert_word(client, "reset");
}

static void test_a_name_of_nobody_is_reset(void **state)
{
    (void)state;
    say_hello("c.test", "\2h2");
    assert_word(client, "reset");
    assert_end(&world, ERR_NO_ROUTE);
    assert_string_equal(world.host, "c.test");
    assert_int_equal(backend_count(), 0);
}

static void test_what_is_no_tls_is_reset_where_all_have_names(void **state)
{
    (void)state;
    come();
    world_say(client, "GET / HTTP/1.0\r\n\r\n");
    assert_word(client, "reset");
    assert_end(&world, ERR_NO_ROUTE);
}

static void test_a_hello_may_come_byte_by_byte(void **state)
{
    (void)state;
    come();
    make_hello("a.test", "\2h2");
    for (size_t i = 0; i < made.len; i++) {
        assert_int_equal(backend_count(), 0);
        passage_case_say(client, view_of(made.bytes + i, 1));
    }
    assert_passed_on(made_view(&made));
}

static void test_what_follows_the_hello_is_passed_on_behind_it(void **state)
{
    (void)state;
    come();
    make_hello("a.test", "\2h2");
    made_add(&made, VIEW("early data"));
    passage_case_say(client, made_view(&made));
    assert_passed_on(made_view(&made));
    world_say(client, "more");
    assert_string_equal(text_str(&backend->got) + made.len, "more");
}

static void test_a_broken_hello_is_reset(void **state)
{
    (void)state;
    come();
    passage_case_say(client, VIEW("\x16\3\1\0\4\2\0\0\0"));
    assert_word(client, "reset");
    assert_end(&world, ERR_CLIENT_HELLO);
}

static void test_a_hello_without_end_is_reset(void **state)
{
    (void)state;
    come();
    passage_case_say(client, VIEW("\x16\3\1\x3f\xff\1\0\xff\xff\3\3"));
    world_say_filler(client, 200000);
    assert_word(client, "reset");
    assert_end(&world, ERR_CLIENT_HELLO);
    assert_in_range(client->read_at, 1, PASSAGE_OPENING_BYTES_MAX);
}

static void test_a_hello_that_is_late_is_not_waited_for(void **state)
{
    (void)state;
    come();
    passage_case_say(client, VIEW("\x16\3\1"));
    pretend_uv_pass(world_usual.front.head_timeout_ms - DEADLINE_SLACK_MS);
    assert_word(client, "open");
    passage_case_say(client, VIEW("\2"));
    pretend_uv_pass(2 * DEADLINE_SLACK_MS);
    assert_word(client, "reset");
    assert_end(&world, ERR_NO_ROUTE);
}

static void test_who_comes_and_goes_is_nobody(void **state)
{
    (void)state;
    come();
    world_end(client);
    assert_end(&world, ERR_CLIENT_GONE);
    come();
    world_reset(client);
    assert_end(&world, ERR_CLIENT_GONE);
    assert_int_equal(world.record_count, 2);
    assert_int_equal(backend_count(), 0);
}

static void test_a_rule_without_a_name_gets_all_the_others(void **state)
{
    (void)state;
    say_hello("c.test", "\2h2");
    assert_passed_on(made_view(&made));
    say_hello(NULL, "\2h2");
    assert_passed_on(made_view(&made));
    come();
    world_say(client, "startup");
    assert_passed_on(VIEW("startup"));
    say_hello("elsewhere.test", "\2h2");
    assert_word(client, "reset");
    assert_end(&world, ERR_NO_ENDPOINT);
}

static void test_who_waits_to_be_spoken_to_is_after_a_while(void **state)
{
    (void)state;
    come();
    assert_int_equal(backend_count(), 0);
    pretend_uv_pass(world_usual.front.head_timeout_ms + DEADLINE_SLACK_MS);
    backend = world_backend(0);
    world_say(backend, "220 smtp");
    assert_string_equal(world_hear(client), "220 smtp");
}

static void test_who_says_little_and_ends_gets_the_rule_without_a_name(void **state)
{
    (void)state;
    come();
    passage_case_say(client, VIEW("\x16\3"));
    world_end(client);
    assert_passed_on(VIEW("\x16\3"));
    assert_word(backend, "fin");
}

static void test_names_may_come_with_the_first_snapshot(void **state)
{
    (void)state;
    struct env_options options = world_usual;
    const struct listener_rule rules[] = {passage_case_rule("a.test", "", "appserver")};
    options.policy.hold_ms = 5000;
    passage_case_begin(&world, &options, rules, 1);
    come();
    make_hello("a.test", "\2h2");
    passage_case_say(client, view_of(made.bytes, made.len - 1));
    assert_int_equal(world.env.held_count, 1);
    world_publish(&world, "r");
    assert_int_equal(backend_count(), 0);
    passage_case_say(client, view_of(made.bytes + made.len - 1, 1));
    assert_passed_on(made_view(&made));
}

/* ---- PROXY headers that come ------------------------------------------------------------------ */

static void test_a_header_is_taken_off(void **state)
{
    (void)state;
    trust_balancers();
    come();
    world_say(client, V1 "SELECT");
    assert_passed_on(VIEW("SELECT"));
    come();
    world_say(client, V1);
    assert_passed_on(VIEW(""));
    world_say(backend, "220");
    assert_string_equal(world_hear(client), "220");
}

static void test_one_that_is_missing_or_malformed_is_refused(void **state)
{
    (void)state;
    trust_balancers();
    come();
    world_say(client, "SELECT 1;SELECT");
    assert_word(client, "reset");
    assert_end(&world, ERR_PROXY_HEADER);
    come();
    pretend_uv_pass(world_usual.front.head_timeout_ms + DEADLINE_SLACK_MS);
    assert_word(client, "reset");
    assert_end(&world, ERR_PROXY_HEADER);
    come();
    world_say(client, "PROXY TCP4 x\r\n");
    assert_end(&world, ERR_PROXY_HEADER);
    assert_int_equal(backend_count(), 0);
}

static void test_that_of_a_stranger_is_passed_on(void **state)
{
    (void)state;
    trust_balancers();
    client = world_client_from("198.51.100.9:1");
    world_say(client, V1);
    assert_passed_on(VIEW(V1));
}

static void test_a_name_may_stand_behind_a_header(void **state)
{
    (void)state;
    trust_balancers();
    come();
    make_hello("a.test", "\2h2");
    world_say(client, V1);
    passage_case_say(client, made_view(&made));
    assert_passed_on(made_view(&made));
    come();
    text_append_str(&client->sent, V1);
    passage_case_say(client, made_view(&made));
    assert_passed_on(made_view(&made));
}

/* ---- PROXY headers that go -------------------------------------------------------------------- */

static void send_headers(unsigned version)
{
    world.policy.proxy_version = version;
    world_publish(&world, "rrr");
}

static void test_the_endpoint_is_told_of_the_client(void **state)
{
    (void)state;
    send_headers(PROXY_VERSION_1);
    come();
    assert_passed_on(VIEW("PROXY TCP4 192.0.2.7 127.0.0.1 4711 5432\r\n"));
    world_say(client, "x");
    assert_heard(backend, "5432\r\nx");
    send_headers(PROXY_VERSION_2);
    come();
    assert_passed_on(
        VIEW("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\2\7\x7f\0\0\1\x12\x67\x15\x38"));
}

static void test_the_header_goes_with_the_first_bytes(void **state)
{
    (void)state;
    send_headers(PROXY_VERSION_1);
    pretend_uv.connects_at_once = false;
    come();
    world_say(client, "first");
    backend = world_backend(0);
    backend->write_count = 0;
    world_connect(backend, 0);
    assert_heard(backend, "5432\r\nfirst");
    assert_int_equal(backend->write_count, 1);
    world_end(client);
    world_end(backend);
    assert_int_equal(world.request_body_bytes, 5);
}

static void test_what_a_header_told_is_told_on(void **state)
{
    (void)state;
    trust_balancers();
    send_headers(PROXY_VERSION_1);
    come();
    world_say(client, V1 "x");
    assert_passed_on(VIEW(V1 "x"));
}

#define NAMED(name)  cmocka_unit_test_setup_teardown(name, set_up_names, tear_down)
#define RESTED(name) cmocka_unit_test_setup_teardown(name, set_up_names_and_rest, tear_down)
#define PLAIN(name)  cmocka_unit_test_setup_teardown(name, set_up_plain, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        NAMED(test_a_name_is_served_and_its_hello_passed_on_untouched),
        NAMED(test_names_that_end_alike_are_served),
        NAMED(test_a_protocol_may_be_asked_for),
        NAMED(test_a_name_of_nobody_is_reset),
        NAMED(test_what_is_no_tls_is_reset_where_all_have_names),
        NAMED(test_a_hello_may_come_byte_by_byte),
        NAMED(test_what_follows_the_hello_is_passed_on_behind_it),
        NAMED(test_a_broken_hello_is_reset),
        NAMED(test_a_hello_without_end_is_reset),
        NAMED(test_a_hello_that_is_late_is_not_waited_for),
        NAMED(test_who_comes_and_goes_is_nobody),
        RESTED(test_a_rule_without_a_name_gets_all_the_others),
        RESTED(test_who_waits_to_be_spoken_to_is_after_a_while),
        RESTED(test_who_says_little_and_ends_gets_the_rule_without_a_name),
        cmocka_unit_test_teardown(test_names_may_come_with_the_first_snapshot, tear_down),
        PLAIN(test_a_header_is_taken_off),
        PLAIN(test_one_that_is_missing_or_malformed_is_refused),
        PLAIN(test_that_of_a_stranger_is_passed_on),
        NAMED(test_a_name_may_stand_behind_a_header),
        PLAIN(test_the_endpoint_is_told_of_the_client),
        PLAIN(test_the_header_goes_with_the_first_bytes),
        PLAIN(test_what_a_header_told_is_told_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
