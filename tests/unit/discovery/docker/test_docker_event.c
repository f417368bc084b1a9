#include "discovery/docker/docker_event.h"

#include "tests/unit/discovery/fixture.h"

/* The kinds of all events of a capture that concern lb, as one string of letters. */
static void kinds_of(const char *fixture, char out[64])
{
    static const char letters[] = ".SsKDXPUhuRCcd";
    json_t *document = fixture_load(fixture);
    json_t *events = json_object_get(document, "events");
    size_t len = 0;
    for (size_t i = 0; i < json_array_size(events); i++) {
        struct docker_event event;
        assert_true(docker_event_read(json_array_get(events, i), &event));
        if (event.kind == DOCKER_EVENT_OTHER)
            continue;
        assert_int_equal(strlen(event.container.text), 64);
        assert_true(event.time_ns > 1700000000000000000u);
        assert_true(len < 63);
        out[len++] = letters[event.kind];
    }
    out[len] = '\0';
    json_decref(document);
}

static void test_captures(void **state)
{
    static const struct {
        const char *fixture, *kinds;
    } cases[] = {
        {"events.stop_graceful", "KDdD"},
        {"events.stop_timeout_kill", "KKDdD"},
        {"events.kill9", "KDd"},
        {"events.killusr1", "K"},
        {"events.rm_force", "KDX"},
        {"events.restart", "KDdDcSs"},
        {"events.restart_policy", "cSDdcS"},
        {"events.pause_unpause", "PU"},
        {"events.rename", "R"},
        {"events.net_connect", "c"},
        {"events.oom", "cSDd"},
        {"events.crash_in_container", "cSDd"},
        {"events.run_rm_foreground", "cSDdX"},
    };
    char kinds[64];
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        kinds_of(cases[i].fixture, kinds);
        assert_string_equal(kinds, cases[i].kinds);
    }
}

static bool read_text(const char *text, struct docker_event *event)
{
    json_t *document = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_non_null(document);
    bool is_event = docker_event_read(document, event);
    event->attributes = NULL; /* borrowed from what goes now */
    event->name = event->image = event->driver = NULL;
    json_decref(document);
    return is_event;
}

#define ID "1111111111111111111111111111111111111111111111111111111111111111"

/* Since API 1.52 there are no status, id and from at the top. */
static void test_newer_engines(void **state)
{
    struct docker_event event;
    (void)state;
    assert_true(read_text("{\"Type\":\"container\",\"Action\":\"kill\",\"Actor\":{\"ID\":\"" ID
                          "\","
                          "\"Attributes\":{\"signal\":\"SIGQUIT\"}},\"timeNano\":7}",
                          &event));
    assert_int_equal(event.kind, DOCKER_EVENT_KILL);
    assert_int_equal(event.signal, 3);
    assert_int_equal(event.time_ns, 7);
}

/* As Podman 4.3 writes them: without labels and signals, with the container as a network's actor.
 */
static void test_podman(void **state)
{
#define PODMAN(type, action)                                                                       \
    "{\"status\":\"" action "\",\"id\":\"" ID "\",\"from\":\"localhost/x:1\",\"Type\":\"" type     \
    "\",\"Action\":\"" action "\",\"Actor\":{\"ID\":\"" ID                                         \
    "\",\"Attributes\":{\"image\":\"localhost/x:1\",\"name\":\"b1\",\"podId\":\"\"}},"             \
    "\"scope\":\"local\",\"time\":1795912213,\"timeNano\":1795912213868486744}"
    static const struct {
        const char *line;
        enum docker_event_kind kind;
    } cases[] = {
        {PODMAN("container", "die"), DOCKER_EVENT_DIE},
        {PODMAN("container", "died"), DOCKER_EVENT_DIE},
        {PODMAN("container", "remove"), DOCKER_EVENT_DESTROY},
        {PODMAN("container", "kill"), DOCKER_EVENT_KILL},
        {PODMAN("container", "health_status"), DOCKER_EVENT_CHANGE},
        {PODMAN("container", "cleanup"), DOCKER_EVENT_OTHER},
        {PODMAN("network", "connect"), DOCKER_EVENT_CONNECT},
        {PODMAN("network", "disconnect"), DOCKER_EVENT_DISCONNECT},
    };
    struct docker_event event;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_true(read_text(cases[i].line, &event));
        assert_int_equal(event.kind, cases[i].kind);
        assert_string_equal(event.container.text, ID);
        assert_false(network_id_is_set(&event.network));
        assert_int_equal(event.signal, 0);
    }
}

static void test_what_is_no_event(void **state)
{
    static const char *const none[] = {"1",
                                       "[]",
                                       "{}",
                                       "\"x\"",
                                       "{\"Type\":\"container\"}",
                                       "{\"message\":\"no\"}",
                                       "{\"Type\":\"container\",\"Action\":\"die\",\"Actor\":1}"};
    static const char *const other[] = {
        "{\"Type\":\"image\",\"Action\":\"pull\",\"Actor\":{\"ID\":\"x\"}}",
        "{\"Type\":\"container\",\"Action\":\"die\",\"Actor\":{\"ID\":\"../../x\"}}",
        "{\"Type\":\"container\",\"Action\":\"die\",\"Actor\":{\"ID\":5,\"Attributes\":[]}}",
        "{\"Type\":\"container\",\"Action\":\"exec_die\",\"Actor\":{\"ID\":\"" ID "\"}}",
        "{\"Type\":\"container\",\"Action\":\"oom\",\"Actor\":{\"ID\":\"" ID "\"}}",
        "{\"Type\":\"network\",\"Action\":\"connect\",\"Actor\":{\"ID\":\"web\"}}",
        "{\"Type\":\"network\",\"Action\":\"create\",\"Actor\":{\"ID\":\"" ID "\","
        "\"Attributes\":{\"container\":\"" ID "\"}}}",
    };
    struct docker_event event;
    (void)state;
    for (size_t i = 0; i < COUNT(none); i++)
        assert_false(read_text(none[i], &event));
    for (size_t i = 0; i < COUNT(other); i++) {
        assert_true(read_text(other[i], &event));
        assert_int_equal(event.kind, DOCKER_EVENT_OTHER);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_captures),
        cmocka_unit_test(test_newer_engines),
        cmocka_unit_test(test_podman),
        cmocka_unit_test(test_what_is_no_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
