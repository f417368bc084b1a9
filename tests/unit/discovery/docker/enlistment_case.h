/* Containers as a case asks for them, and what a catalog is to have of them, as text. */
#ifndef TESTS_UNIT_DISCOVERY_DOCKER_ENLISTMENT_CASE_H
#define TESTS_UNIT_DISCOVERY_DOCKER_ENLISTMENT_CASE_H

#include <stdlib.h>
#include <string.h>

#include "discovery/docker/enlistment.h"
#include "lb/base/text.h"
#include "tests/unit/discovery/fixture.h"

/* JSON, but for names; NULL: nothing of the kind. */
struct run {
    const char *name, *image;
    const char *environment, *labels; /* an array, an object */
    const char *exposed, *ports;      /* inspect's ExposedPorts and NetworkSettings.Ports */
    const char *networks, *mode;      /* "name=ip name=ip" */
    const char *health, *output;      /* State.Health.Status, and what its check said last */
    bool is_paused;
    int ended_with; /* not 0: it has ended, with that */
};

#define PORT_8001 "{\"8001/tcp\":[{\"HostIp\":\"0.0.0.0\",\"HostPort\":\"32768\"}]}"
#define TWO_PORTS                                                                                  \
    "{\"80/tcp\":[{\"HostIp\":\"0.0.0.0\",\"HostPort\":\"8080\"}],"                                \
    "\"443/tcp\":[{\"HostIp\":\"0.0.0.0\",\"HostPort\":\"8443\"}]}"

struct enlistment_case {
    struct roster roster;
    struct vantage vantage;
    struct enlistment_settings settings;
    struct enlistment enlistment;
    struct registrations out;
    struct text text;
};

static struct enlistment_case world;

static inline int world_open(void **state)
{
    (void)state;
    world = (struct enlistment_case){.settings = {.is_on = true}};
    world.enlistment.settings = &world.settings;
    vantage_init(&world.vantage);
    return 0;
}

static inline int world_close(void **state)
{
    (void)state;
    enlistment_fini(&world.enlistment);
    registrations_fini(&world.out);
    roster_fini(&world.roster);
    vantage_fini(&world.vantage);
    text_fini(&world.text);
    return 0;
}

static inline json_t *world_json(const char *text, const char *otherwise)
{
    json_t *value = json_loads(text ? text : otherwise, 0, NULL);
    assert_non_null(value);
    return value;
}

static inline json_t *world_networks(const char *list)
{
    json_t *networks = json_object();
    char names[256];
    snprintf(names, sizeof(names), "%s", list ? list : "bridge=172.17.0.2");
    for (char *save, *pair = strtok_r(names, " ", &save); pair; pair = strtok_r(NULL, " ", &save)) {
        char *ip = strchr(pair, '=');
        *ip++ = '\0';
        json_object_set_new(networks, pair,
                            json_pack("{s:s,s:s}", "NetworkID", pair, "IPAddress", ip));
    }
    return networks;
}

static inline json_t *world_state(const struct run *run)
{
    json_t *state = json_pack("{s:b,s:s,s:b,s:i,s:b}", "Running", run->ended_with == 0, "Status",
                              run->ended_with == 0 ? "running" : "exited", "Paused",
                              (int)run->is_paused, "ExitCode", run->ended_with, "OOMKilled", 0);
    if (run->health)
        json_object_set_new(state, "Health",
                            json_pack("{s:s,s:i,s:[{s:i,s:s}]}", "Status", run->health,
                                      "FailingStreak", 9, "Log", "ExitCode", run->output ? 1 : 0,
                                      "Output", run->output ? run->output : "fine"));
    return state;
}

