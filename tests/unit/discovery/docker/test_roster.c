#include "discovery/docker/roster.h"

#include <stdlib.h>

#include "discovery/docker/survey.h"

#include "tests/unit/discovery/fixture.h"

/* A roster seen through the line it would give. */
struct scene {
    struct roster roster;
    struct vantage vantage;
    struct set set;
    uint64_t wall_ns;
};

static void open_scene(struct scene *scene)
{
    *scene = (struct scene){.wall_ns = 1000};
    vantage_init(&scene->vantage);
}

static void close_scene(struct scene *scene)
{
    roster_fini(&scene->roster);
    vantage_fini(&scene->vantage);
    set_fini(&scene->set);
}

/* "web:ready", "left:not_running", or "" when the container is in neither. */
static const char *look(struct scene *scene, const struct engine_id *id)
{
    static char text[64];
    survey_take(&scene->roster, &scene->vantage, scene->wall_ns, &scene->set);
    for (size_t i = 0; i < scene->set.endpoint_count; i++) {
        const struct set_endpoint *endpoint = &scene->set.endpoints[i];
        if (strcmp(endpoint->container, id->text) == 0) {
            snprintf(text, sizeof(text), "%s/%s", endpoint_state_word(endpoint->state),
                     endpoint->cause);
            return text;
        }
    }
    for (size_t i = 0; i < scene->set.left_out_count; i++)
        if (strncmp(scene->set.left_out[i].id, id->text, ENGINE_ID_LEN) == 0)
            return left_out_reason_word(scene->set.left_out[i].reason);
    return "";
}

static struct container *make(struct engine_id id, const char *state, const char *config)
{
    char text[2048];
    snprintf(text, sizeof(text),
             "{\"Id\":\"%s\",\"Name\":\"/c%.2s\",\"State\":%s,\"Config\":%s,\"NetworkSettings\":"
             "{\"Networks\":{\"bridge\":{\"NetworkID\":\"b\",\"IPAddress\":\"10.0.0.2\"}}}}",
             id.text, id.text, state, config);
    json_t *document = json_loads(text, 0, NULL);
    struct container *container = container_from_inspect(document, NULL);
    json_decref(document);
    assert_non_null(container);
    return container;
}

#define RUNNING "{\"Status\":\"running\",\"Running\":true}"
#define EXITED  "{\"Status\":\"exited\",\"Running\":false}"
#define CONFIG  "{\"Labels\":{\"lb.service\":\"web\",\"lb.port\":\"80\"}}"

static struct listing entry_of(struct engine_id id, bool is_alive, uint64_t fingerprint)
{
    return (struct listing){.id = id,
                            .name = "/listed",
                            .state = is_alive ? "running" : "exited",
                            .image = "web",
                            .is_alive = is_alive,
                            .fingerprint = fingerprint};
}

static struct member *add_running(struct scene *scene, struct engine_id id)
{
    struct member *member;
    struct listing entry = entry_of(id, true, 1);
    uint64_t asked = scene->roster.event_count;
    assert_int_equal(roster_take_listing(&scene->roster, &entry, asked, false, &member),
                     ROSTER_ASK);
    assert_string_equal(look(scene, &id), ""); /* nothing certain yet */
    roster_take_container(&scene->roster, member, make(id, RUNNING, CONFIG), 0);
    assert_string_equal(look(scene, &id), "ready/list");
    return member;
}

static enum roster_step send_at(struct scene *scene, enum docker_event_kind kind,
                                const char *action, struct engine_id id, int number,
                                uint64_t now_ms)
{
    struct member *member;
    struct docker_event event = {.kind = kind,
                                 .name = "n",
                                 .image = "i",
                                 .container = id,
                                 .signal = number,
                                 .time_ns = now_ms};
    snprintf(event.action, sizeof(event.action), "%s", action);
    enum roster_step step = roster_take_event(&scene->roster, &event, now_ms, &member);
    if (step == ROSTER_GONE)
        roster_remove(&scene->roster, member);
    return step;
}

