#include "discovery/merge.h"

#include <string.h>

#include "tests/unit/discovery/cmocka_all.h"

/* In the order that the program has them. */
enum { FILE_PART, SWARM, DOCKER, CONSUL, PART_COUNT };

static struct merge merge;
static struct set sets[PART_COUNT];
static const struct merge_part parts[PART_COUNT] = {
    {.word = "file", .set = &sets[FILE_PART]},
    {.word = "swarm", .set = &sets[SWARM]},
    {.word = "docker", .set = &sets[DOCKER]},
    {.word = "consul", .set = &sets[CONSUL]},
};

static int open_all(void **state)
{
    (void)state;
    merge = (struct merge){0};
    memset(sets, 0, sizeof(sets));
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    merge_fini(&merge);
    for (size_t i = 0; i < PART_COUNT; i++)
        set_fini(&sets[i]);
    return 0;
}

static const struct set *take(void)
{
    return merge_take(&merge, parts, PART_COUNT, 1);
}

/* A port of a container, "c1:80". */
static struct set_endpoint *add_port(unsigned part, const char *service, const char *id,
                                     const char *container)
{
    set_add_endpoint(&sets[part], &(struct set_endpoint){.service = service,
                                                         .id = id,
                                                         .container = container,
                                                         .name = "web",
                                                         .port = 80,
                                                         .is_local = part == DOCKER,
                                                         .cause = "of the port",
                                                         .cause_time_ns = 5});
    return &sets[part].endpoints[sets[part].endpoint_count - 1];
}

/* An entry of the catalog. */
static struct set_endpoint *add_entry(const char *service, const char *id, const char *twin)
{
    set_add_endpoint(&sets[CONSUL], &(struct set_endpoint){.service = service,
                                                           .id = id,
                                                           .name = id,
                                                           .twin = twin,
                                                           .is_local = true,
                                                           .port = 32768,
                                                           .cause = "of the entry",
                                                           .cause_time_ns = 7});
    return &sets[CONSUL].endpoints[sets[CONSUL].endpoint_count - 1];
}

static void leave_out(unsigned part, const char *id, enum left_out_reason reason)
{
    set_add_left_out(&sets[part],
                     &(struct set_left_out){.id = id, .name = "web", .reason = reason});
}

static void test_an_entry_of_a_container_is_the_container(void **state)
{
    (void)state;
    add_port(DOCKER, "web", "c1:80", "c1");
    add_entry("web", "n1/h1:web:80", "c1:80");
    add_entry("web", "n2/h2:web:80", "c2:80");
    const struct set *whole = take();
    assert_int_equal(whole->endpoint_count, 2);
    assert_int_equal(whole->left_out_count, 0);
    assert_null(whole->remark);
    assert_string_equal(whole->endpoints[0].id, "n2/h2:web:80");
    assert_string_equal(whole->endpoints[1].id, "c1:80");
    assert_true(whole->endpoints[1].is_local);
    assert_int_equal(whole->endpoints[1].port, 80);
    assert_string_equal(whole->endpoints[0].source, "consul");
    assert_string_equal(whole->endpoints[1].source, "docker");
}

/* Whoever says the worst of it is believed, with the reason and the time. */
static void test_the_most_careful_state_counts(void **state)
{
    static const enum endpoint_state by_care[] = {
        ENDPOINT_READY, ENDPOINT_STARTING, ENDPOINT_PAUSED, ENDPOINT_UNHEALTHY, ENDPOINT_DRAINING};
    (void)state;
    struct set_endpoint *port = add_port(DOCKER, "web", "c1:80", "c1");
    struct set_endpoint *entry = add_entry("web", "n1/a", "c1:80");
    for (size_t i = 0; i < COUNT(by_care); i++)
        for (size_t k = 0; k < COUNT(by_care); k++) {
            port->state = by_care[i];
            entry->state = by_care[k];
            const struct set_endpoint *whole = take()->endpoints;
            assert_int_equal(whole->state, by_care[i > k ? i : k]);
            assert_string_equal(whole->cause, i >= k ? "of the port" : "of the entry");
            assert_int_equal(whole->cause_time_ns, i >= k ? 5 : 7);
        }
}

static void test_in_each_of_its_services(void **state)
{
    (void)state;
    add_port(DOCKER, "a.test", "c1:80", "c1");
    add_port(DOCKER, "web", "c1:80", "c1");
    add_entry("shop", "n1/a", "c1:80")->service_from = "the catalog";
    add_entry("shop", "n1/b", "c1:80");
    add_entry("web", "n1/c", "c1:80")->state = ENDPOINT_DRAINING;
    const struct set *whole = take();
    assert_int_equal(whole->endpoint_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(whole->endpoints[i].id, "c1:80");
        assert_int_equal(whole->endpoints[i].state, ENDPOINT_DRAINING);
    }
    assert_string_equal(whole->endpoints[1].service, "shop");
    assert_string_equal(whole->endpoints[1].service_from, "the catalog");
    assert_int_equal(whole->left_out_count, 0);
}

