#include "discovery/consul/gathering.h"

#include "tests/unit/discovery/consul/catalog_world.h"

static struct catalog_world world;

static int set_up(void **state)
{
    (void)state;
    return world_open(&world);
}

static int tear_down(void **state)
{
    (void)state;
    return world_close(&world);
}

static const struct set_endpoint *find(const char *id)
{
    for (size_t i = 0; i < world.set.endpoint_count; i++)
        if (strcmp(world.set.endpoints[i].id, id) == 0)
            return &world.set.endpoints[i];
    fail_msg("no endpoint %s", id);
    return NULL;
}

static void test_a_real_answer(void **state)
{
    (void)state;
    world.rules.own_node = "node1";
    world_take_json(&world, world_add(&world, "appserver"), captured("10-health-service-all"));
    const struct set *set = world_gather(&world);
    assert_int_equal(set->endpoint_count, 3);
    assert_int_equal(set->left_out_count, 0);
    assert_int_equal(find("node1/host1:appserver1:8001")->weight, 5);
    const struct set_endpoint *endpoint = find("node1/host1:appserver2:8001");
    assert_string_equal(endpoint->service, "appserver");
    assert_string_equal(endpoint->name, "host1:appserver2:8001");
    assert_string_equal(endpoint->protocol, "http");
    assert_int_equal(endpoint->state, ENDPOINT_UNHEALTHY);
    assert_non_null(endpoint->health);
    assert_true(endpoint->is_local && endpoint->is_on_host);
    assert_string_equal(endpoint->service_from, "its name in the catalog");
}

static void test_heavy_weights_are_scaled(void **state)
{
    (void)state;
    world_take(&world, world_add(&world, "web"),
               "[" ENTRY("n1", "a", "web", "'Port':80,'Weights':{'Passing':1000,'Warning':1}",
                         "") "," ENTRY("n1", "b", "web",
                                       "'Port':80,'Weights':{'Passing':500,'Warning':1}",
                                       "") "," ENTRY("n1", "c", "web", "'Port':80", "") "]");
    world_gather(&world);
    assert_int_equal(find("n1/a")->weight, 256);
    assert_int_equal(find("n1/b")->weight, 128);
    assert_int_equal(find("n1/c")->weight, 1);
}

static void test_a_tag_says_a_weight(void **state)
{
    (void)state;
    world_take(&world, world_add(&world, "web"),
               "[" ENTRY("n1", "a", "web",
                         "'Port':80,'Tags':['lb.weight=7'],'Weights':{'Passing':1000}", "") "]");
    world_gather(&world);
    assert_int_equal(find("n1/a")->weight, 7);
    assert_string_equal(find("n1/a")->owner, "n1/a"); /* it is not the operator's */
    /* It is younger than any container, as far as JSON can tell it. */
    assert_in_range(find("n1/a")->created_ns, INT64_MAX / 2, INT64_MAX);
}

static void test_a_tag_drains(void **state)
{
    (void)state;
    world_take(&world, world_add(&world, "web"),
               "[" ENTRY("n1", "a", "web", "'Port':80,'Tags':['lb.drain=true']", "") "]");
    world_gather(&world);
    assert_int_equal(find("n1/a")->state, ENDPOINT_DRAINING);
    assert_string_equal(find("n1/a")->cause, "label");
}

static void check_left_out(const char *more, enum left_out_reason reason, const char *detail)
{
    char text[2048];
    struct instances *web = world_add(&world, "web");
    snprintf(
        text, sizeof(text),
        "[{'Node':{'Node':'n2','Address':'10.0.0.9'},'Service':{'ID':'a','Service':'web',%s}}]",
        more);
    world_take(&world, web, text);
    const struct set *set = world_gather(&world);
    assert_int_equal(set->endpoint_count, 0);
    assert_int_equal(set->left_out_count, 1);
    assert_string_equal(set->left_out[0].id, "n2/a");
    assert_int_equal(set->left_out[0].reason, reason);
    if (!strstr(set->left_out[0].detail, detail))
        fail_msg("%s", set->left_out[0].detail);
    assert_true(set->left_out[0].since_ns > 0);
}

static void test_no_port(void **state)
{
    (void)state;
    check_left_out("'Port':0", LEFT_OUT_NO_PORT, "without a port");
}

static void test_no_ip(void **state)
{
    (void)state;
    check_left_out("'Port':80,'Address':'db.example'", LEFT_OUT_BAD_ADDRESS, "no IP address");
}

static void test_disabled(void **state)
{
    (void)state;
    check_left_out("'Port':80,'Tags':['lb.enable=false']", LEFT_OUT_DISABLED, "lb.enable=false");
}

static void test_words_that_differ(void **state)
{
    (void)state;
    check_left_out("'Port':80,'Tags':['lb.host=a','lb.host=b']", LEFT_OUT_BAD_LABEL, "lb.host");
    assert_int_equal(world.set.route_count, 0);
}

