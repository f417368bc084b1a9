#include "lb/follow/wanted_reader.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"
#include "lb/contract/key.h"
#include "lb/contract/left_out_reason.h"
#include "lb/contract/limits.h"
#include "lb/follow/bystanders.h"
#include "lb/follow/member.h"
#include "lb/follow/service_reader.h"
#include "lb/follow/unserved.h"

/* What more than one service has of a container is bounded, too. */
#define LISTINGS_MAX (3 * LIMITS_ENDPOINTS_MAX)

/* One line, service after service. */
struct walk {
    struct wanted_reading *reading;
    struct member_place place;
    struct bystanders bystanders;
    struct serving serving; /* of the service at hand */
    const char *name;       /* its name, kept; NULL: it is not served */
    unsigned room;
    size_t listed_count;   /* endpoints, in however many services */
    size_t endpoint_count; /* that the line has, in whichever service */
};

void wanted_reader_free(struct pool_wanted *wanted)
{
    for (unsigned i = 0; i < wanted->endpoint_count; i++)
        member_fini(&wanted->endpoints[i]);
    free(wanted->endpoints);
    free(wanted->services);
}

void wanted_reader_forget(struct wanted_reading *reading)
{
    wanted_reader_free(&reading->wanted);
    arena_fini(&reading->names);
    text_fini(&reading->passed_over);
}

/* ---- an endpoint ----------------------------------------------------------------------------- */

static void make_room(struct walk *walk)
{
    struct pool_wanted *wanted = &walk->reading->wanted;
    if (wanted->endpoint_count < walk->room)
        return;
    walk->room = 2 * walk->room + 16;
    wanted->endpoints = memory_resize(wanted->endpoints, walk->room * sizeof(*wanted->endpoints));
}

/* The first listing takes what `endpoint` owns; the others have copies. */
static void list_as(struct walk *walk, struct pool_wanted_endpoint *endpoint, const char *service,
                    enum service_kind kind, bool is_again)
{
    struct pool_wanted *wanted = &walk->reading->wanted;
    make_room(walk);
    struct pool_wanted_endpoint *listed = &wanted->endpoints[wanted->endpoint_count++];
    *listed = *endpoint;
    listed->service = service;
    listed->kind = kind;
    listed->is_shared = is_again;
    if (is_again && endpoint->check) {
        listed->check = memory_new(sizeof(*listed->check));
        *listed->check = *endpoint->check;
    }
}

/* In its own service, as whatever that is served, and in those that its container has joined. */
static void list(struct walk *walk, struct pool_wanted_endpoint *endpoint)
{
    const struct serving *serving = &walk->serving;
    const struct listener_join *joins = NULL;
    struct pool_wanted *wanted = &walk->reading->wanted;
    unsigned first = wanted->endpoint_count, count = 0;
    for (unsigned kind = 0; kind < SERVICE_KIND_COUNT; kind++)
        if (serving->kinds[kind] &&
            serving_fits(serving, endpoint->protocol, endpoint->container, (enum service_kind)kind))
            list_as(walk, endpoint, walk->name, (enum service_kind)kind,
                    wanted->endpoint_count > first);
    if (serving->has_joins)
        joins =
            listener_rules_joins(serving->listeners, serving->name, endpoint->container, &count);
    for (unsigned i = 0; i < count && wanted->endpoint_count < LISTINGS_MAX; i++)
        if (serving_fits(serving, endpoint->protocol, endpoint->container, joins[i].kind))
            list_as(walk, endpoint, joins[i].target, joins[i].kind, wanted->endpoint_count > first);
    if (wanted->endpoint_count > first + 1)
        wanted->endpoints[first].is_shared = true;
    if (wanted->endpoint_count == first)
        member_fini(endpoint);
    walk->listed_count++;
}