static inline struct container *world_container(const struct run *run, char digit)
{
    static const struct dialect_settings settings = {.registers = true};
    struct engine_id id = fixture_id(digit);
    json_t *root =
        json_pack("{s:s,s:s,s:o,s:{s:s},s:{s:s,s:o,s:o,s:o},s:{s:o,s:o}}", "Id", id.text, "Name",
                  run->name ? run->name : "/web1", "State", world_state(run), "HostConfig",
                  "NetworkMode", run->mode ? run->mode : "default", "Config", "Image",
                  run->image ? run->image : "acme/shop:1.2", "Labels",
                  world_json(run->labels, "{}"), "Env", world_json(run->environment, "[]"),
                  "ExposedPorts", world_json(run->exposed, "{}"), "NetworkSettings", "Networks",
                  world_networks(run->networks), "Ports", world_json(run->ports, "{}"));
    assert_non_null(root);
    struct container *container = container_from_inspect(root, &settings);
    json_decref(root);
    assert_non_null(container);
    return container;
}

static inline struct member *world_admit(struct container *container)
{
    struct listing entry = {.id = container->id,
                            .name = container->name,
                            .state = "running",
                            .image = "x",
                            .is_alive = true,
                            .fingerprint = 1};
    struct member *member;
    roster_take_listing(&world.roster, &entry, 0, false, &member);
    roster_take_container(&world.roster, member, container, 0);
    return member;
}

/* Starts one. */
static inline struct member *world_run(char digit, struct run run)
{
    return world_admit(world_container(&run, digit));
}

static inline void world_event(enum docker_event_kind kind, char digit, int exit_code)
{
    char code[16];
    snprintf(code, sizeof(code), "%d", exit_code);
    json_t *attributes = json_pack("{s:s}", "exitCode", code);
    struct member *member;
    roster_take_event(&world.roster,
                      &(struct docker_event){.kind = kind,
                                             .action = "x",
                                             .signal = 15,
                                             .container = fixture_id(digit),
                                             .name = "web1",
                                             .image = "x",
                                             .driver = "",
                                             .attributes = attributes},
                      1, &member);
    json_decref(attributes);
}

static inline void world_take(void)
{
    enlistment_take(&world.enlistment, &world.roster, &world.vantage, "h1", "ENGINE", &world.out);
}

static inline void world_write_check(const struct registration *item, struct text *out)
{
    static const char *const healths[] = {"passing", "warning", "critical"};
    if (item->check == REGISTRATION_CHECK_HEALTH)
        text_appendf(out, " health=%s", healths[item->health]);
    if (item->check == REGISTRATION_CHECK_PROBE)
        text_appendf(out, " probe=%s %s \"%s\" %u/%u", item->probe.method, item->probe.url,
                     item->probe.text, item->probe.interval_ms, item->probe.timeout_ms);
    if (item->check == REGISTRATION_CHECK_AGENT) {
        char *definition = json_dumps(item->definition, JSON_COMPACT | JSON_SORT_KEYS);
        text_appendf(out, " %s", definition);
        free(definition);
    }
    if (item->output)
        text_appendf(out, " (%s)", item->output);
    if (item->deregister_after)
        text_appendf(out, " after=%s", item->deregister_after);
}

/* "id name address:port [tag] *weight check draining" of each, with "; " between them. */
static inline const char *world_write(void)
{
    struct text *out = &world.text;
    text_clear(out);
    text_append_str(out, "");
    for (size_t i = 0; i < world.out.count; i++) {
        const struct registration *item = &world.out.items[i];
        text_appendf(out, "%s%s %s %s:%u", i > 0 ? "; " : "", item->id, item->name, item->address,
                     item->port);
        for (size_t j = 0; j < json_array_size(item->tags); j++)
            text_appendf(out, " [%s]", json_string_value(json_array_get(item->tags, j)));
        if (item->weight > 0)
            text_appendf(out, " *%u", item->weight);
        world_write_check(item, out);
        text_append_str(out, item->is_draining ? " draining" : "");
    }
    return text_str(out);
}

static inline void world_expect(const char *expected)
{
    world_take();
    assert_string_equal(world_write(), expected);
}

/* Something of it is told about the container. */
static inline void world_expect_remark(const char *name, const char *part)
{
    for (size_t i = 0; i < world.out.remark_count; i++)
        if (strcmp(world.out.remarks[i].container_name, name) == 0 &&
            strstr(world.out.remarks[i].sentence, part))
            return;
    fail_msg("nothing is told of %s: %s", name, part);
}

#endif
