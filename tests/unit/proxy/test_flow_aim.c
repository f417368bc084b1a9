/* Where flows go while the pool changes: who leaves in order keeps what it has, and who is gone or refuses
 * loses it to others. */
#include "lb/proxy/flow_aim.h"

#include "flow_case.h"

#include <unistd.h>

#include "lb/policy/outlier.h"
#include "lb/proxy/proxy.h"

static struct flow_case world;

static void assert_end(enum err end)
{
    assert_string_equal(err_word(world.record.end), err_word(end));
}

/* Asks and answers once; gives the server. */
static unsigned ask(int client, const char *words)
{
    flow_case_say(client, words);
    unsigned server = flow_case_find(&world, words);
    flow_case_answer(&world, server, "yes");
    flow_case_hear(&world, client, "yes");
    return server;
}

static void publish_with(unsigned server, char letter)
{
    char letters[] = "rrr";
    letters[server] = letter;
    flow_case_publish(&world, letters);
}

static void test_clients_are_spread_and_stay(void **state)
{
    unsigned counts[FLOW_CASE_SERVERS] = {0}, servers[60];
    int clients[60];
    (void)state;
    flow_case_open(&world, "127.0.0.1:0", "rrr");
    for (unsigned i = 0; i < 60; i++) {
        clients[i] = flow_case_client(&world, "127.0.0.1");
        servers[i] = ask(clients[i], "first");
        counts[servers[i]]++;
    }
    for (unsigned i = 0; i < 60; i++)
        assert_int_equal(ask(clients[i], "second"), servers[i]);
    for (unsigned i = 0; i < 3; i++)
        assert_in_range(counts[i], 6, 40);
    flow_case_close(&world);
    for (unsigned i = 0; i < 60; i++)
        close(clients[i]);
}

/* What chooses is the client alone, so that any worker, and the lb that follows, finds the same. */
static void test_choice_is_the_same_anywhere(void **state)
{
    unsigned servers[20];
    int clients[20];
    (void)state;
    flow_case_open(&world, "127.0.0.1:0", "rrr");
    for (unsigned i = 0; i < 20; i++) {
        clients[i] = flow_case_client(&world, "127.0.0.1");
        servers[i] = ask(clients[i], "here");
    }
    proxy_close_udp(world.gate);
    int status, fd = datagram_listen(&world.at);
    world.gate = proxy_open_udp(&world.env, fd, &world.at, &status);
    assert_int_equal(world.env.flows->count, 0);
    for (unsigned i = 0; i < 20; i++)
        assert_int_equal(ask(clients[i], "there"), servers[i]);
    flow_case_close(&world);
    for (unsigned i = 0; i < 20; i++)
        close(clients[i]);
}

/* Ports do not count where a service says so. */
static void test_hash_of_the_client_alone(void **state)
{
    (void)state;
    flow_case_open(&world, "127.0.0.1:0", "rrr");
    world.balance = "hash client";
    flow_case_publish(&world, "rrr");
    unsigned first = FLOW_CASE_SERVERS;
    for (unsigned i = 0; i < 30; i++) {
        int client = flow_case_client(&world, "127.0.0.1");
        unsigned server = ask(client, "ask");
        assert_true(first == FLOW_CASE_SERVERS || first == server);
        first = server;
        close(client);
    }
    flow_case_close(&world);
}

static void test_turns(void **state)
{
    unsigned counts[FLOW_CASE_SERVERS] = {0};
    (void)state;
    flow_case_open(&world, "127.0.0.1:0", "rrr");
    world.balance = "round-robin";
    flow_case_publish(&world, "rrr");
    for (unsigned i = 0; i < 12; i++) {
        int client = flow_case_client(&world, "127.0.0.1");
        counts[ask(client, "ask")]++;
        close(client);
    }
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(counts[i], 4);
    flow_case_close(&world);
}

static void test_draining_endpoint_keeps_its_flows(void **state)
{
    (void)state;
    flow_case_open(&world, "127.0.0.1:0", "rrr");
    int client = flow_case_client(&world, "127.0.0.1");
    unsigned server = ask(client, "ask");
    publish_with(server, 'd');
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(ask(client, "more"), server);
    for (unsigned i = 0; i < 20; i++) {
        int other = flow_case_client(&world, "127.0.0.1");
        assert_int_not_equal(ask(other, "new"), server);
        close(other);
    }
    publish_with(server, 'g');
    assert_int_not_equal(ask(client, "again"), server);
    assert_int_equal(world.record_count, 0); /* it is one flow, still */
    flow_case_close(&world);
    close(client);
}

static void test_endpoint_that_comes_back_keeps_its_flows(void **state)
{
    (void)state;
    flow_case_open(&world, "127.0.0.1:0", "rrr");
    int client = flow_case_client(&world, "127.0.0.1");
    unsigned server = ask(client, "ask");
    endpoint_set_state(flow_case_endpoint(&world, server), ENDPOINT_PROBING);
    assert_int_equal(ask(client, "more"), server);
    endpoint_set_state(flow_case_endpoint(&world, server), ENDPOINT_EJECTED);
    assert_int_not_equal(ask(client, "more"), server);
    flow_case_close(&world);
    close(client);
}