/* That it is led elsewhere is its owner's to know; what it speaks may be the operator's. */
static bool is_unserved(struct walk *walk, const json_t *object,
                        const struct pool_wanted_endpoint *endpoint)
{
    struct text why = TEXT_INIT;
    const char *reason = unserved_reason(walk->reading->reach, &walk->serving, object, &why);
    if (left_out_reason_parse(reason) == LEFT_OUT_OTHER_PROTOCOL &&
        !bystanders_have(&walk->bystanders, object))
        service_reader_note(walk->name, endpoint->name, text_view(&why),
                            &walk->reading->passed_over);
    text_fini(&why);
    return reason != NULL;
}

static bool read_endpoint(struct walk *walk, const json_t *object)
{
    struct pool_wanted_endpoint endpoint = {0};
    bool is_good = member_read(&walk->place, object, &endpoint);
    if (is_good && walk->name && !is_unserved(walk, object, &endpoint))
        list(walk, &endpoint);
    else
        member_fini(&endpoint);
    return is_good;
}

/* ---- a service ------------------------------------------------------------------------------- */

/* The line's own string goes with the line, though its endpoints may stay. */
static const char *keep_name(struct walk *walk, const char *name)
{
    struct wanted_reading *reading = walk->reading;
    if (strcmp(name, reading->leading.service) == 0)
        return reading->leading.service;
    return arena_copy(&reading->names, view_of(name, strlen(name) + 1)).ptr;
}

static void read_options(struct walk *walk, const json_t *service)
{
    struct wanted_reading *reading = walk->reading;
    struct pool_wanted *wanted = &reading->wanted;
    struct pool_wanted_service of_name = {.name = walk->name};
    if (!service_reader_read(service, &reading->names, &of_name.options, &reading->passed_over))
        return;
    if (!walk->serving.kinds[SERVICE_HTTP])
        service_reader_note_http(walk->name, &of_name.options, &reading->passed_over);
    wanted->services =
        memory_resize(wanted->services, (wanted->service_count + 1) * sizeof(*wanted->services));
    wanted->services[wanted->service_count++] = of_name;
}

static bool read_service(struct walk *walk, const json_t *service)
{
    struct member_place *place = &walk->place;
    const char *name = member_string(service, KEY_NAME);
    const json_t *endpoints = json_object_get(service, KEY_ENDPOINTS);
    size_t count = json_array_size(endpoints);
    if (!name || !json_is_array(endpoints)) {
        text_appendf(place->problem, "services[%zu]: want a name and an array of endpoints",
                     place->service);
        return false;
    }
    if (walk->listed_count + count > LIMITS_ENDPOINTS_MAX) {
        text_appendf(place->problem, "more than %u endpoints", LIMITS_ENDPOINTS_MAX);
        return false;
    }
    serving_of(&walk->reading->leading, service, &walk->serving);
    walk->name = serving_is_any(&walk->serving) ? keep_name(walk, name) : NULL;
    if (walk->name)
        read_options(walk, service);
    for (place->endpoint = 0; place->endpoint < count; place->endpoint++)
        if (!read_endpoint(walk, json_array_get(endpoints, place->endpoint)))
            return false;
    walk->endpoint_count += count;
    return true;
}

/* ---- the line -------------------------------------------------------------------------------- */

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

bool wanted_reader_read(struct wanted_reading *reading, const json_t *line, struct text *problem)
{
    const json_t *services = json_object_get(line, KEY_SERVICES);
    struct walk walk = {
        .reading = reading, .place.problem = problem, .bystanders.services = services};
    struct member_place *place = &walk.place;
    bool is_good = true;
    if (!json_is_array(services)) {
        text_append_str(problem, "services: want an array");
        return false;
    }
    place->ids = json_object();
    for (; is_good && place->service < json_array_size(services); place->service++)
        is_good = read_service(&walk, json_array_get(services, place->service));
    if (is_good && json_object_size(place->ids) < walk.endpoint_count)
        mark_shared(&reading->wanted);
    json_decref(place->ids);
    bystanders_fini(&walk.bystanders);
    return is_good;
}
