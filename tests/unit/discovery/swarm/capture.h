/* What a real manager (Docker 20.10, one node) has told, and tasks made from it. */
#ifndef TESTS_UNIT_DISCOVERY_SWARM_CAPTURE_H
#define TESTS_UNIT_DISCOVERY_SWARM_CAPTURE_H

#include <stdlib.h>

#include "discovery/swarm/swarm_nodes.h"
#include "discovery/swarm/swarm_services.h"
#include "tests/unit/discovery/fixture.h"

#define CAPTURE_NODE    "ki9l5smbp1rzrumyonayvj4yi"
#define CAPTURE_SERVICE "rie3yalbbc86tbi90e1ktwds5"
#define CAPTURE_PENDING 0 /* in tasks.json: waits for a node with a free port */
#define CAPTURE_RUNNING 1

static inline json_t *capture_load(const char *name)
{
    char path[128];
    json_error_t error;
    snprintf(path, sizeof(path), "fixtures/%s.json", name);
    json_t *document = json_load_file(path, 0, &error);
    if (!document)
        fail_msg("%s: %s", path, error.text);
    return document;
}

static inline void capture_services(struct swarm_services *services)
{
    json_t *list = capture_load("services");
    for (size_t i = 0; i < json_array_size(list); i++)
        swarm_services_take(services, json_array_get(list, i));
    swarm_services_sort(services);
    json_decref(list);
}

static inline void capture_nodes(struct swarm_nodes *nodes)
{
    json_t *list = capture_load("nodes");
    for (size_t i = 0; i < json_array_size(list); i++)
        swarm_nodes_take(nodes, json_array_get(list, i));
    swarm_nodes_sort(nodes);
    json_decref(list);
}

/* One of the two tasks. Gives. */
static inline json_t *capture_task(size_t which)
{
    json_t *list = capture_load("tasks");
    json_t *task = json_deep_copy(json_array_get(list, which));
    json_decref(list);
    assert_non_null(task);
    return task;
}

/* Writes what stands in JSON at a path of keys with dots between them. */
static inline void capture_set(json_t *document, const char *path, const char *json)
{
    struct view rest = view_str(path);
    json_t *at = document;
    for (;;) {
        char key[64];
        struct view part = view_cut(&rest, '.');
        snprintf(key, sizeof(key), "%.*s", (int)part.len, part.ptr);
        if (rest.len == 0) {
            json_object_set_new(at, key, json_loads(json, JSON_DECODE_ANY, NULL));
            return;
        }
        if (!json_object_get(at, key))
            json_object_set_new(at, key, json_object());
        at = json_object_get(at, key);
    }
}

#endif
