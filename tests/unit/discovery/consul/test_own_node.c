#include "discovery/consul/own_node.h"

#include "tests/unit/discovery/consul/captured.h"

static void test_capture(void **state)
{
    json_t *document = captured("26-agent-self-trimmed");
    (void)state;
    assert_string_equal(own_node_read(document), "node1");
    json_decref(document);
}

static void test_wrong_types(void **state)
{
    static const char *const wrong[] = {"7",
                                        "{}",
                                        "{'Config':7}",
                                        "{'Config':{'NodeName':7}}",
                                        "{'Config':{'NodeName':''}}",
                                        "{'Config':{'NodeName':'a\\nb'}}"};
    (void)state;
    assert_null(own_node_read(NULL));
    for (size_t i = 0; i < COUNT(wrong); i++) {
        json_t *document = quoted(wrong[i]);
        assert_null(own_node_read(document));
        json_decref(document);
    }
}

static void test_what_is_given_is_not_asked_for(void **state)
{
    struct own_node node;
    (void)state;
    own_node_init(&node, NULL, "mine", NULL, NULL);
    assert_true(node.is_settled);
    assert_string_equal(own_node_name(&node), "mine");
    assert_true(own_node_next_tick_ms(&node) == UINT64_MAX);
    own_node_ask_again(&node);
    assert_true(own_node_next_tick_ms(&node) == UINT64_MAX);
    own_node_fini(&node);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_capture),
        cmocka_unit_test(test_wrong_types),
        cmocka_unit_test(test_what_is_given_is_not_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
