/* How tasks live: what lists tell of them, and what they no longer tell. */
#include "discovery/swarm/ledger.h"

#include "tests/unit/discovery/swarm/capture.h"

#define ID_RUNNING "619fbb5ba6969b426dd1d706e3f279fb3d75a5e30be3744e6582420cb96c9434:8080"

static struct ledger ledger;
static struct set set;
static json_t *running, *pending;

static int open_all(void **state)
{
    (void)state;
    struct swarm_services services = {0};
    struct swarm_nodes nodes = {0};
    capture_services(&services);
    capture_nodes(&nodes);
    ledger_init(&ledger, NULL);
    ledger_take_services(&ledger, &services);
    ledger_take_nodes(&ledger, &nodes);
    ledger_begin_tasks(&ledger);
    ledger_end_tasks(&ledger, 0);
    swarm_id_parse(VIEW(CAPTURE_NODE), &ledger.own_node);
    set = (struct set){0};
    running = capture_task(CAPTURE_RUNNING);
    pending = capture_task(CAPTURE_PENDING);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    ledger_fini(&ledger);
    set_fini(&set);
    json_decref(running);
    json_decref(pending);
    return 0;
}

/* lb's own container is on the network "web". */
static void stand_on_web(void)
{
    struct vantage *vantage = &ledger.vantage;
    vantage->on_host = false;
    vantage->network_count = 1;
    strcpy(vantage->networks[0].id.text, "qj5padi4gytdkk1mgh7k4464r");
    text_append_str(&vantage->network_names, "web");
}

/* The list of tasks that are to run has these two, or NULL for none. */
static void list(const json_t *one, const json_t *other, uint64_t now_ms)
{
    ledger_begin_tasks(&ledger);
    if (one)
        ledger_take_task(&ledger, one);
    if (other)
        ledger_take_task(&ledger, other);
    ledger_end_tasks(&ledger, now_ms);
}

/* Two in a row have none of those that ran. */
static void list_none(uint64_t now_ms)
{
    list(NULL, NULL, now_ms);
    list(NULL, NULL, now_ms);
}

/* "10.0.1.2:8080 ready by running; …", then "| reason; …" of those left out. */
static void check(const char *expected)
{
    struct text got = TEXT_INIT;
    set_clear(&set);
    ledger_survey(&ledger, 1, &set);
    for (size_t i = 0; i < set.endpoint_count; i++) {
        const struct set_endpoint *endpoint = &set.endpoints[i];
        text_appendf(&got, "%s%s:%u %s by %s", i > 0 ? "; " : "", endpoint->address, endpoint->port,
                     endpoint_state_word(endpoint->state), endpoint->cause);
    }
    for (size_t i = 0; i < set.left_out_count; i++)
        text_appendf(&got, "%s%s", i > 0 ? "; " : "| ",
                     left_out_reason_word(set.left_out[i].reason));
    assert_string_equal(text_str(&got), expected);
    text_fini(&got);
}

static void ask_for_those_that_leave(const char *state)
{
    struct text target = TEXT_INIT;
    assert_true(ledger_append_question(&ledger, "/v1.41", &target));
    assert_string_equal(text_str(&target), "/v1.41/tasks?filters=%7B%22id%22%3A%5B%22"
                                           "nxf6waxn6lpw0rxy5z1mhrlfp%22%5D%7D");
    text_fini(&target);
    if (state) {
        capture_set(running, "Status.State", state);
        ledger_take_leaving(&ledger, running);
    }
    ledger_end_leaving(&ledger);
}

static void test_two_tasks(void **state)
{
    (void)state;
    stand_on_web();
    list(pending, running, 1);
    check("10.0.1.2:8080 ready by running| not_running");
    assert_string_equal(set.endpoints[0].id, ID_RUNNING);
    assert_string_equal(set.endpoints[0].name, "shop.2.nxf6waxn6lpw0rxy5z1mhrlfp");
    assert_true(set.endpoints[0].is_local);
    assert_true(set.endpoints[0].cause_time_ns > 0);
    assert_string_equal(set.left_out[0].detail,
                        "it is pending; the engine says: no suitable node (host-mode port already "
                        "in use on 1 node)");
    assert_true(ledger.is_dirty == false && ledger.has_moved);
    ledger.has_moved = false;
    list(pending, running, 2); /* nothing is new */
    assert_false(ledger.is_dirty || ledger.has_moved);
}

