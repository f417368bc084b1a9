/* What a Consul agent has: GET /v1/agent/services and GET /v1/agent/checks, read as bytes from a stranger. Pure. */
#ifndef DISCOVERY_REGISTRAR_AGENT_LIST_H
#define DISCOVERY_REGISTRAR_AGENT_LIST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lb/base/view.h"

/* The reason that the registrar gives for a maintenance, by which it knows its own. */
#define AGENT_LIST_REASON "lb: told to stop"

enum agent_list_maintenance {
    AGENT_LIST_IN_USE,
    AGENT_LIST_STOPPING,      /* as the registrar has told */
    AGENT_LIST_IN_MAINTENANCE /* by somebody else, who ends it, too */
};

/* Strings are borrowed from the list. */
struct agent_list_item {
    const char *id;
    const char *owner; /* who has registered it, as its Meta says; "" when it says nothing */
    uint64_t content;  /* entry_content.h */
    enum agent_list_maintenance maintenance;
};

/* Zeroed memory is empty. */
struct agent_list {
    struct agent_list_item *items; /* sorted by id, each once */
    size_t count;
    json_t *services, *checks;
};

/* What cannot be an entry is passed over. Gives: agent_list_fini(). Fails: false, and `*problem` is a constant. */
bool agent_list_read(struct view services, struct view checks, struct agent_list *out,
                     const char **problem);
void agent_list_fini(struct agent_list *list);

/* One service as GET /v1/agent/service/ID has it, of which only the owner is known. Gives: json_decref() it. Fails:
 * NULL when it is none. `*owner` is borrowed from it. */
json_t *agent_list_read_one(struct view service, const char **owner);

#endif
