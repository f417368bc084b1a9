/* Datagrams of a client go to one endpoint, what that sends comes back, and nobody else is heard. */
#include "lb/proxy/flow.h"

#include "flow_case.h"

#include <unistd.h>

#include "lb/proxy/proxy.h"
#include "tests/unit/support/ipv6.h"

static struct flow_case world;

static void assert_end(enum err end)
{
    assert_string_equal(err_word(world.record.end), err_word(end));
}

static void test_question_and_answer(void **state)
{
    (void)state;
    flow_case_open(&world, "127.0.0.1:0", "r");
    int client = flow_case_client(&world, "127.0.0.1");
    flow_case_say(client, "who is a.test?");
    flow_case_expect(&world, 0, "who is a.test?");
    flow_case_answer(&world, 0, "it is 192.0.2.1");
    flow_case_hear(&world, client, "it is 192.0.2.1");
    flow_case_close(&world);
    assert_int_equal(world.record_count, 1);
    assert_int_equal(world.record.kind, RECORD_FLOW);
    assert_int_equal(world.record.request_body_bytes, 14);
    assert_int_equal(world.record.response_body_bytes, 15);
    assert_int_equal(world.record.request_datagram_count, 1);
    assert_int_equal(world.record.response_datagram_count, 1);
    assert_int_equal(world.record.attempt_count, 1);
    assert_string_equal(world.record_texts[1], "127.0.0.1");
    assert_string_equal(world.record_texts[2], "one");
    assert_string_equal(world.record_texts[3], "names");
    assert_end(ERR_SHUTDOWN);
    close(client);
}

/* An endpoint may say more than it was asked for, and the client may go on in the same flow. */
static void test_flow_goes_on_both_ways(void **state)
{
    (void)state;
    flow_case_open(&world, "127.0.0.1:0", "r");
    int client = flow_case_client(&world, "127.0.0.1");
    for (unsigned i = 0; i < 200; i++) {
        flow_case_say(client, "more");
        flow_case_expect(&world, 0, "more");
        for (unsigned j = 0; j < i % 41; j++)
            flow_case_answer(&world, 0, "news");
        for (unsigned j = 0; j < i % 41; j++)
            flow_case_hear(&world, client, "news");
    }
    assert_int_equal(world.env.flows->count, 1);
    flow_case_say(client, ""); /* of no length is a datagram like others */
    flow_case_expect(&world, 0, "");
    flow_case_answer(&world, 0, "");
    flow_case_hear(&world, client, "");
    flow_case_close(&world);
    close(client);
}

static void test_each_port_is_a_client(void **state)
{
    (void)state;
    flow_case_open(&world, "127.0.0.1:0", "r");
    int first = flow_case_client(&world, "127.0.0.1"),
        second = flow_case_client(&world, "127.0.0.1");
    flow_case_say(first, "first");
    flow_case_expect(&world, 0, "first");
    struct address first_from = world.heard_from;
    flow_case_say(second, "second");
    flow_case_expect(&world, 0, "second");
    assert_false(address_eq(&first_from, &world.heard_from));
    flow_case_answer(&world, 0, "for the second");
    flow_case_hear(&world, second, "for the second");
    flow_case_hear_nothing(&world, first);
    assert_int_equal(world.env.flows->count, 2);
    flow_case_close(&world);
    close(first);
    close(second);
}

static void test_strangers_are_not_heard(void **state)
{
    (void)state;
    flow_case_open(&world, "127.0.0.1:0", "rg");
    int client = flow_case_client(&world, "127.0.0.1");
    flow_case_say(client, "ask");
    flow_case_expect(&world, 0, "ask");
    flow_case_answer(&world, 1, "a lie");
    flow_case_hear_nothing(&world, client);
    flow_case_answer(&world, 0, "the truth");
    flow_case_hear(&world, client, "the truth");
    flow_case_close(&world);
    close(client);
}

/* The same client's port is a flow for each address that it asks, and is answered from there. */
static void test_answers_leave_from_the_address_that_was_asked(void **state)
{
    static const char *const asked[] = {"127.0.0.1", "127.0.0.88", "::1"};
    unsigned count = has_ipv6() ? 3 : 2;
    (void)state;
    flow_case_open(&world, "[::]:0", "r");
    for (unsigned i = 0; i < count; i++) {
        int client = flow_case_client(&world, asked[i]);
        flow_case_say(client, asked[i]);
        flow_case_expect(&world, 0, asked[i]);
        flow_case_answer(&world, 0, "yes");
        flow_case_hear(&world, client, "yes");
        close(client);
    }
    assert_int_equal(world.env.flows->count, count);
    flow_case_close(&world);
}

static void test_silence_ends_it(void **state)
{
    (void)state;
    flow_case_open(&world, "127.0.0.1:0", "r");
    world.policy.udp_idle_timeout_ms = 50;
    flow_case_publish(&world, "r");
    int client = flow_case_client(&world, "127.0.0.1");
    flow_case_say(client, "ask");
    flow_case_expect(&world, 0, "ask");
    flow_case_answer(&world, 0, "yes");
    flow_case_hear(&world, client, "yes");
    flow_case_await_records(&world, 1);
    assert_end(ERR_IDLE);
    assert_true(world.record.total_ns >= 50000000);
    flow_case_answer(&world, 0, "and more"); /* the flow is over: this reaches nobody */
    flow_case_hear_nothing(&world, client);
    flow_case_say(client, "again");
    flow_case_expect(&world, 0, "again");
    assert_int_equal(counter_get(&flow_case_passing(&world)->count), 2);
    flow_case_close(&world);
    close(client);
}