static void test_stop(void **state)
{
    struct scene scene;
    struct engine_id id = fixture_id('a');
    (void)state;
    open_scene(&scene);
    add_running(&scene, id);
    assert_int_equal(send_at(&scene, DOCKER_EVENT_KILL, "kill", id, 1, 5), ROSTER_IGNORE);
    assert_int_equal(send_at(&scene, DOCKER_EVENT_KILL, "kill", id, 10, 5), ROSTER_IGNORE);
    assert_string_equal(look(&scene, &id), "ready/list");
    assert_int_equal(send_at(&scene, DOCKER_EVENT_KILL, "kill", id, 15, 6), ROSTER_SHOW);
    assert_string_equal(look(&scene, &id), "draining/kill");
    send_at(&scene, DOCKER_EVENT_DIE, "die", id, 0, 7);
    assert_string_equal(look(&scene, &id), "not_running");
    send_at(&scene, DOCKER_EVENT_DIE, "stop", id, 0, 8);
    assert_int_equal(send_at(&scene, DOCKER_EVENT_DISCONNECT, "disconnect", id, 0, 8),
                     ROSTER_IGNORE);
    assert_int_equal(send_at(&scene, DOCKER_EVENT_START, "start", id, 0, 9), ROSTER_ASK);
    assert_string_equal(look(&scene, &id), "not_running"); /* its new address is not known yet */
    roster_take_container(&scene.roster, roster_find(&scene.roster, &id), make(id, RUNNING, CONFIG),
                          10);
    assert_string_equal(look(&scene, &id), "ready/start");
    assert_int_equal(send_at(&scene, DOCKER_EVENT_DESTROY, "destroy", id, 0, 11), ROSTER_GONE);
    assert_string_equal(look(&scene, &id), "");
    close_scene(&scene);
}

static void test_own_stop_signal_and_survival(void **state)
{
    struct scene scene;
    struct engine_id id = fixture_id('a');
    static const char config[] = "{\"StopSignal\":\"SIGQUIT\",\"StopTimeout\":3,\"Labels\":"
                                 "{\"lb.port\":\"80\"}}";
    (void)state;
    open_scene(&scene);
    struct member *member = add_running(&scene, id);
    roster_take_container(&scene.roster, member, make(id, RUNNING, config), 0);
    assert_int_equal(send_at(&scene, DOCKER_EVENT_KILL, "kill", id, 15, 100), ROSTER_IGNORE);
    assert_int_equal(send_at(&scene, DOCKER_EVENT_KILL, "kill", id, 3, 100), ROSTER_SHOW);
    assert_null(roster_take_due(&scene.roster, 5099)); /* 3 s and 2 s more */
    assert_ptr_equal(roster_take_due(&scene.roster, 5100), member);
    assert_null(roster_take_due(&scene.roster, 5100));
    assert_string_equal(look(&scene, &id), "draining/kill");
    roster_take_container(&scene.roster, member, make(id, RUNNING, config), 5101);
    assert_string_equal(look(&scene, &id), "ready/survived_stop");
    assert_int_equal(send_at(&scene, DOCKER_EVENT_KILL, "kill", id, 9, 6000), ROSTER_SHOW);
    roster_take_container(&scene.roster, member, make(id, RUNNING, config), 6001);
    assert_string_equal(look(&scene, &id), "draining/kill"); /* any inspect in between is not it */
    assert_ptr_equal(roster_take_due(&scene.roster, 20000), member);
    roster_take_container(&scene.roster, member, make(id, EXITED, config), 20001);
    assert_string_equal(look(&scene, &id), "not_running");
    close_scene(&scene);
}

/* A signal that comes between the start and the first inspect is judged by what that tells. */
static void test_early_signal(void **state)
{
    struct scene scene;
    struct engine_id id = fixture_id('a');
    (void)state;
    open_scene(&scene);
    send_at(&scene, DOCKER_EVENT_START, "start", id, 0, 1);
    assert_string_equal(look(&scene, &id), "");
    send_at(&scene, DOCKER_EVENT_KILL, "kill", id, 15, 2);
    roster_take_container(&scene.roster, roster_find(&scene.roster, &id), make(id, RUNNING, CONFIG),
                          3);
    assert_string_equal(look(&scene, &id), "draining/kill");
    close_scene(&scene);
}