static void test_a_bad_word(void **state)
{
    (void)state;
    check_left_out("'Port':80,'Tags':['lb.protocol=gopher']", LEFT_OUT_BAD_LABEL, "lb.protocol");
}

static void test_other_port_by_a_tag(void **state)
{
    (void)state;
    world_take(&world, world_add(&world, "web"),
               "[" ENTRY("n1", "a", "web",
                         "'Port':80,'Tags':['lb.host=a.test','lb.admin.host=b.test','lb.admin.port="
                         "9000']",
                         "") "]");
    world_gather(&world);
    assert_int_equal(find("n1/a")->port, 80);
    assert_int_equal(find("n1/a:9000")->port, 9000);
}

static void test_routes_of_two_services(void **state)
{
    (void)state;
    world_take(
        &world, world_add(&world, "old"),
        "[" ENTRY("n1", "a", "old", "'Port':80,'CreateIndex':5,'Tags':['lb.host=a.test']", "") "]");
    world_take(
        &world, world_add(&world, "new"),
        "[" ENTRY("n1", "b", "new", "'Port':80,'CreateIndex':9,'Tags':['lb.host=a.test']", "") "]");
    const struct set *set = world_gather(&world);
    assert_int_equal(set->route_count, 2);
    assert_non_null(find("n1/b")->remark);
    assert_non_null(strstr(find("n1/b")->remark, "is older"));
    assert_null(find("n1/a")->remark);
}

static void test_middleware_of_another_entry(void **state)
{
    (void)state;
    world_take(&world, world_add(&world, "guard"),
               "[" ENTRY("n1", "g", "guard",
                         "'Port':80,'Tags':['traefik.http.middlewares.only.ipallowlist.sourcerange="
                         "10.0.0.0/8']",
                         "") "]");
    world_take(&world, world_add(&world, "web"),
               "[" ENTRY("n1", "w", "web",
                         "'Port':80,'Tags':['traefik.http.routers.w.rule=Host(`a.test`)',"
                         "'traefik.http.routers.w.middlewares=only']",
                         "") "]");
    const struct set *set = world_gather(&world);
    bool has_allow = false, is_held = false;
    for (size_t i = 0; i < set->route_count; i++) {
        if (!view_eq(set->routes[i].host.text, VIEW("a.test")))
            continue;
        is_held |= set->routes[i].answer_status == 503;
        has_allow |= set->routes[i].option_count > 0 || set->routes[i].condition_count > 0;
    }
    assert_true(has_allow);
    assert_false(is_held);
}

static void test_twin(void **state)
{
    (void)state;
    world_take(&world, world_add(&world, "web"),
               "[" ENTRY("n1", "a", "web",
                         "'Port':80,'Meta':{'lb-port':'8484','lb-container':"
                         "'0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'}",
                         "") "]");
    world_gather(&world);
    assert_string_equal(find("n1/a")->twin,
                        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef:8484");
}

static void test_an_id_in_two_services_is_the_latest_one(void **state)
{
    (void)state;
    world_take(&world, world_add(&world, "old"),
               "[" ENTRY("n1", "a", "old", "'Port':80,'ModifyIndex':5", "") "]");
    world_take(&world, world_add(&world, "new"),
               "[" ENTRY("n1", "a", "new", "'Port':80,'ModifyIndex':9", "") "]");
    assert_int_equal(world_gather(&world)->endpoint_count, 1);
    assert_string_equal(find("n1/a")->service, "new");
}

static void test_an_id_that_a_port_makes_is_nobody_elses(void **state)
{
    (void)state;
    world_take(&world, world_add(&world, "web"),
               "[" ENTRY("n1", "a", "web",
                         "'Port':80,'Tags':['lb.host=a.test','lb.x.host=b.test','lb.x.port=9000']",
                         "") "," ENTRY("n1", "a:9000", "web", "'Port':81", "") "]");
    world_gather(&world);
    assert_int_equal(world.set.endpoint_count, 2);
    assert_int_equal(find("n1/a:9000")->port, 81);
}

static void test_entries_that_cannot_be_told(void **state)
{
    (void)state;
    world_take(&world, world_add(&world, "web"), "[7]");
    assert_non_null(strstr(world_gather(&world)->remark, "1 entries of web"));
    world_take(&world, &world.services[0], "[]");
    assert_null(world_gather(&world)->remark);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_real_answer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_heavy_weights_are_scaled, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_tag_says_a_weight, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_tag_drains, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_port, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_ip, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_disabled, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_words_that_differ, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_bad_word, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_other_port_by_a_tag, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_routes_of_two_services, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_middleware_of_another_entry, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_twin, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_id_in_two_services_is_the_latest_one, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_an_id_that_a_port_makes_is_nobody_elses, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_entries_that_cannot_be_told, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
