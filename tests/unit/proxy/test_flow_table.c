/* There are so many flows and no more: who gives way is who will be missed least. */
#include "lb/proxy/flow_table.h"

#include "flow_case.h"

#include <sys/resource.h>
#include <unistd.h>

#define CLIENTS 40

static struct flow_case world;
static int clients[CLIENTS];

static void open_world(unsigned max_count)
{
    flow_case_open(&world, "127.0.0.1:0", "r");
    world.env.options.max_flow_count = max_count;
    for (unsigned i = 0; i < CLIENTS; i++)
        clients[i] = -1;
}

static void close_world(void)
{
    flow_case_close(&world);
    for (unsigned i = 0; i < CLIENTS; i++)
        if (clients[i] >= 0)
            close(clients[i]);
}

/* From 127.0.0.`last`, each from a port of its own. */
static void come(unsigned number, unsigned last)
{
    char ip[24];
    struct address from;
    snprintf(ip, sizeof(ip), "127.0.0.%u", last);
    assert_true(address_parse_ip(view_str(ip), 0, &from));
    clients[number] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(clients[number], &from.socket.any, address_size(&from)), 0);
    assert_int_equal(connect(clients[number], &world.at.socket.any, address_size(&world.at)), 0);
}

static void ask(unsigned number)
{
    flow_case_say(clients[number], "ask");
    flow_case_expect(&world, 0, "ask");
}

static void be_answered(unsigned number)
{
    ask(number);
    flow_case_answer(&world, 0, "yes");
    flow_case_hear(&world, clients[number], "yes");
}

static bool is_there(unsigned number)
{
    struct address own;
    socklen_t len = sizeof(own.socket);
    assert_int_equal(getsockname(clients[number], &own.socket.any, &len), 0);
    const struct flow_table *table = world.env.flows;
    const struct list *orders[] = {&table->waiting, &table->answered};
    for (unsigned i = 0; i < 2; i++)
        list_for_each (node, orders[i])
            if (address_eq(&list_entry(node, struct flow, in_order)->client, &own))
                return true;
    return false;
}

static void test_longest_silent_gives_way(void **state)
{
    (void)state;
    open_world(3);
    for (unsigned i = 0; i < 4; i++)
        come(i, 31 + i);
    for (unsigned i = 0; i < 3; i++)
        be_answered(i);
    be_answered(0);
    be_answered(3);
    assert_int_equal(world.env.flows->count, 3);
    assert_int_equal(world.record_count, 1);
    assert_string_equal(err_word(world.record.end), "evicted");
    assert_true(is_there(0) && !is_there(1) && is_there(2) && is_there(3));
    close_world();
}

static void test_who_waits_for_an_answer_stays(void **state)
{
    (void)state;
    open_world(3);
    for (unsigned i = 0; i < 5; i++)
        come(i, 31 + i);
    ask(0);
    be_answered(1);
    be_answered(2);
    ask(3);
    assert_true(is_there(0) && !is_there(1) && is_there(2));
    ask(4);
    assert_true(is_there(0) && !is_there(2));
    close_world();
}

/* A client with many ports does not drive out others. */
static void test_greedy_client_gives_way_to_itself(void **state)
{
    (void)state;
    open_world(16);
    for (unsigned i = 0; i < 4; i++) {
        come(i, 31 + i);
        be_answered(i);
    }
    for (unsigned i = 4; i < CLIENTS; i++) {
        come(i, 77);
        be_answered(i);
    }
    assert_int_equal(world.env.flows->count, 16);
    for (unsigned i = 0; i < 4; i++)
        assert_true(is_there(i));
    assert_true(is_there(CLIENTS - 1) && !is_there(4));
    close_world();
}

/* Where the descriptors end before the bound does. */
static void test_without_descriptors_older_ones_give_way(void **state)
{
    struct rlimit before, tight;
    (void)state;
    open_world(1000);
    for (unsigned i = 0; i < 8; i++)
        come(i, 31 + i);
    for (unsigned i = 0; i < 4; i++)
        be_answered(i);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    int next = dup(0);
    close(next);
    tight = (struct rlimit){.rlim_cur = (rlim_t)next, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
    for (unsigned i = 4; i < 8; i++)
        be_answered(i);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(world.env.flows->count, 4);
    assert_int_equal(world.record_count, 4);
    assert_int_equal(counter_get(&flow_case_passing(&world)->lost_datagram_count), 0);
    close_world();
}

static void test_lower_bound_is_kept_to(void **state)
{
    (void)state;
    open_world(8);
    for (unsigned i = 0; i < 12; i++)
        come(i, 31 + i);
    for (unsigned i = 0; i < 8; i++)
        be_answered(i);
    world.env.options.max_flow_count = 4;
    for (unsigned i = 8; i < 12; i++)
        be_answered(i);
    assert_int_equal(world.env.flows->count, 4);
    close_world();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_longest_silent_gives_way),
        cmocka_unit_test(test_who_waits_for_an_answer_stays),
        cmocka_unit_test(test_greedy_client_gives_way_to_itself),
        cmocka_unit_test(test_without_descriptors_older_ones_give_way),
        cmocka_unit_test(test_lower_bound_is_kept_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
