#include "lb/follow/membership.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/clock.h"
#include "lb/base/memory.h"
#include "lb/contract/key.h"
#include "lb/contract/left_out_reason.h"
#include "lb/follow/line_changes.h"
#include "lb/follow/member.h"
#include "lb/follow/service_reader.h"
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
    free(wanted->services);
}

void membership_fini(struct membership *membership)
{
    backends_fini(&membership->backends);
    reach_forget_own(&membership->reach);
    free_wanted(&membership->wanted);
    arena_fini(&membership->names);
    route_keeper_fini(&membership->routes);
    state_line_fini(&membership->line);
    state_line_fini(&membership->spare);
    sign_of_life_fini(&membership->life);
    text_fini(&membership->passed_over);
    *membership = (struct membership){0};
}

/* ---- the line -------------------------------------------------------------------------------- */

bool membership_serves(const struct membership *membership, const char *service)
{
    return route_keeper_serves(&membership->routes, membership->service, service);
}

/* What a line wants. */
struct reading {
    struct membership *membership;
    struct pool_wanted wanted;
    struct arena names;
    struct member_place place;
    struct text passed_over;
    size_t endpoint_count; /* that the line has, in whichever service */
};

static struct pool_wanted nothing_wanted(const struct membership *membership)
{
    return (struct pool_wanted){.routed = membership->service, .is_followed = true};
}

/* The line's own string goes with the line, though its endpoints may stay. */
static const char *keep_name(struct reading *reading, const char *name)
{
    if (strcmp(name, reading->membership->service) == 0)
        return reading->membership->service;
    return arena_copy(&reading->names, view_of(name, strlen(name) + 1)).ptr;
}

static bool make_room(struct reading *reading, size_t count)
{
    struct pool_wanted *wanted = &reading->wanted;
    if (wanted->endpoint_count + count > LIMITS_ENDPOINTS_MAX) {
        text_appendf(reading->place.problem, "more than %u endpoints", LIMITS_ENDPOINTS_MAX);
        return false;
    }
    wanted->endpoints = memory_resize(wanted->endpoints, (wanted->endpoint_count + count) *
                                                             sizeof(*wanted->endpoints));
    return true;
}

/* That it is led elsewhere is its owner's to know; what it speaks may be the operator's. */
static bool is_unserved(struct reading *reading, const json_t *object,
                        const struct pool_wanted_endpoint *endpoint)
{
    struct text why = TEXT_INIT;
    const char *reason = unserved_reason(&reading->membership->reach, object, &why);
    if (left_out_reason_parse(reason) == LEFT_OUT_OTHER_PROTOCOL)
        service_reader_note(endpoint->service, endpoint->name, text_view(&why),
                            &reading->passed_over);
    text_fini(&why);
    return reason != NULL;
}

static bool read_endpoint(struct reading *reading, const json_t *object, const char *service)
{
    struct pool_wanted *wanted = &reading->wanted;
    struct pool_wanted_endpoint endpoint = {.service = service};
    bool is_good = member_read(&reading->place, object, &endpoint);
    if (is_good && service && !is_unserved(reading, object, &endpoint))
        wanted->endpoints[wanted->endpoint_count++] = endpoint;
    else
        member_fini(&endpoint);
    return is_good;
}

static void read_options(struct reading *reading, const json_t *service, const char *name)
{
    struct pool_wanted *wanted = &reading->wanted;
    struct pool_wanted_service of_name = {.name = name};
    if (!service_reader_read(service, &reading->names, &of_name.options, &reading->passed_over))
        return;
    wanted->services =
        memory_resize(wanted->services, (wanted->service_count + 1) * sizeof(*wanted->services));
    wanted->services[wanted->service_count++] = of_name;
}

static bool read_service(struct reading *reading, const json_t *service)
{
    struct member_place *place = &reading->place;
    const char *name = member_string(service, KEY_NAME);
    const json_t *endpoints = json_object_get(service, KEY_ENDPOINTS);
    if (!name || !json_is_array(endpoints)) {
        text_appendf(place->problem, "services[%zu]: want a name and an array of endpoints",
                     place->service);
        return false;
    }
    bool is_served = membership_serves(reading->membership, name);
    const char *kept = is_served ? keep_name(reading, name) : NULL;
    if (!make_room(reading, json_array_size(endpoints)))
        return false;
    if (kept)
        read_options(reading, service, kept);
    for (place->endpoint = 0; place->endpoint < json_array_size(endpoints); place->endpoint++)
        if (!read_endpoint(reading, json_array_get(endpoints, place->endpoint), kept))
            return false;
    reading->endpoint_count += json_array_size(endpoints);
    return true;
}

static int compare_ids(const void *left, const void *right)
{
    const struct pool_wanted_endpoint *const *a = left, *const *b = right;
    return strcmp((*a)->id, (*b)->id);
}

/* Some id stands in several services. */
static void mark_shared(struct pool_wanted *wanted)
{
    unsigned count = wanted->endpoint_count;
    struct pool_wanted_endpoint **by_id = memory_new((count + 1) * sizeof(by_id[0]));
    for (unsigned i = 0; i < count; i++)
        by_id[i] = &wanted->endpoints[i];
    if (count > 0)
        qsort(by_id, count, sizeof(by_id[0]), compare_ids);
    for (unsigned i = 1; i < count; i++)
        if (strcmp(by_id[i - 1]->id, by_id[i]->id) == 0)
            by_id[i - 1]->is_shared = by_id[i]->is_shared = true;
    free(by_id);
}

