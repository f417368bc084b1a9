#include "discovery/docker/survey.h"

#include "lb/base/memory.h"

#include "tests/unit/discovery/fixture.h"

static struct roster roster;
static struct vantage vantage;
static struct set set;

static int open_all(void **state)
{
    (void)state;
    roster = (struct roster){0};
    set = (struct set){0};
    vantage_init(&vantage);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    roster_fini(&roster);
    vantage_fini(&vantage);
    set_fini(&set);
    return 0;
}

static struct member *add(const char *fixture)
{
    struct container *container = fixture_container(fixture);
    struct listing entry = {.id = container->id,
                            .name = container->name,
                            .state = "running",
                            .image = "x",
                            .is_alive = true,
                            .fingerprint = 1};
    struct member *member;
    roster_take_listing(&roster, &entry, 0, false, &member);
    roster_take_container(&roster, member, container, 0);
    return member;
}

static const struct set_endpoint *endpoint_of(const char *name)
{
    for (size_t i = 0; i < set.endpoint_count; i++)
        if (strcmp(set.endpoints[i].name, name) == 0)
            return &set.endpoints[i];
    return NULL;
}

static void test_label_that_drains(void **state)
{
    struct member *member = add("inspect.t-multi");
    (void)state;
    member->container->offers.options[0]->drains = true;
    member->container->offers.options[0]->has_check = true;
    survey_take(&roster, &vantage, 1, &set);
    const struct set_endpoint *endpoint = endpoint_of("t-multi");
    assert_int_equal(endpoint->state, ENDPOINT_DRAINING);
    assert_string_equal(endpoint->cause, "label");
    assert_ptr_equal(endpoint->check, &member->container->offers.options[0]->check);
    assert_null(endpoint->slow_start_ms);
}

/* A pause and a stop count all the same. */
static void test_label_that_ignores_health(void **state)
{
    struct member *member = add("inspect.t-multi");
    (void)state;
    static const enum container_health each[] = {CONTAINER_HEALTH_UNHEALTHY,
                                                 CONTAINER_HEALTH_STARTING};
    for (size_t i = 0; i < 2; i++) {
        member->container->health = each[i];
        member->container->offers.options[0]->ignores_health = false;
        survey_take(&roster, &vantage, 1, &set);
        assert_int_not_equal(endpoint_of("t-multi")->state, ENDPOINT_READY);
        member->container->offers.options[0]->ignores_health = true;
        survey_take(&roster, &vantage, 1, &set);
        assert_int_equal(endpoint_of("t-multi")->state, ENDPOINT_READY);
    }
    member->container->paused = true;
    survey_take(&roster, &vantage, 1, &set);
    assert_int_equal(endpoint_of("t-multi")->state, ENDPOINT_PAUSED);
}

static void test_shared_network_follows_its_owner(void **state)
{
    struct member *owner = add("inspect.t-multi");
    (void)state;
    add("inspect.t-share"); /* network_mode: container:t-multi */
    survey_take(&roster, &vantage, 1, &set);
    assert_string_equal(endpoint_of("t-share")->address, endpoint_of("t-multi")->address);
    assert_int_equal(endpoint_of("t-share")->state, ENDPOINT_READY);
    struct docker_event event = {.kind = DOCKER_EVENT_KILL,
                                 .action = "kill",
                                 .signal = 15,
                                 .container = owner->container->id,
                                 .time_ns = 77};
    struct member *member;
    roster_take_event(&roster, &event, 1, &member);
    survey_take(&roster, &vantage, 2, &set);
    assert_int_equal(endpoint_of("t-share")->state, ENDPOINT_DRAINING);
    assert_string_equal(endpoint_of("t-share")->cause, "kill");
    assert_int_equal(endpoint_of("t-share")->cause_time_ns, 77);
    event.kind = DOCKER_EVENT_DIE;
    roster_take_event(&roster, &event, 1, &member);
    survey_take(&roster, &vantage, 3, &set);
    assert_int_equal(set.endpoint_count, 0);
    assert_int_equal(set.left_out_count, 2);
    assert_string_equal(set.left_out[1].name, "t-share");
    assert_int_equal(set.left_out[1].reason, LEFT_OUT_NOT_RUNNING);
}