/* When that began to run, is not what happened now. */
static void test_found_by_the_first_list(void **state)
{
    (void)state;
    stand_on_web();
    ledger.was_listed = false;
    list(running, NULL, 1);
    check("10.0.1.2:8080 ready by list");
    assert_int_equal(set.endpoints[0].cause_time_ns, 0);
}

static void test_told_to_end_until_it_has(void **state)
{
    (void)state;
    stand_on_web();
    list(running, NULL, 1000);
    list_none(2000);
    check("10.0.1.2:8080 draining by shutdown");
    assert_int_equal(ledger.leaving_count, 1);
    ask_for_those_that_leave("\"running\"");
    check("10.0.1.2:8080 draining by shutdown");
    ask_for_those_that_leave("\"shutdown\"");
    check("");
    assert_int_equal(ledger.leaving_count, 0);
    assert_int_equal(ledger.count, 0);
}

/* Its service was removed, and with it all its tasks at once. */
static void test_told_to_end_and_not_known_any_more(void **state)
{
    (void)state;
    struct swarm_services none = {0};
    stand_on_web();
    list(running, NULL, 1000);
    ledger_take_services(&ledger, &none);
    list_none(2000);
    check("10.0.1.2:8080 draining by shutdown");
    ask_for_those_that_leave(NULL);
    check("");
}

static void test_told_to_end_on_a_node_that_says_nothing(void **state)
{
    (void)state;
    capture_set(running, "Spec.ContainerSpec.StopGracePeriod", "3000000000");
    stand_on_web();
    list(running, NULL, 1000);
    list_none(2000);
    list(NULL, NULL, 2000 + 3000 + 4999);
    check("10.0.1.2:8080 draining by shutdown");
    list(NULL, NULL, 2000 + 3000 + 5000);
    check("");
    assert_int_equal(ledger.leaving_count, 0);
}

/* "An empty answer never empties a pool that had members without a confirming second look." */
static void test_a_list_that_has_nobody_is_doubted_once(void **state)
{
    (void)state;
    stand_on_web();
    list(running, NULL, 1);
    for (uint64_t now_ms = 10; now_ms < 20; now_ms += 2) {
        ledger.has_moved = false;
        list(NULL, NULL, now_ms);
        assert_true(ledger.has_moved); /* so it is asked again soon */
        check("10.0.1.2:8080 ready by running");
        list(running, NULL, now_ms + 1);
        check("10.0.1.2:8080 ready by running");
    }
    list_none(20);
    check("10.0.1.2:8080 draining by shutdown");
}

static void test_one_that_never_ran_goes_at_once(void **state)
{
    (void)state;
    list(pending, NULL, 1);
    check("| not_running");
    list(NULL, NULL, 2);
    check("");
}

static void test_told_to_end_and_listed_again(void **state)
{
    (void)state;
    stand_on_web();
    list(running, NULL, 1);
    list_none(2);
    list(running, NULL, 3);
    assert_int_equal(ledger.leaving_count, 0);
    list(running, NULL, 4);
    check("10.0.1.2:8080 ready by running");
}

/* The id of its row is the task's, until there is a container. */
static void test_from_pending_to_running(void **state)
{
    (void)state;
    stand_on_web();
    list(pending, NULL, 1);
    check("| not_running");
    assert_string_equal(set.left_out[0].id, "cji1wap9vtzq065ylbqj56sin");
    json_t *started = json_deep_copy(running);
    capture_set(started, "ID", "\"cji1wap9vtzq065ylbqj56sin\"");
    capture_set(started, "Status.State", "\"starting\"");
    list(started, NULL, 2);
    check("10.0.1.2:8080 starting by starting");
    capture_set(started, "Status.State", "\"running\"");
    capture_set(started, "Version.Index", "99");
    list(started, NULL, 3);
    check("10.0.1.2:8080 ready by running");
    assert_string_equal(set.endpoints[0].id, ID_RUNNING);
    assert_int_equal(ledger.roster.count, 1);
    json_decref(started);
}

static void test_node_that_is_lost(void **state)
{
    (void)state;
    struct swarm_nodes nodes = {0};
    stand_on_web();
    list(running, NULL, 1);
    capture_nodes(&nodes);
    nodes.list[0].is_down = true;
    ledger_take_nodes(&ledger, &nodes);
    list(running, NULL, 2);
    check("10.0.1.2:8080 unhealthy by node_down");
    assert_string_equal(set.endpoints[0].health, "its node vm is down");
    list_none(3); /* the manager has started another one elsewhere */
    check("10.0.1.2:8080 draining by shutdown");
}