static void test_ailing_endpoint_loses_its_flows_to_others(void **state)
{
    (void)state;
    flow_case_open(&world, "127.0.0.1:0", "rrr");
    int client = flow_case_client(&world, "127.0.0.1");
    unsigned server = ask(client, "ask");
    publish_with(server, 'u');
    unsigned other = ask(client, "more");
    assert_int_not_equal(other, server);
    publish_with(server, 'r');
    assert_int_equal(ask(client, "more"), other); /* it does not go to and fro */
    flow_case_publish(&world, "uuu");
    assert_int_equal(ask(client, "more"), other); /* and stays where nobody is better */
    flow_case_close(&world);
    close(client);
}

/* By another weight an endpoint is another object, and the same server. */
static void test_heir_keeps_the_socket(void **state)
{
    (void)state;
    flow_case_open(&world, "127.0.0.1:0", "r");
    int client = flow_case_client(&world, "127.0.0.1");
    ask(client, "ask");
    struct address before = world.heard_from;
    const struct endpoint *first = flow_case_endpoint(&world, 0);
    world.weight = 7;
    flow_case_publish(&world, "r");
    assert_ptr_not_equal(flow_case_endpoint(&world, 0), first);
    ask(client, "more");
    assert_true(address_eq(&world.heard_from, &before));
    assert_int_equal(endpoint_inflight_count(flow_case_endpoint(&world, 0)), 1);
    flow_case_close(&world);
    close(client);
}

/* Behind the flow's back: it counts nothing of what the flow was before. */
static void test_endpoint_that_went_and_came_is_another(void **state)
{
    (void)state;
    flow_case_open(&world, "127.0.0.1:0", "r");
    int client = flow_case_client(&world, "127.0.0.1");
    ask(client, "ask");
    flow_case_publish(&world, "g");
    flow_case_publish(&world, "r");
    ask(client, "more");
    assert_int_equal(endpoint_inflight_count(flow_case_endpoint(&world, 0)), 1);
    flow_case_close(&world);
    close(client);
}

/* ICMP says so, and the question is asked again. */
static void test_refused_question_goes_to_another(void **state)
{
    (void)state;
    flow_case_open(&world, "127.0.0.1:0", "rrr");
    world.policy.outlier.failures_max = 100;
    flow_case_publish(&world, "rrr");
    flow_case_close_server(&world, 0);
    for (unsigned i = 0; i < 20; i++) {
        int client = flow_case_client(&world, "127.0.0.1");
        assert_int_not_equal(ask(client, "ask"), 0);
        close(client);
    }
    assert_true(endpoint_failure_count(flow_case_endpoint(&world, 0)) > 0);
    assert_true(outlier_is_doubtful(flow_case_endpoint(&world, 0)));
    assert_int_equal(counter_get(&flow_case_passing(&world)->client_datagram_count), 20);
    assert_int_equal(counter_get(&flow_case_passing(&world)->lost_datagram_count), 0);
    flow_case_close(&world);
}

/* No way leads to a broadcast address, for who has not asked for that. */
static void test_endpoint_that_no_way_leads_to_is_passed_over(void **state)
{
    (void)state;
    flow_case_open(&world, "127.0.0.1:0", "rr");
    flow_case_close_server(&world, 0);
    assert_true(address_parse_ip(VIEW("255.255.255.255"), 9, &world.server_at[0]));
    flow_case_publish(&world, "rr");
    for (unsigned i = 0; i < 20; i++) {
        int client = flow_case_client(&world, "127.0.0.1");
        assert_int_equal(ask(client, "ask"), 1);
        close(client);
    }
    assert_int_equal(counter_get(&flow_case_passing(&world)->lost_datagram_count), 0);
    flow_case_close(&world);
}

static void test_answer_is_a_success(void **state)
{
    (void)state;
    flow_case_open(&world, "127.0.0.1:0", "r");
    world.policy.outlier.failures_max = 5;
    flow_case_publish(&world, "r");
    flow_case_close_server(&world, 0);
    int client = flow_case_client(&world, "127.0.0.1");
    flow_case_say(client, "ask");
    flow_case_turn(&world, 20);
    assert_true(outlier_is_doubtful(flow_case_endpoint(&world, 0)));
    flow_case_reopen_server(&world, 0);
    ask(client, "ask again");
    assert_false(outlier_is_doubtful(flow_case_endpoint(&world, 0)));
    flow_case_close(&world);
    close(client);
}

