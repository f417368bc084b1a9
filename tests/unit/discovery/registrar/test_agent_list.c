#include "discovery/registrar/agent_list.h"

#include "discovery/registrar/entry_content.h"
#include "lb/base/text.h"

#include "tests/unit/discovery/registrar/fixture_answer.h"

static struct agent_list read_texts(const char *services, const char *checks)
{
    struct agent_list list;
    const char *problem = NULL;
    if (!agent_list_read(view_str(services), view_str(checks), &list, &problem))
        fail_msg("%s", problem);
    return list;
}

static void test_a_real_agent(void **state)
{
    struct fixture_answer services = fixture_answer_load("17-agent-services"),
                          checks = fixture_answer_load("19-agent-checks");
    (void)state;
    struct agent_list list = read_texts(services.body, checks.body);
    assert_int_equal(list.count, 3);
    assert_string_equal(list.items[0].id, "host1:appserver1:8001");
    assert_string_equal(list.items[0].owner, "lb-host1");
    assert_string_equal(list.items[1].id, "host1:appserver2:8001");
    assert_string_equal(list.items[1].owner, "");
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(list.items[i].maintenance, AGENT_LIST_IN_USE);
    /* What was told to it (01) is what it tells, but for the check, which has no mark. */
    struct fixture_answer told = fixture_answer_load("01-register-ttl");
    assert_true(list.items[0].content == entry_content_hash(told.sent, "Name", VIEW("?")));
    fixture_answer_fini(&told);
    agent_list_fini(&list);
    fixture_answer_fini(&services);
    services = fixture_answer_load("18-agent-services-filter");
    list = read_texts(services.body, "{}");
    assert_int_equal(list.count, 1);
    agent_list_fini(&list);
    fixture_answer_fini(&services);
    fixture_answer_fini(&checks);
}

#define SERVICES                                                                                   \
    "{\"a\":{\"ID\":\"a\",\"Service\":\"web\",\"Meta\":{\"lb-owner\":\"E\"}},"                     \
    "\"b\":{\"ID\":\"b\",\"Service\":\"web\",\"Meta\":{}}}"

static void test_maintenance_and_marks(void **state)
{
    (void)state;
    struct agent_list list = read_texts(
        SERVICES,
        "{\"_service_maintenance:a\":{\"Notes\":\"" AGENT_LIST_REASON "\"},"
        "\"_service_maintenance:b\":{\"Notes\":\"new disk\"},\"_node_maintenance\":{},"
        "\"service:a\":{\"Notes\":\"told by lb-discovery (0123456789abcdef)\"},\"service:b\":{}}");
    assert_int_equal(list.items[0].maintenance, AGENT_LIST_STOPPING);
    assert_int_equal(list.items[1].maintenance, AGENT_LIST_IN_MAINTENANCE);
    struct agent_list bare = read_texts(SERVICES, "{}");
    assert_true(list.items[0].content != bare.items[0].content);
    assert_true(list.items[1].content != bare.items[1].content);
    agent_list_fini(&list);
    list = read_texts(SERVICES, "{\"service:a\":{\"Notes\":\"(0123456789abcdee)\"}}");
    struct agent_list same =
        read_texts(SERVICES, "{\"service:a\":{\"Notes\":\"else (0123456789abcdee)\"}}");
    assert_true(list.items[0].content == same.items[0].content);
    assert_true(list.items[0].content != bare.items[0].content);
    agent_list_fini(&same);
    agent_list_fini(&list);
    agent_list_fini(&bare);
}

static void test_strange_services(void **state)
{
    struct text services = TEXT_INIT;
    (void)state;
    text_append_str(&services, "{\"\":{},\"a//b\":{},\"c\\u0001\":{},\"d\":7,\"e\":[],\"f\":null,"
                               "\"g\":{\"Kind\":\"connect-proxy\",\"Meta\":{\"lb-owner\":\"E\"}},"
                               "\"h\\u0000\":{\"Meta\":{\"lb-owner\":9}},\"i\":{\"Meta\":[]},\"i\":"
                               "{\"Meta\":{\"lb-owner\":\"E\"}},\"");
    for (int i = 0; i < 1 << 20; i++)
        text_append_char(&services, 'x');
    text_append_str(&services, "\":{}}");
    struct agent_list list =
        read_texts(text_str(&services), "{\"service:i\":3,\"_service_maintenance:i\":[]}");
    assert_int_equal(list.count,
                     2); /* i, of which the last counts, and the NUL that is written otherwise */
    assert_string_equal(list.items[0].id, "h\xEF\xBF\xBD");
    assert_string_equal(list.items[0].owner, "");
    assert_string_equal(list.items[1].owner, "E");
    agent_list_fini(&list);
    text_fini(&services);
}

static void test_no_list(void **state)
{
    static const char *const bodies[] = {"", "[]", "7", "null", "{", "{\"a\":", "\"x\"", "<html>"};
    struct agent_list list;
    const char *problem;
    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        assert_false(agent_list_read(view_str(bodies[i]), view_str("{}"), &list, &problem));
        assert_non_null(strstr(problem, "services"));
        assert_false(agent_list_read(view_str("{}"), view_str(bodies[i]), &list, &problem));
        assert_non_null(strstr(problem, "checks"));
    }
    list = read_texts("{}", "{}");
    assert_int_equal(list.count, 0);
    agent_list_fini(&list);
}

static void test_one(void **state)
{
    struct fixture_answer answer = fixture_answer_load("20-agent-service-one");
    const char *owner;
    (void)state;
    json_t *service = agent_list_read_one(view_str(answer.body), &owner);
    assert_non_null(service);
    assert_string_equal(owner, "lb-host1");
    json_decref(service);
    assert_null(agent_list_read_one(view_str("[1]"), &owner));
    assert_null(agent_list_read_one(view_str("nonsense"), &owner));
    fixture_answer_fini(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_real_agent),
        cmocka_unit_test(test_maintenance_and_marks),
        cmocka_unit_test(test_strange_services),
        cmocka_unit_test(test_no_list),
        cmocka_unit_test(test_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
