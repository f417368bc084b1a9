#include "lb/follow/membership.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/clock.h"
#include "lb/base/memory.h"
#include "lb/contract/key.h"
#include "lb/follow/line_changes.h"
#include "lb/follow/member.h"
#include "lb/follow/unserved.h"

void membership_init(struct membership *membership, const char *service)
{
    *membership = (struct membership){.service = service, .wanted.routed = service};
}

static void free_wanted(struct pool_wanted *wanted)
{
    for (unsigned i = 0; i < wanted->endpoint_count; i++)
        member_fini(&wanted->endpoints[i]);
    free(wanted->endpoints);
}

void membership_fini(struct membership *membership)
{
    backends_fini(&membership->backends);
    free_wanted(&membership->wanted);
    state_line_fini(&membership->line);
    state_line_fini(&membership->spare);
    sign_of_life_fini(&membership->life);
    *membership = (struct membership){0};
}

/* ---- the line -------------------------------------------------------------------------------- */

static bool read_service(struct membership *membership, const struct member_place *at,
                         const json_t *service, struct pool_wanted *wanted)
{
    struct member_place place = *at;
    const char *name = member_string(service, KEY_NAME);
    const json_t *endpoints = json_object_get(service, KEY_ENDPOINTS);
    if (!name || !json_is_array(endpoints)) {
        text_appendf(place.problem, "services[%zu]: want a name and an array of endpoints",
                     place.service);
        return false;
    }
    bool is_routed = strcmp(name, membership->service) == 0;
    if (wanted->endpoint_count + json_array_size(endpoints) > LIMITS_ENDPOINTS_MAX) {
        text_appendf(place.problem, "more than %u endpoints", LIMITS_ENDPOINTS_MAX);
        return false;
    }
    wanted->endpoints =
        memory_resize(wanted->endpoints, (wanted->endpoint_count + json_array_size(endpoints)) *
                                             sizeof(*wanted->endpoints));
    for (place.endpoint = 0; place.endpoint < json_array_size(endpoints); place.endpoint++) {
        struct pool_wanted_endpoint endpoint = {.service = membership->service};
        const json_t *object = json_array_get(endpoints, place.endpoint);
        bool is_good = member_read(&place, object, &endpoint);
        if (is_good && is_routed && !unserved_reason(&membership->reach, object, NULL))
            wanted->endpoints[wanted->endpoint_count++] = endpoint;
        else
            member_fini(&endpoint);
        if (!is_good)
            return false;
    }
    return true;
}

static bool read_services(struct membership *membership, const json_t *line,
                          struct pool_wanted *wanted, struct text *problem)
{
    const json_t *services = json_object_get(line, KEY_SERVICES);
    bool is_good = true;
    if (!json_is_array(services)) {
        text_append_str(problem, "services: want an array");
        return false;
    }
    struct member_place place = {.problem = problem, .ids = json_object()};
    for (; is_good && place.service < json_array_size(services); place.service++)
        is_good = read_service(membership, &place, json_array_get(services, place.service), wanted);
    json_decref(place.ids);
    return is_good;
}

/* What is wanted from now on. Strings of endpoints that stay live in objects that both lines have.
 */
static bool take_services(struct membership *membership, const json_t *line, struct text *problem)
{
    struct pool_wanted wanted = {.routed = membership->service, .is_followed = true};
    struct line_changes changes; /* the list is long and mostly not used */
    changes.service = membership->service;
    changes.reach = &membership->reach;
    changes.wanted = &membership->wanted;
    changes.count = 0;
    if (json_array_size(json_object_get(line, KEY_LEFT_OUT)) > LIMITS_LEFT_OUT_MAX) {
        text_appendf(problem, "left_out: more than %u entries", LIMITS_LEFT_OUT_MAX);
        return false;
    }
    if (line_changes_find(&changes, membership->line.root, line)) {
        line_changes_apply(&changes);
        return true;
    }
    line_changes_forget(&changes);
    if (!read_services(membership, line, &wanted, problem)) {
        free_wanted(&wanted);
        return false;
    }
    free_wanted(&membership->wanted);
    membership->wanted = wanted;
    return true;
}

static bool check_head(const json_t *line, struct text *problem)
{
    json_int_t version = json_is_object(line) ? member_int(line, KEY_VERSION, -1) : -1;
    const json_t *routes = json_object_get(line, KEY_ROUTES);
    if (version != 1 && version != 2) {
        text_append_str(problem, "v: want version 1 or 2 of the format");
        return false;
    }
    if (version == 2 && routes && !json_is_array(routes)) {
        text_append_str(problem, "routes: want an array");
        return false;
    }
    return true;
}

/* Takes `membership->spare`, which has the new line, in place of the last one if it is good. */
static enum membership_news take_line(struct membership *membership, struct text *problem)
{
    const struct state_line next = membership->spare;
    const json_t *alive = json_object_get(next.root, KEY_ALIVE);
    if (!check_head(next.root, problem))
        return MEMBERSHIP_REFUSED;
    if (alive && json_object_get(next.root, KEY_SERVICES)) {
        text_append_str(problem, "alive: want none beside services");
        return MEMBERSHIP_REFUSED;
    }
    if (alive)
        return sign_of_life_read(&membership->life, alive, problem) ? MEMBERSHIP_ALIVE
                                                                    : MEMBERSHIP_REFUSED;
    if (!take_services(membership, next.root, problem))
        return MEMBERSHIP_REFUSED;
    membership->spare = membership->line;
    membership->line = next;
    membership->line_count++;
    if (!membership->life.events) /* of a program that gives no signs of life */
        obstacle_clear(&membership->life.obstacle);
    membership->last_line_ns = clock_wall_ns();
    return MEMBERSHIP_CHANGED;
}

enum membership_news membership_read_line(struct membership *membership, struct view line,
                                          struct text *problem)
{
    enum membership_news news = MEMBERSHIP_REFUSED;
    if (state_line_parse(&membership->spare, &membership->line, line, problem))
        news = take_line(membership, problem);
    state_line_clear(&membership->spare);
    membership->bad_line_count += news == MEMBERSHIP_REFUSED;
    return news;
}

void membership_route(struct membership *membership, const char *service)
{
    struct pool_wanted wanted = {.routed = service, .is_followed = true};
    struct text ignored = TEXT_INIT;
    membership->service = service;
    membership->wanted.routed = service;
    if (membership->line.root) { /* a good one, so it is taken again */
        read_services(membership, membership->line.root, &wanted, &ignored);
        free_wanted(&membership->wanted);
        membership->wanted = wanted;
    } else {
        for (unsigned i = 0; i < membership->wanted.endpoint_count; i++)
            membership->wanted.endpoints[i].service = service;
    }
    text_fini(&ignored);
}

void membership_take_backends(struct membership *membership, struct backends *backends)
{
    membership->wanted.endpoint_count = 0; /* they borrow from those that go */
    backends_want(backends, membership->service, &membership->wanted);
    backends_fini(&membership->backends);
    membership->backends = *backends;
    *backends = (struct backends){0};
}

/* ---- what else the line says --------------------------------------------------------------- */

const char *membership_loss_at(const struct membership *membership, size_t index)
{
    const json_t *losses = json_object_get(membership->line.root, KEY_LOSSES);
    return json_string_value(json_array_get(losses, index));
}

const char *membership_remark(const struct membership *membership, const char *id)
{
    const json_t *remarks = json_object_get(membership->line.root, KEY_REMARKS);
    return id ? json_string_value(json_object_get(remarks, id)) : NULL;
}