static void test_pause_and_health(void **state)
{
    struct scene scene;
    struct engine_id id = fixture_id('a');
    (void)state;
    open_scene(&scene);
    add_running(&scene, id);
    send_at(&scene, DOCKER_EVENT_PAUSE, "pause", id, 0, 1);
    assert_string_equal(look(&scene, &id), "paused/pause");
    assert_int_equal(send_at(&scene, DOCKER_EVENT_UNPAUSE, "unpause", id, 0, 2), ROSTER_ASK);
    assert_string_equal(look(&scene, &id), "ready/unpause");
    send_at(&scene, DOCKER_EVENT_UNHEALTHY, "health_status: unhealthy", id, 0, 3);
    assert_string_equal(look(&scene, &id), "unhealthy/health_status: unhealthy");
    send_at(&scene, DOCKER_EVENT_HEALTHY, "health_status: healthy", id, 0, 4);
    assert_string_equal(look(&scene, &id), "ready/health_status: healthy");
    assert_int_equal(send_at(&scene, DOCKER_EVENT_CHANGE, "update", id, 0, 5), ROSTER_ASK);
    assert_string_equal(look(&scene, &id), "ready/health_status: healthy"); /* nothing changed */
    close_scene(&scene);
}

/* A list that is older than an event must not undo it. */
static void test_lists_and_events(void **state)
{
    struct scene scene;
    struct engine_id id = fixture_id('a'), other = fixture_id('b');
    struct member *member;
    (void)state;
    open_scene(&scene);
    add_running(&scene, id);
    uint64_t asked = scene.roster.event_count;
    send_at(&scene, DOCKER_EVENT_DIE, "die", id, 0, 1);
    send_at(&scene, DOCKER_EVENT_START, "start", other, 0, 1);
    struct listing stale = entry_of(id, true, 2);
    assert_int_equal(roster_take_listing(&scene.roster, &stale, asked, true, &member),
                     ROSTER_IGNORE);
    assert_false(roster_is_unlisted(roster_find(&scene.roster, &other), asked));
    assert_string_equal(look(&scene, &id), "not_running");

    asked = scene.roster.event_count;
    struct listing dead = entry_of(other, false, 3), gone = entry_of(fixture_id('c'), false, 3);
    assert_int_equal(roster_take_listing(&scene.roster, &dead, asked, false, &member), ROSTER_SHOW);
    assert_string_equal(look(&scene, &other), "not_running");
    /* One that may have been removed on the way is not added as a dead one. */
    send_at(&scene, DOCKER_EVENT_DESTROY, "destroy", fixture_id('c'), 0, 2);
    assert_int_equal(roster_take_listing(&scene.roster, &gone, asked, false, &member),
                     ROSTER_IGNORE);
    assert_null(member);
    close_scene(&scene);
}

static void test_unchanged_entries_are_not_asked_about(void **state)
{
    struct scene scene;
    struct engine_id id = fixture_id('a');
    struct member *member;
    struct listing entry = entry_of(id, true, 1);
    (void)state;
    open_scene(&scene);
    add_running(&scene, id);
    assert_int_equal(roster_take_listing(&scene.roster, &entry, 0, false, &member), ROSTER_IGNORE);
    assert_int_equal(roster_take_listing(&scene.roster, &entry, 0, true, &member), ROSTER_ASK);
    entry.fingerprint = 2;
    assert_int_equal(roster_take_listing(&scene.roster, &entry, 0, false, &member), ROSTER_ASK);
    send_at(&scene, DOCKER_EVENT_DIE, "die", id, 0, 1);
    assert_int_equal(roster_take_listing(&scene.roster, &entry, 1, false, &member), ROSTER_ASK);
    close_scene(&scene);
}

