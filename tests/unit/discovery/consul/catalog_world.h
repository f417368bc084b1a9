/* Services of a catalog, and the set that comes of them. */
#ifndef TESTS_UNIT_DISCOVERY_CONSUL_CATALOG_WORLD_H
#define TESTS_UNIT_DISCOVERY_CONSUL_CATALOG_WORLD_H

#include <string.h>

#include "discovery/consul/gathering.h"
#include "lb/base/text.h"
#include "tests/unit/discovery/consul/captured.h"

#define WORLD_SERVICES_MAX 4

struct catalog_world {
    struct instances services[WORLD_SERVICES_MAX];
    struct instances *lists[WORLD_SERVICES_MAX];
    size_t count;
    struct catalog_entry_rules rules;
    struct dialect_settings settings;
    uint64_t wall_ns;
    struct text events;
    struct gathering gathering;
    struct set set;
};

static inline void world_note(void *owner, const char *word)
{
    struct catalog_world *world = owner;
    text_appendf(&world->events, "%s%s", world->events.len > 0 ? "," : "", word);
}

static inline struct instances *world_add(struct catalog_world *world, const char *service)
{
    struct instances *instances = &world->services[world->count];
    instances_init(instances, service);
    world->lists[world->count++] = instances;
    return instances;
}

/* Gives whether anything is another. Takes `answer`. */
static inline bool world_take_json(struct catalog_world *world, struct instances *instances,
                                   json_t *answer)
{
    const char *problem;
    text_clear(&world->events);
    world->wall_ns++;
    bool has_changed = instances_take(instances, answer,
                                      &(struct instances_intake){.rules = &world->rules,
                                                                 .settings = &world->settings,
                                                                 .wall_ns = world->wall_ns,
                                                                 .owner = world,
                                                                 .on_event = world_note},
                                      &problem);
    assert_null(problem);
    json_decref(answer);
    return has_changed;
}

static inline bool world_take(struct catalog_world *world, struct instances *instances,
                              const char *answer)
{
    return world_take_json(world, instances, quoted(answer));
}

static inline const struct set *world_gather(struct catalog_world *world)
{
    gathering_fill(&world->gathering, world->lists, world->count, &world->settings, &world->set);
    return &world->set;
}

static inline int world_open(struct catalog_world *world)
{
    *world = (struct catalog_world){.rules = {.own_node = "n1"}, .wall_ns = 100};
    return 0;
}

static inline int world_close(struct catalog_world *world)
{
    gathering_fini(&world->gathering);
    set_fini(&world->set);
    for (size_t i = 0; i < world->count; i++)
        instances_fini(&world->services[i]);
    text_fini(&world->events);
    return 0;
}

/* "[…]" with one entry of that service for each call's arguments. */
#define ENTRY(node, id, service, more, checks)                                                     \
    "{'Node':{'Node':'" node "','Address':'10.0.0.9'},'Service':{'ID':'" id                        \
    "','Service':'" service "'," more "},'Checks':[" checks "]}"

#endif