static bool read_services(struct reading *reading, const json_t *line)
{
    const json_t *services = json_object_get(line, KEY_SERVICES);
    struct member_place *place = &reading->place;
    bool is_good = true;
    if (!json_is_array(services)) {
        text_append_str(place->problem, "services: want an array");
        return false;
    }
    place->ids = json_object();
    for (; is_good && place->service < json_array_size(services); place->service++)
        is_good = read_service(reading, json_array_get(services, place->service));
    if (is_good && json_object_size(place->ids) < reading->endpoint_count)
        mark_shared(&reading->wanted);
    json_decref(place->ids);
    return is_good;
}

static void forget_reading(struct reading *reading)
{
    free_wanted(&reading->wanted);
    arena_fini(&reading->names);
    text_fini(&reading->passed_over);
}

static enum err unrouted(const struct membership *membership)
{
    switch (membership->unrouted) {
    case MEMBERSHIP_NOT_FOUND:
        return ERR_NO_ROUTE;
    case MEMBERSHIP_UNAVAILABLE:
        return ERR_NO_ENDPOINT;
    case MEMBERSHIP_TO_DEFAULT:
        return ERR_OK;
    default:
        return membership->routes.table ? ERR_NO_ROUTE : ERR_OK;
    }
}

static void take_routes(struct membership *membership)
{
    membership->wanted.routes = membership->routes.table;
    membership->wanted.unrouted = unrouted(membership);
}

static void take_reading(struct membership *membership, const struct reading *reading)
{
    free_wanted(&membership->wanted);
    arena_fini(&membership->names);
    membership->wanted = reading->wanted;
    membership->names = reading->names;
    text_fini(&membership->passed_over);
    membership->passed_over = reading->passed_over;
    take_routes(membership);
}

/* All of it anew. Fails: false, and nothing has changed. */
static bool read_again(struct membership *membership, const json_t *line, struct text *problem)
{
    struct reading reading = {
        .membership = membership, .wanted = nothing_wanted(membership), .place.problem = problem};
    bool is_good = read_services(&reading, line);
    if (is_good)
        take_reading(membership, &reading);
    else
        forget_reading(&reading);
    return is_good;
}

/* What is wanted from now on. Strings of endpoints that stay live in objects that both lines have.
 */
static bool take_services(struct membership *membership, const json_t *line, struct text *problem)
{
    struct line_changes changes; /* the list is long and mostly not used */
    changes.service = membership->service;
    changes.routes = &membership->routes;
    changes.reach = &membership->reach;
    changes.wanted = &membership->wanted;
    changes.count = 0;
    if (route_table_leads_alike(membership->wanted.routes, membership->routes.table) &&
        line_changes_find(&changes, membership->line.root, line)) {
        line_changes_apply(&changes);
        take_routes(membership);
        return true;
    }
    line_changes_forget(&changes);
    return read_again(membership, line, problem);
}

/* The routes first: they say which services are wanted. */
static bool take_state(struct membership *membership, const json_t *line, struct text *problem)
{
    struct route_keeper before = membership->routes, next;
    bool has_routes = member_int(line, KEY_VERSION, -1) > 1;
    struct route_keeper_line said = {
        .routes = has_routes ? json_object_get(line, KEY_ROUTES) : NULL,
        .services = json_object_get(line, KEY_SERVICES),
        .services_before = json_object_get(membership->line.root, KEY_SERVICES),
        .now_ms = membership->now_ms};
    if (json_array_size(json_object_get(line, KEY_LEFT_OUT)) > LIMITS_LEFT_OUT_MAX) {
        text_appendf(problem, "left_out: more than %u entries", LIMITS_LEFT_OUT_MAX);
        return false;
    }
    enum route_keeper_news news = route_keeper_read(&before, &said, &next, problem);
    if (news == ROUTE_KEEPER_REFUSED)
        return false;
    if (news == ROUTE_KEEPER_SAME)
        return take_services(membership, line, problem);
    membership->routes = next;
    bool is_good = take_services(membership, line, problem);
    if (!is_good)
        membership->routes = before;
    route_keeper_fini(is_good ? &before : &next);
    return is_good;
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
    if (!take_state(membership, next.root, problem))
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

bool membership_expire(struct membership *membership)
{
    struct text ignored = TEXT_INIT;
    if (!route_keeper_expire(&membership->routes, membership->now_ms))
        return false;
    read_again(membership, membership->line.root, &ignored); /* a good one */
    text_fini(&ignored);
    return true;
}

void membership_route(struct membership *membership, const char *service)
{
    struct text ignored = TEXT_INIT;
    membership->service = service;
    membership->wanted.routed = service;
    membership->wanted.unrouted = unrouted(membership);
    if (membership->line.root)
        read_again(membership, membership->line.root, &ignored);
    for (unsigned i = 0; !membership->line.root && i < membership->wanted.endpoint_count; i++)
        membership->wanted.endpoints[i].service = service;
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