static void test_times_stay_while_nothing_changes(void **state)
{
    struct member *member = add("inspect.exited");
    (void)state;
    survey_take(&roster, &vantage, 1000, &set);
    survey_take(&roster, &vantage, 2000, &set);
    assert_int_equal(set.left_out[0].since_ns, 1000);
    strcpy(member->container->status, "dead");
    survey_take(&roster, &vantage, 2500, &set);
    assert_string_equal(set.left_out[0].detail, "it is dead");
    assert_int_equal(set.left_out[0].since_ns, 1000); /* the reason is the same */
    member->container->offers.disabled_by = memory_copy("x", 1);
    survey_take(&roster, &vantage, 3000, &set);
    assert_int_equal(set.left_out[0].since_ns, 3000);
    assert_int_equal(set.left_out[0].reason, LEFT_OUT_DISABLED);
}

static void test_cause_stays_while_nothing_changes(void **state)
{
    struct member *member = add("inspect.running");
    struct member source = {.cause = "connect", .cause_time_ns = 9};
    (void)state;
    survey_take(&roster, &vantage, 1, &set);
    roster_note_all(&roster, &source);
    survey_take(&roster, &vantage, 1, &set);
    assert_string_equal(endpoint_of("rx1")->cause, "list");
    container_rename(member->container, "/rx2");
    survey_take(&roster, &vantage, 1, &set);
    assert_string_equal(endpoint_of("rx2")->cause, "connect");
}

static void test_own_container(void **state)
{
    struct member *own = add("inspect.running");
    (void)state;
    vantage.id = own->container->id;
    survey_take(&roster, &vantage, 1, &set);
    assert_int_equal(set.left_out[0].reason, LEFT_OUT_SELF);
}

/* A second offer of a container, as if some dialect had said so. */
static void offer_also(struct container *container, uint16_t port, const char *service)
{
    struct offers *offers = &container->offers;
    offers->items = memory_resize(offers->items, (offers->count + 1) * sizeof(offers->items[0]));
    offers->items[offers->count] = (struct offer){.port = port,
                                                  .protocol = "http",
                                                  .service = memory_copy(service, strlen(service)),
                                                  .service_from = memory_copy("x", 1),
                                                  .options = offers->options[0]};
    offers->count++;
}

static void test_each_offer_is_shown(void **state)
{
    struct member *member = add("inspect.running");
    (void)state;
    offer_also(member->container, 9, "zoo");
    member->container->offers.remark = memory_copy("r", 1);
    survey_take(&roster, &vantage, 1, &set);
    assert_int_equal(set.endpoint_count, 2);
    assert_string_equal(set.endpoints[1].service, "zoo");
    char id[MEMBER_OFFER_ID_BYTES];
    snprintf(id, sizeof(id), "%s:9", member->container->id.text);
    assert_string_equal(set.endpoints[1].id, id);
    assert_string_equal(set.endpoints[1].container, member->container->id.text);
    assert_string_equal(set.endpoints[1].protocol, "http");
    assert_string_equal(set.endpoints[0].remark, "r");
    assert_null(set.endpoints[1].remark);
    assert_int_equal(set.endpoints[1].port, 9);
    assert_string_equal(set.endpoints[0].cause, "list");
    assert_int_equal(set.left_out_count, 0);
    /* What hinders the container is told once. */
    member->container->running = false;
    survey_take(&roster, &vantage, 2, &set);
    assert_int_equal(set.endpoint_count, 0);
    assert_int_equal(set.left_out_count, 1);
    assert_int_equal(set.left_out[0].since_ns, 2);
    assert_string_equal(set.left_out[0].id, member->container->id.text);
    assert_null(set.left_out[0].container);
    assert_string_equal(set.left_out[0].remark, "r");
}

/* Each by an id of its own, and with its own past. */
static void test_a_port_of_tcp_and_udp_is_two(void **state)
{
    struct member *member = add("inspect.running");
    struct offers *offers = &member->container->offers;
    char id[MEMBER_OFFER_ID_BYTES];
    (void)state;
    offer_also(member->container, 53, "a");
    survey_take(&roster, &vantage, 1, &set);
    strcpy(member->cause, "rename");
    offer_also(member->container, 53, "a");
    offers->items[1].protocol = "udp"; /* before that of TCP, which was there */
    survey_take(&roster, &vantage, 2, &set);
    assert_int_equal(set.endpoint_count, 3);
    snprintf(id, sizeof(id), "%s:53", member->container->id.text);
    assert_string_equal(set.endpoints[0].id, id);
    assert_string_equal(set.endpoints[0].cause, "list");
    strcat(id, "/udp");
    assert_string_equal(set.endpoints[1].id, id);
    assert_string_equal(set.endpoints[1].protocol, "udp");
    assert_string_equal(set.endpoints[1].cause, "rename");
    assert_string_equal(set.endpoints[1].container, member->container->id.text);
}