/* The engine is asked what the events do not tell; an answer from before the death is none. */
static void test_it_is_asked_why(void **state)
{
    struct scene scene;
    struct engine_id id = fixture_id('a');
    (void)state;
    open_scene(&scene);
    struct member *member = add_running(&scene, id);
    assert_int_equal(send_at(&scene, DOCKER_EVENT_UNHEALTHY, "sick", id, 0, 10), ROSTER_SHOW);
    assert_ptr_equal(roster_take_due(&scene.roster, 10), member);
    send_at(&scene, DOCKER_EVENT_HEALTHY, "well", id, 0, 11);
    assert_null(roster_take_due(&scene.roster, 5000));
    send_at(&scene, DOCKER_EVENT_KILL, "kill", id, 15, 20);
    uint64_t drain_until_ms = member->drain_until_ms;
    send_at(&scene, DOCKER_EVENT_UNHEALTHY, "sick", id, 0, 21);
    assert_int_equal(member->ask_at_ms, drain_until_ms); /* whether it survives is not forgotten */
    send_at(&scene, DOCKER_EVENT_DIE, "die", id, 0, 30);
    assert_null(roster_take_due(&scene.roster, 50000)); /* its code is not known, so 0 */
    member->container->exit_code = 3;
    send_at(&scene, DOCKER_EVENT_DIE, "stop", id, 0, 31);
    assert_null(roster_take_due(&scene.roster, 31)); /* a removal or restart would come first */
    assert_ptr_equal(roster_take_due(&scene.roster, 1000), member);
    /* It was answered before the death, and the caller must not look at it any more. */
    assert_false(roster_take_container(&scene.roster, member, make(id, RUNNING, CONFIG), 1001));
    assert_string_equal(look(&scene, &id), "not_running");
    send_at(&scene, DOCKER_EVENT_DIE, "stop", id, 0, 1002);
    send_at(&scene, DOCKER_EVENT_START, "start", id, 0, 1003);
    assert_true(roster_take_container(&scene.roster, member, make(id, RUNNING, CONFIG), 1004));
    assert_string_equal(look(&scene, &id), "ready/start");
    close_scene(&scene);
}

static void test_the_dead_of_a_list_are_asked_about(void **state)
{
    struct scene scene;
    struct member *member;
    struct listing entry = entry_of(fixture_id('a'), false, 1),
                   more = entry_of(fixture_id('b'), false, 1);
    (void)state;
    open_scene(&scene);
    roster_take_listing(&scene.roster, &entry, 0, false, &member);
    assert_ptr_equal(roster_take_due(&scene.roster, 1), member);
    roster_take_container(&scene.roster, member, make(entry.id, EXITED, CONFIG), 2);
    assert_true(member->container->is_inspected);
    roster_take_listing(&scene.roster, &entry, 0, false, &member);
    assert_null(roster_take_due(&scene.roster, 5000)); /* not again */
    scene.roster.autopsy_count = ROSTER_AUTOPSIES_MAX;
    roster_take_listing(&scene.roster, &more, 0, false, &member);
    assert_null(roster_take_due(&scene.roster, 5000));
    close_scene(&scene);
}

static void test_failed_inspects(void **state)
{
    struct scene scene;
    struct engine_id id = fixture_id('a');
    struct member *member;
    struct listing entry = entry_of(id, true, 1);
    (void)state;
    open_scene(&scene);
    roster_take_listing(&scene.roster, &entry, 0, false, &member);
    roster_take_failure(&scene.roster, member, 500, false);
    assert_string_equal(look(&scene, &id), "no_address");
    assert_ptr_equal(roster_take_due(&scene.roster, 500), member);
    roster_take_container(&scene.roster, member, make(id, RUNNING, CONFIG), 501);
    roster_take_failure(&scene.roster, member, 900, false);
    assert_string_equal(look(&scene, &id), "ready/list"); /* what was known stays */
    close_scene(&scene);
}

/* The id of the one container that a capture is about. */
static struct engine_id subject_of(const json_t *events)
{
    struct docker_event event;
    for (size_t i = 0; i < json_array_size(events); i++) {
        assert_true(docker_event_read(json_array_get(events, i), &event));
        if (event.kind != DOCKER_EVENT_OTHER && event.kind != DOCKER_EVENT_CONNECT)
            return event.container;
    }
    fail_msg("no subject");
    return fixture_id('0');
}