/* Of another node, or of another service: that concerns itself at most. */
static void test_a_stranger_does_not_take_a_container_out(void **state)
{
    static const enum endpoint_state bad[] = {ENDPOINT_STARTING, ENDPOINT_PAUSED,
                                              ENDPOINT_UNHEALTHY, ENDPOINT_DRAINING};
    (void)state;
    add_port(DOCKER, "web", "c1:80", "c1");
    struct set_endpoint *elsewhere = add_entry("web", "n2/a", "c1:80");
    elsewhere->is_local = false;
    add_entry("evil", "n1/b", "c1:80");
    struct set_endpoint *other = &sets[CONSUL].endpoints[1];
    for (size_t i = 0; i < COUNT(bad); i++) {
        sets[CONSUL].endpoints[0].state = other->state = bad[i];
        const struct set *whole = take();
        assert_int_equal(whole->endpoint_count, 1);
        assert_string_equal(whole->endpoints[0].service, "web");
        assert_int_equal(whole->endpoints[0].state, ENDPOINT_READY);
        assert_string_equal(whole->endpoints[0].cause, "of the port");
    }
}

/* Where this host's Docker finds no way to it, the catalog may have one. */
static void test_what_docker_cannot_reach_stays_an_entry(void **state)
{
    (void)state;
    leave_out(DOCKER, "c1", LEFT_OUT_NO_SHARED_NETWORK);
    add_entry("web", "n1/a", "c1:80");
    const struct set *whole = take();
    assert_int_equal(whole->endpoint_count, 1);
    assert_string_equal(whole->endpoints[0].id, "n1/a");
    assert_int_equal(whole->left_out_count, 1);
}

static void test_what_is_not_to_serve_is_no_entry_either(void **state)
{
    static const enum left_out_reason reasons[] = {LEFT_OUT_NOT_RUNNING, LEFT_OUT_DISABLED,
                                                   LEFT_OUT_SELF};
    (void)state;
    add_entry("web", "n1/a", "c1:80");
    for (size_t i = 0; i < COUNT(reasons); i++) {
        set_clear(&sets[DOCKER]);
        leave_out(DOCKER, i == 0 ? "c1:80" : "c1", reasons[i]);
        const struct set *whole = take();
        assert_int_equal(whole->endpoint_count, 0);
        assert_int_equal(whole->left_out_count, 1);
    }
}

/* The catalog learns of an end later than Docker: no request goes there meanwhile. */
static void test_an_entry_does_not_outlive_its_container(void **state)
{
    (void)state;
    add_port(DOCKER, "web", "c1:80", "c1");
    add_entry("web", "n1/a", "c1:80");
    assert_int_equal(take()->endpoint_count, 1);
    set_clear(&sets[DOCKER]);
    assert_int_equal(take()->endpoint_count, 0);
    assert_int_equal(take()->endpoint_count, 0);
    leave_out(DOCKER, "c1", LEFT_OUT_NO_ADDRESS); /* it has not ended */
    assert_int_equal(take()->endpoint_count, 1);
    set_clear(&sets[DOCKER]);
    set_clear(&sets[CONSUL]);
    assert_int_equal(take()->endpoint_count, 0);
    add_entry("web", "n1/a", "c1:80"); /* of another container engine: it was never known here */
    const struct set *whole = take();
    assert_int_equal(whole->endpoint_count, 1);
    assert_string_equal(whole->endpoints[0].id, "n1/a");
}

static void test_twins_come_and_go_in_any_order(void **state)
{
    (void)state;
    add_entry("web", "n1/a", "c1:80");
    assert_string_equal(take()->endpoints[0].id, "n1/a");
    add_port(DOCKER, "web", "c1:80", "c1");
    const struct set *whole = take();
    assert_int_equal(whole->endpoint_count, 1);
    assert_string_equal(whole->endpoints[0].id, "c1:80");
    set_clear(&sets[CONSUL]);
    assert_string_equal(take()->endpoints[0].id, "c1:80");
    add_entry("web", "n1/b", "c1:80");
    assert_int_equal(take()->endpoint_count, 1);
}