static void test_labels_of_the_service_that_change(void **state)
{
    (void)state;
    struct swarm_services services = {0};
    stand_on_web();
    list(running, NULL, 1);
    check("10.0.1.2:8080 ready by running");
    capture_services(&services);
    services.list[0].version++;
    json_object_set_new(services.list[0].labels, "lb.drain", json_string("true"));
    ledger_take_services(&ledger, &services);
    list(running, NULL, 2);
    check("10.0.1.2:8080 draining by label");
}

static void test_service_that_is_not_known_yet(void **state)
{
    (void)state;
    struct swarm_services none = {0}, services = {0};
    ledger_take_services(&ledger, &none);
    list(running, NULL, 1);
    assert_true(ledger.lacks_service);
    check("");
    capture_services(&services);
    ledger_take_services(&ledger, &services);
    stand_on_web();
    list(running, NULL, 2);
    assert_false(ledger.lacks_service);
    check("10.0.1.2:8080 ready by running");
}

static void test_from_the_host_by_its_published_port(void **state)
{
    (void)state;
    ledger.vantage.special_count = 0;
    vantage_note_driver(&ledger.vantage, &(struct network_id){.text = "qj5padi4gytdkk1mgh7k4464r"},
                        "overlay");
    list(running, NULL, 1);
    check("127.0.0.1:18080 ready by running"); /* of this node */
    ledger.own_node = (struct swarm_id){"another"};
    list(running, NULL, 2);
    check("192.0.2.1:18080 ready by running");
    assert_false(set.endpoints[0].is_local);
    assert_false(set.endpoints[0].is_on_host);
    capture_set(running, "Status.PortStatus", "{}");
    capture_set(running, "Version.Index", "99");
    list(running, NULL, 3);
    check("| no_shared_network");
    assert_string_equal(set.left_out[0].detail, "it is on: web; the host has no route there");
    assert_non_null(strstr(set.left_out[0].remedy, "mode=host"));
}

static void test_lb_on_another_network(void **state)
{
    (void)state;
    stand_on_web();
    strcpy(ledger.vantage.networks[0].id.text, "other");
    capture_set(running, "Status.PortStatus", "{}");
    list(running, NULL, 1);
    check("| no_shared_network");
    assert_non_null(strstr(set.left_out[0].remedy, "docker service update --network-add"));
}

/* The fault is the task's, not the source's. */
static void test_no_more_than_there_may_be(void **state)
{
    (void)state;
    ledger_begin_tasks(&ledger);
    for (unsigned i = 0; i < LIMITS_ENDPOINTS_MAX + 2; i++) {
        char id[16];
        snprintf(id, sizeof(id), "\"t%u\"", i);
        capture_set(pending, "ID", id);
        ledger_take_task(&ledger, pending);
    }
    ledger_end_tasks(&ledger, 1);
    assert_int_equal(ledger.count, LIMITS_ENDPOINTS_MAX);
    assert_int_equal(ledger.lost_count, 2);
}

static void test_two_tasks_that_say_they_are_one_container(void **state)
{
    (void)state;
    json_t *twin = json_deep_copy(running);
    capture_set(twin, "ID", "\"twin\"");
    stand_on_web();
    list(running, twin, 1);
    list(twin, NULL, 2);
    list(NULL, NULL, 3);
    list(NULL, NULL, 1000000);
    check("");
    json_decref(twin);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_two_tasks),
        TEST(test_found_by_the_first_list),
        TEST(test_told_to_end_until_it_has),
        TEST(test_told_to_end_and_not_known_any_more),
        TEST(test_told_to_end_on_a_node_that_says_nothing),
        TEST(test_a_list_that_has_nobody_is_doubted_once),
        TEST(test_one_that_never_ran_goes_at_once),
        TEST(test_told_to_end_and_listed_again),
        TEST(test_from_pending_to_running),
        TEST(test_node_that_is_lost),
        TEST(test_labels_of_the_service_that_change),
        TEST(test_service_that_is_not_known_yet),
        TEST(test_from_the_host_by_its_published_port),
        TEST(test_lb_on_another_network),
        TEST(test_no_more_than_there_may_be),
        TEST(test_two_tasks_that_say_they_are_one_container),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
