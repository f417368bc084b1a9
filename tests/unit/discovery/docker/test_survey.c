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
    member->container->asked.drains = true;
    member->container->asked.has_check = true;
    survey_take(&roster, &vantage, 1, &set);
    const struct set_endpoint *endpoint = endpoint_of("t-multi");
    assert_int_equal(endpoint->state, ENDPOINT_DRAINING);
    assert_string_equal(endpoint->cause, "label");
    assert_ptr_equal(endpoint->check, &member->container->asked.check);
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
        member->container->asked.ignores_health = false;
        survey_take(&roster, &vantage, 1, &set);
        assert_int_not_equal(endpoint_of("t-multi")->state, ENDPOINT_READY);
        member->container->asked.ignores_health = true;
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
    member->container->asked.disabled_by = memory_copy("x", 1);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_shared_network_follows_its_owner, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_times_stay_while_nothing_changes, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_cause_stays_while_nothing_changes, open_all,
                                        close_all),
        cmocka_unit_test_setup_teardown(test_own_container, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_label_that_drains, open_all, close_all),
        cmocka_unit_test_setup_teardown(test_label_that_ignores_health, open_all, close_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