/* A port of UDP that nobody asks for is offered where it can be reached, and else is no news. */
static void test_what_nobody_asks_for_is_not_missed(void **state)
{
    struct member *member = add("inspect.running");
    (void)state;
    offer_also(member->container, 53, "a");
    struct offer *offer = &member->container->offers.items[member->container->offers.count - 1];
    offer->protocol = "udp";
    vantage.on_host = false;
    survey_take(&roster, &vantage, 1, &set);
    size_t left_out_count = set.left_out_count;
    offer->is_unasked = true;
    survey_take(&roster, &vantage, 1, &set);
    assert_int_equal(set.left_out_count + set.endpoint_count, left_out_count - 1);
}

static void test_an_offer_may_have_options_of_its_own(void **state)
{
    struct member *member = add("inspect.running");
    struct offers *offers = &member->container->offers;
    struct offer_options own = {
        .weight = 7, .drains = true, .network = memory_copy("elsewhere", 9)};
    (void)state;
    offer_also(member->container, 9, "zoo");
    offers->items[1].options = offers_keep_options(offers, &own);
    assert_null(own.network);
    survey_take(&roster, &vantage, 1, &set);
    assert_int_equal(set.endpoint_count, 1);
    assert_int_equal(set.endpoints[0].weight, 1);
    assert_int_equal(set.endpoints[0].state, ENDPOINT_READY);
    assert_int_equal(set.left_out_count, 1);
    assert_int_equal(set.left_out[0].reason, LEFT_OUT_NO_SHARED_NETWORK);
    free(offers->options[1]->network);
    offers->options[1]->network = NULL;
    survey_take(&roster, &vantage, 2, &set);
    assert_int_equal(set.endpoint_count, 2);
    assert_int_equal(set.endpoints[0].weight, 1);
    assert_int_equal(set.endpoints[0].state, ENDPOINT_READY);
    assert_int_equal(set.endpoints[1].weight, 7);
    assert_int_equal(set.endpoints[1].state, ENDPOINT_DRAINING);
}

/* What is published is reached at another port; the id has the container's own all the same. */
static void test_id_of_a_port_that_cannot_be_reached(void **state)
{
    struct member *member = add("inspect.running");
    struct offer_options *options = member->container->offers.options[0];
    char id[MEMBER_OFFER_ID_BYTES];
    (void)state;
    survey_take(&roster, &vantage, 1, &set);
    snprintf(id, sizeof(id), "%s", set.endpoints[0].id);
    options->network = memory_copy("elsewhere", 9);
    survey_take(&roster, &vantage, 2, &set);
    assert_int_equal(set.left_out[0].reason, LEFT_OUT_NO_SHARED_NETWORK);
    assert_string_equal(set.left_out[0].id, id);
    assert_string_equal(set.left_out[0].container, member->container->id.text);
}

/* Each is remembered by its port, so that a cause or a time of one is not the other's. */
static void test_offers_keep_their_own_times(void **state)
{
    struct member *member = add("inspect.running");
    (void)state;
    survey_take(&roster, &vantage, 1, &set);
    strcpy(member->cause, "rename");
    offer_also(member->container, 9, "zoo");
    struct offer first = member->container->offers.items[0];
    member->container->offers.items[0] = member->container->offers.items[1];
    member->container->offers.items[1] = first;
    survey_take(&roster, &vantage, 2, &set);
    assert_string_equal(set.endpoints[0].cause, "list"); /* the one that was there */
    assert_string_equal(set.endpoints[1].cause, "rename");
    assert_int_equal(member->shown_count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_shared_network_follows_its_owner, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_times_stay_while_nothing_changes, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_cause_stays_while_nothing_changes, open_all,
                                        close_all),
        cmocka_unit_test_setup_teardown(test_own_container, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_each_offer_is_shown, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_an_offer_may_have_options_of_its_own, open_all,
                                        close_all),
        cmocka_unit_test_setup_teardown(test_a_port_of_tcp_and_udp_is_two, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_what_nobody_asks_for_is_not_missed, open_all,
                                        close_all),
        cmocka_unit_test_setup_teardown(test_id_of_a_port_that_cannot_be_reached, open_all,
                                        close_all),
        cmocka_unit_test_setup_teardown(test_offers_keep_their_own_times, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_label_that_drains, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_label_that_ignores_health, open_all, close_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