static void test_all_refuse(void **state)
{
    (void)state;
    flow_case_open(&world, "127.0.0.1:0", "rr");
    world.policy.udp_idle_timeout_ms = 100;
    flow_case_publish(&world, "rr");
    flow_case_close_server(&world, 0);
    flow_case_close_server(&world, 1);
    int client = flow_case_client(&world, "127.0.0.1");
    flow_case_say(client, "ask");
    flow_case_await_records(&world, 1);
    assert_end(ERR_REFUSED);
    assert_int_equal(world.record.attempt_count, 2);
    assert_true(world.record_texts[2][0] != '\0'); /* the one that it had last */
    assert_int_equal(counter_get(&flow_case_passing(&world)->lost_datagram_count), 1);
    flow_case_close(&world);
    close(client);
}

/* A flow that was answered moves, too, and what comes next goes elsewhere at once. */
static void test_endpoint_that_dies_loses_its_flows(void **state)
{
    (void)state;
    flow_case_open(&world, "127.0.0.1:0", "rr");
    int client = flow_case_client(&world, "127.0.0.1");
    unsigned server = ask(client, "ask");
    flow_case_close_server(&world, server);
    flow_case_say(client, "lost with its endpoint");
    flow_case_turn(&world, 20);
    assert_int_not_equal(ask(client, "more"), server);
    assert_int_equal(world.record_count, 0);
    flow_case_close(&world);
    close(client);
}

static void test_nobody_is_there(void **state)
{
    (void)state;
    flow_case_open(&world, "127.0.0.1:0", "g");
    world.policy.udp_idle_timeout_ms = 100;
    flow_case_publish(&world, "g");
    int client = flow_case_client(&world, "127.0.0.1");
    for (unsigned i = 0; i < 3; i++)
        flow_case_say(client, "ask");
    flow_case_await_records(&world, 1);
    assert_end(ERR_NO_ENDPOINT);
    assert_int_equal(world.record.attempt_count, 0);
    assert_int_equal(counter_get(&flow_case_passing(&world)->lost_datagram_count), 3);
    flow_case_hear_nothing(&world, client);
    flow_case_say(client, "ask");
    flow_case_turn(&world, 5);
    flow_case_publish(&world, "r");
    assert_int_equal(ask(client, "ask again"), 0); /* the flow has somebody now */
    flow_case_close(&world);
    close(client);
}

static void test_limit_of_an_endpoint(void **state)
{
    (void)state;
    flow_case_open(&world, "127.0.0.1:0", "r");
    world.policy.udp_idle_timeout_ms = 200;
    world.max_inflight = 2;
    flow_case_publish(&world, "r");
    int clients[3];
    for (unsigned i = 0; i < 3; i++)
        clients[i] = flow_case_client(&world, "127.0.0.1");
    ask(clients[0], "one");
    ask(clients[1], "two");
    flow_case_say(clients[2], "three is too many");
    flow_case_turn(&world, 20);
    assert_int_equal(counter_get(&flow_case_passing(&world)->lost_datagram_count), 1);
    flow_case_await_records(&world, 3);
    assert_int_equal(counter_get(&flow_case_passing(&world)->ends[ERR_QUEUE_FULL]), 1);
    ask(clients[2], "there is room now");
    flow_case_close(&world);
    for (unsigned i = 0; i < 3; i++)
        close(clients[i]);
}

/* Its listener leads elsewhere by now, and the service that it went to is gone. */
static void test_other_service_gets_a_flow_of_its_own(void **state)
{
    (void)state;
    flow_case_open(&world, "127.0.0.1:0", "rg");
    int client = flow_case_client(&world, "127.0.0.1");
    assert_int_equal(ask(client, "ask"), 0);
    world.service = "others";
    flow_case_publish(&world, "gr");
    assert_int_equal(ask(client, "ask"), 1);
    assert_int_equal(world.record_count, 1);
    assert_string_equal(world.record_texts[3], "names");
    flow_case_close(&world);
    assert_string_equal(world.record_texts[3], "others");
    close(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clients_are_spread_and_stay),
        cmocka_unit_test(test_choice_is_the_same_anywhere),
        cmocka_unit_test(test_hash_of_the_client_alone),
        cmocka_unit_test(test_turns),
        cmocka_unit_test(test_draining_endpoint_keeps_its_flows),
        cmocka_unit_test(test_endpoint_that_comes_back_keeps_its_flows),
        cmocka_unit_test(test_ailing_endpoint_loses_its_flows_to_others),
        cmocka_unit_test(test_heir_keeps_the_socket),
        cmocka_unit_test(test_endpoint_that_went_and_came_is_another),
        cmocka_unit_test(test_refused_question_goes_to_another),
        cmocka_unit_test(test_endpoint_that_no_way_leads_to_is_passed_over),
        cmocka_unit_test(test_answer_is_a_success),
        cmocka_unit_test(test_all_refuse),
        cmocka_unit_test(test_endpoint_that_dies_loses_its_flows),
        cmocka_unit_test(test_nobody_is_there),
        cmocka_unit_test(test_limit_of_an_endpoint),
        cmocka_unit_test(test_other_service_gets_a_flow_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
