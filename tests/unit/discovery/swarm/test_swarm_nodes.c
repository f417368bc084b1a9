/* What GET /nodes tells. */
#include "discovery/swarm/swarm_nodes.h"

#include "tests/unit/discovery/swarm/capture.h"

static struct swarm_nodes of_json(const char *json)
{
    struct swarm_nodes nodes = {0};
    json_t *element = json_loads(json, 0, NULL);
    assert_non_null(element);
    swarm_nodes_take(&nodes, element);
    swarm_nodes_sort(&nodes);
    json_decref(element);
    return nodes;
}

static void check(const char *json, const char *address, bool is_down)
{
    struct swarm_nodes nodes = of_json(json);
    assert_int_equal(nodes.count, 1);
    assert_string_equal(nodes.list[0].address, address);
    assert_int_equal(nodes.list[0].is_down, is_down);
    swarm_nodes_fini(&nodes);
}

static void test_of_a_real_manager(void **state)
{
    (void)state;
    struct swarm_nodes nodes = {0};
    struct swarm_id id, other;
    capture_nodes(&nodes);
    assert_true(swarm_id_parse(VIEW(CAPTURE_NODE), &id));
    assert_true(swarm_id_parse(VIEW("x"), &other));
    const struct swarm_node *node = swarm_nodes_find(&nodes, &id);
    assert_non_null(node);
    assert_null(swarm_nodes_find(&nodes, &other));
    assert_string_equal(node->name, "vm");
    assert_string_equal(node->address, "192.0.2.1");
    assert_false(node->is_down);
    swarm_nodes_fini(&nodes);
}

/* A manager that knows no address of its own has one as a manager. */
static void test_addresses(void **state)
{
    (void)state;
    check("{\"ID\":\"a\",\"Status\":{\"Addr\":\"0.0.0.0\",\"State\":\"ready\"},"
          "\"ManagerStatus\":{\"Addr\":\"192.0.2.7:2377\"}}",
          "192.0.2.7", false);
    check("{\"ID\":\"a\",\"Status\":{\"Addr\":\"fd00::7\"}}", "fd00::7", false);
    check("{\"ID\":\"a\",\"ManagerStatus\":{\"Addr\":\"[fd00::7]:2377\"}}", "fd00::7", false);
    check("{\"ID\":\"a\",\"Status\":{\"Addr\":\"nonsense\"}}", "", false);
    check("{\"ID\":\"a\",\"Status\":7}", "", false);
}

/* Managers call nodes "unknown" while they have just begun to lead. */
static void test_only_what_is_down_is_down(void **state)
{
    (void)state;
    check("{\"ID\":\"a\",\"Status\":{\"State\":\"down\"}}", "", true);
    check("{\"ID\":\"a\",\"Status\":{\"State\":\"unknown\"}}", "", false);
    check("{\"ID\":\"a\",\"Status\":{\"State\":\"disconnected\"}}", "", false);
}

static void test_what_is_no_node(void **state)
{
    (void)state;
    struct swarm_nodes nodes = of_json("{\"ID\":\"A\"}");
    assert_int_equal(nodes.count, 0);
    swarm_nodes_fini(&nodes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of_a_real_manager),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_only_what_is_down_is_down),
        cmocka_unit_test(test_what_is_no_node),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