/* The machine has slept: what lay in the socket meanwhile does not keep the flow for ever. */
static void test_late_loop_ends_it(void **state)
{
    (void)state;
    flow_case_open(&world, "127.0.0.1:0", "r");
    world.policy.udp_idle_timeout_ms = 20;
    flow_case_publish(&world, "r");
    int client = flow_case_client(&world, "127.0.0.1");
    flow_case_say(client, "ask");
    flow_case_expect(&world, 0, "ask");
    flow_case_answer(&world, 0, "yes");
    usleep(300000);
    flow_case_hear(&world, client, "yes");
    flow_case_await_records(&world, 1);
    flow_case_close(&world);
    close(client);
}

/* Whoever stands behind an address that has not spoken for long is not sent any more. */
static void test_endpoint_alone_does_not_keep_it(void **state)
{
    (void)state;
    flow_case_open(&world, "127.0.0.1:0", "r");
    world.policy.udp_idle_timeout_ms = 40;
    flow_case_publish(&world, "r");
    int client = flow_case_client(&world, "127.0.0.1");
    flow_case_say(client, "ask");
    flow_case_expect(&world, 0, "ask");
    unsigned sent = 0;
    for (; world.record_count == 0 && sent < 2000; sent++) {
        flow_case_answer(&world, 0, "news");
        flow_case_turn(&world, 1);
    }
    assert_int_equal(world.record_count, 1);
    assert_true(world.record.total_ns >= 400000000);
    flow_case_close(&world);
    close(client);
}

static void test_closing_listener_waits_for_answers(void **state)
{
    (void)state;
    flow_case_open(&world, "127.0.0.1:0", "r");
    int quiet = flow_case_client(&world, "127.0.0.1"),
        client = flow_case_client(&world, "127.0.0.1");
    flow_case_say(quiet, "ask");
    flow_case_expect(&world, 0, "ask");
    flow_case_answer(&world, 0, "yes");
    flow_case_hear(&world, quiet, "yes");
    flow_case_say(client, "slow one");
    flow_case_expect(&world, 0, "slow one");
    proxy_close_udp(world.gate);
    assert_int_equal(world.record_count, 1); /* the quiet one has ended */
    assert_true(proxy_is_busy(&world.env));
    flow_case_answer(&world, 0, "here it is");
    flow_case_hear(&world, client, "here it is");
    flow_case_await_records(&world, 2);
    assert_false(proxy_is_busy(&world.env));
    flow_case_close(&world);
    close(quiet);
    close(client);
}

static void test_closing_listener_reads_what_has_come(void **state)
{
    (void)state;
    flow_case_open(&world, "127.0.0.1:0", "r");
    int client = flow_case_client(&world, "127.0.0.1");
    for (unsigned i = 0; i < 100; i++)
        flow_case_say(client, "early enough");
    proxy_close_udp(world.gate);
    for (unsigned i = 0; i < 100; i++)
        flow_case_expect(&world, 0, "early enough");
    flow_case_answer(&world, 0, "yes");
    flow_case_hear(&world, client, "yes");
    flow_case_await_records(&world, 1);
    flow_case_close(&world);
    close(client);
}

/* But not for long. */
static void test_closing_listener_does_not_wait_for_ever(void **state)
{
    (void)state;
    flow_case_open(&world, "127.0.0.1:0", "r");
    int client = flow_case_client(&world, "127.0.0.1");
    flow_case_say(client, "ask");
    flow_case_expect(&world, 0, "ask");
    proxy_close_udp(world.gate);
    assert_int_equal(world.record_count, 0);
    flow_case_await_records(&world, 1);
    assert_end(ERR_SHUTDOWN);
    flow_case_close(&world);
    close(client);
}

static void test_long_datagrams_pass_whole(void **state)
{
    static char sent[65507], got[65536];
    (void)state;
    flow_case_open(&world, "127.0.0.1:0", "r");
    int client = flow_case_client(&world, "127.0.0.1");
    for (unsigned i = 0; i < sizeof(sent); i++)
        sent[i] = (char)(i * 7);
    assert_int_equal(send(client, sent, sizeof(sent), 0), sizeof(sent));
    socklen_t len = sizeof(world.heard_from.socket);
    ssize_t count = -1;
    for (unsigned i = 0; i < 5000 && count < 0; i++) {
        flow_case_turn(&world, 1);
        count = recvfrom(world.servers[0], got, sizeof(got), 0, &world.heard_from.socket.any, &len);
    }
    assert_int_equal(count, sizeof(sent));
    assert_memory_equal(got, sent, sizeof(sent));
    assert_int_equal(
        sendto(world.servers[0], sent, sizeof(sent), 0, &world.heard_from.socket.any, len),
        sizeof(sent));
    count = -1;
    for (unsigned i = 0; i < 5000 && count < 0; i++) {
        flow_case_turn(&world, 1);
        count = recv(client, got, sizeof(got), 0);
    }
    assert_int_equal(count, sizeof(sent));
    assert_memory_equal(got, sent, sizeof(sent));
    flow_case_close(&world);
    close(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_question_and_answer),
        cmocka_unit_test(test_flow_goes_on_both_ways),
        cmocka_unit_test(test_each_port_is_a_client),
        cmocka_unit_test(test_strangers_are_not_heard),
        cmocka_unit_test(test_answers_leave_from_the_address_that_was_asked),
        cmocka_unit_test(test_silence_ends_it),
        cmocka_unit_test(test_late_loop_ends_it),
        cmocka_unit_test(test_endpoint_alone_does_not_keep_it),
        cmocka_unit_test(test_closing_listener_waits_for_answers),
        cmocka_unit_test(test_closing_listener_reads_what_has_come),
        cmocka_unit_test(test_closing_listener_does_not_wait_for_ever),
        cmocka_unit_test(test_long_datagrams_pass_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
