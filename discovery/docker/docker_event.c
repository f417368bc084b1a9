#include "discovery/docker/docker_event.h"

#include <stdio.h>

#include "discovery/field.h"
#include "discovery/docker/signal_name.h"

static const struct {
    const char *action;
    enum docker_event_kind kind;
} container_actions[] = {
    {"start", DOCKER_EVENT_START},
    {"restart", DOCKER_EVENT_RESTART},
    {"kill", DOCKER_EVENT_KILL},
    {"die", DOCKER_EVENT_DIE},
    {"stop", DOCKER_EVENT_DIE},
    {"destroy", DOCKER_EVENT_DESTROY},
    {"pause", DOCKER_EVENT_PAUSE},
    {"unpause", DOCKER_EVENT_UNPAUSE},
    {"rename", DOCKER_EVENT_RENAME},
    {"update", DOCKER_EVENT_CHANGE},
    {"health_status: healthy", DOCKER_EVENT_HEALTHY},
    {"health_status: unhealthy", DOCKER_EVENT_UNHEALTHY},
};

/* Docker's word for one of Podman's own. */
static const char *translate(const char *action)
{
    static const char *const words[][2] = {{"died", "die"}, {"remove", "destroy"}};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(action, words[i][0]) == 0)
            return words[i][1];
    return action;
}

static enum docker_event_kind container_kind(const char *action)
{
    for (size_t i = 0; i < sizeof(container_actions) / sizeof(container_actions[0]); i++)
        if (strcmp(action, container_actions[i].action) == 0)
            return container_actions[i].kind;
    return strncmp(action, "health_status", 13) == 0 ? DOCKER_EVENT_CHANGE : DOCKER_EVENT_OTHER;
}

static enum docker_event_kind network_kind(const char *action)
{
    if (strcmp(action, "connect") == 0)
        return DOCKER_EVENT_CONNECT;
    return strcmp(action, "disconnect") == 0 ? DOCKER_EVENT_DISCONNECT : DOCKER_EVENT_OTHER;
}

/* For Docker the actor is the network; Podman 4 has the container there, and no attribute. */
static void take_network_actor(struct docker_event *out, struct view *id)
{
    struct view container = view_str(field_str(out->attributes, "container"));
    if (container.len == 0)
        return;
    network_id_parse(*id, &out->network);
    *id = container;
}

bool docker_event_read(const json_t *document, struct docker_event *out)
{
    const char *type = field_str(document, "Type");
    const char *action = translate(field_str(document, "Action"));
    const json_t *actor = json_object_get(document, "Actor");
    *out = (struct docker_event){.attributes = json_object_get(actor, "Attributes")};
    if (type[0] == '\0' || action[0] == '\0' || !json_is_object(actor))
        return false;
    out->name = field_str(out->attributes, "name");
    out->image = field_str(out->attributes, "image");
    out->driver = field_str(out->attributes, "type");
    snprintf(out->action, sizeof(out->action), "%s", action);
    json_int_t time_ns = field_int(document, "timeNano", 0);
    out->time_ns = time_ns > 0 ? (uint64_t)time_ns : 0;
    out->signal = signal_name_parse(view_str(field_str(out->attributes, "signal")));
    struct view container = view_str(field_str(actor, "ID"));
    if (strcmp(type, "container") == 0) {
        out->kind = container_kind(action);
    } else if (strcmp(type, "network") == 0) {
        out->kind = network_kind(action);
        take_network_actor(out, &container);
    }
    if (!engine_id_parse_container(container, &out->container))
        out->kind = DOCKER_EVENT_OTHER;
    return true;
}