/* Plays a capture of a real engine, each inspect answered at once, and gives what was shown. */
static void play(const char *fixture, char *out, size_t size)
{
    struct scene scene;
    json_t *document = fixture_load(fixture);
    const json_t *events = json_object_get(document, "events");
    struct engine_id id = subject_of(events);
    open_scene(&scene);
    struct docker_event event;
    docker_event_read(json_array_get(events, 0), &event);
    out[0] = '\0';
    if (strcmp(event.action, "create") != 0)
        add_running(&scene, id);
    for (size_t i = 0; i < json_array_size(events); i++) {
        struct member *member;
        char shown[64];
        docker_event_read(json_array_get(events, i), &event);
        enum roster_step step = roster_take_event(&scene.roster, &event, 1, &member);
        if (step == ROSTER_GONE)
            roster_remove(&scene.roster, member);
        if (step == ROSTER_ASK)
            roster_take_container(&scene.roster, member, make(event.container, RUNNING, CONFIG), 1);
        snprintf(shown, sizeof(shown), "%s ", look(&scene, &id));
        if (shown[0] != ' ' && !strstr(out, shown))
            strncat(out, shown, size - strlen(out) - 1);
    }
    if (look(&scene, &id)[0] == '\0')
        strncat(out, "gone", size - strlen(out) - 1);
    json_decref(document);
    close_scene(&scene);
}

static void test_captures(void **state)
{
    static const struct {
        const char *fixture, *shown;
    } cases[] = {
        {"events.stop_graceful", "draining/kill not_running "},
        {"events.stop_timeout_kill", "draining/kill not_running "},
        {"events.kill9", "draining/kill not_running "},
        {"events.killusr1", "ready/list "},
        {"events.rm_force", "draining/kill not_running gone"},
        {"events.restart", "draining/kill not_running ready/start "},
        {"events.restart_policy", "ready/start not_running "},
        {"events.pause_unpause", "paused/pause ready/unpause "},
        {"events.oom", "ready/start not_running "},
        {"events.crash_in_container", "ready/start not_running "},
        {"events.run_rm_foreground", "ready/start not_running gone"},
        {"events.compose_recreate", "draining/kill not_running gone"},
        {"events.net_disconnect", "ready/list "},
    };
    char shown[256];
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        play(cases[i].fixture, shown, sizeof(shown));
        assert_string_equal(shown, cases[i].shown);
    }
}

static void test_there_is_a_limit(void **state)
{
    struct scene scene;
    struct member *member = NULL;
    (void)state;
    open_scene(&scene);
    for (unsigned i = 0; i < LIMITS_ENDPOINTS_MAX + 5; i++) {
        struct engine_id id = fixture_id('0');
        char digits[9];
        snprintf(digits, sizeof(digits), "%08x", i * 2654435761u);
        memcpy(id.text, digits, 8);
        struct listing entry = entry_of(id, true, 1);
        roster_take_listing(&scene.roster, &entry, 0, false, &member);
        assert_int_equal(member != NULL, i < LIMITS_ENDPOINTS_MAX);
    }
    assert_int_equal(scene.roster.count, LIMITS_ENDPOINTS_MAX);
    for (size_t i = 1; i < scene.roster.count; i++)
        assert_true(strcmp(scene.roster.members[i - 1]->container->id.text,
                           scene.roster.members[i]->container->id.text) < 0);
    close_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_own_stop_signal_and_survival),
        cmocka_unit_test(test_early_signal),
        cmocka_unit_test(test_pause_and_health),
        cmocka_unit_test(test_lists_and_events),
        cmocka_unit_test(test_unchanged_entries_are_not_asked_about),
        cmocka_unit_test(test_it_is_asked_why),
        cmocka_unit_test(test_the_dead_of_a_list_are_asked_about),
        cmocka_unit_test(test_failed_inspects),
        cmocka_unit_test(test_captures),
        cmocka_unit_test(test_there_is_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