/* Endpoints by service, name and id, whoever told them first. */
static void test_order_of_the_whole_stays(void **state)
{
    (void)state;
    add_port(DOCKER, "web", "c3:80", "c3");
    add_port(DOCKER, "web", "c1:80", "c1");
    add_entry("web", "n1/c2", "c2:80");
    add_entry("app", "n1/c1", "c1:80");
    static const char *const expected[] = {"c1:80", "n1/c2", "c1:80", "c3:80"};
    const struct set *whole = take();
    assert_int_equal(whole->endpoint_count, COUNT(expected));
    for (size_t i = 0; i < COUNT(expected); i++)
        assert_string_equal(whole->endpoints[i].id, expected[i]);
    add_port(DOCKER, "web", "c2:80", "c2");
    whole = take();
    static const char *const later[] = {"c1:80", "c1:80", "c2:80", "c3:80"};
    for (size_t i = 0; i < COUNT(later); i++)
        assert_string_equal(whole->endpoints[i].id, later[i]);
}

static void add_route(unsigned part, const char *host, const char *container)
{
    set_add_route(&sets[part], &(struct route){.host = {ROUTE_HOST, view_str(host)},
                                               .service = VIEW("web"),
                                               .container = view_str(container)});
}

static void add_listener(unsigned part, uint16_t port, const char *service, const char *container)
{
    set_add_listener(&sets[part], &(struct listener_rule){.kind = SERVICE_TCP,
                                                          .port = port,
                                                          .service = view_str(service),
                                                          .container = view_str(container)});
}

/* A task of a swarm is a container of this host as well: the swarm knows more of it. */
static void test_a_task_is_its_container(void **state)
{
    (void)state;
    add_port(SWARM, "shop", "c1:80", "c1");
    add_port(DOCKER, "image", "c1:80", "c1")->state = ENDPOINT_UNHEALTHY;
    add_port(DOCKER, "other", "c2:80", "c2");
    add_route(SWARM, "a.test", "c1");
    add_route(DOCKER, "a.test", "c1");
    add_route(DOCKER, "b.test", "c2");
    add_listener(SWARM, 5432, "shop", "c1");
    add_listener(DOCKER, 5432, "image", "c1");
    add_listener(DOCKER, 5433, "other", "c2");
    const struct set *whole = take();
    assert_int_equal(whole->endpoint_count, 2);
    assert_string_equal(whole->endpoints[1].service, "shop");
    assert_int_equal(whole->endpoints[1].state, ENDPOINT_UNHEALTHY);
    assert_true(whole->endpoints[1].is_local);
    assert_int_equal(whole->route_count, 2);
    assert_int_equal(whole->listener_count, 2);
    assert_int_equal(whole->left_out_count, 0);
    assert_null(whole->remark);
}

static void test_a_task_that_docker_cannot_reach_is_served(void **state)
{
    (void)state;
    add_port(SWARM, "shop", "c1:80", "c1");
    leave_out(DOCKER, "c1", LEFT_OUT_NO_SHARED_NETWORK);
    leave_out(DOCKER, "c2", LEFT_OUT_NO_SHARED_NETWORK);
    set_add_left_out(&sets[DOCKER], &(struct set_left_out){.id = "c1:80",
                                                           .container = "c1",
                                                           .name = "web",
                                                           .reason = LEFT_OUT_BAD_PORT});
    const struct set *whole = take();
    assert_int_equal(whole->endpoint_count, 1);
    assert_int_equal(whole->left_out_count, 1);
    assert_string_equal(whole->left_out[0].id, "c2");
}

/* What an operator's file says of that very id is meant to count: it is told. */
static void test_a_file_overrules(void **state)
{
    (void)state;
    set_add_endpoint(&sets[FILE_PART],
                     &(struct set_endpoint){.service = "web", .id = "c1:80", .name = "mine"});
    add_port(DOCKER, "web", "c1:80", "c1")->state = ENDPOINT_DRAINING;
    add_entry("web", "n1/a", "c1:80");
    leave_out(DOCKER, "c1:81", LEFT_OUT_BAD_PORT);
    const struct set *whole = take();
    assert_int_equal(whole->endpoint_count, 1);
    assert_string_equal(whole->endpoints[0].name, "mine");
    assert_int_equal(whole->left_out_count, 2);
    assert_int_equal(whole->left_out[0].reason, LEFT_OUT_OVERRULED);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, open_all, close_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_an_entry_of_a_container_is_the_container),
        CASE(test_the_most_careful_state_counts),
        CASE(test_in_each_of_its_services),
        CASE(test_a_stranger_does_not_take_a_container_out),
        CASE(test_what_docker_cannot_reach_stays_an_entry),
        CASE(test_what_is_not_to_serve_is_no_entry_either),
        CASE(test_an_entry_does_not_outlive_its_container),
        CASE(test_twins_come_and_go_in_any_order),
        CASE(test_order_of_the_whole_stays),
        CASE(test_a_task_is_its_container),
        CASE(test_a_task_that_docker_cannot_reach_is_served),
        CASE(test_a_file_overrules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
