#include "discovery/file/file_route.h"

#include <stdio.h>
#include <stdlib.h>

#include "discovery/field.h"
#include "discovery/file/file_endpoint.h"
#include "discovery/file/file_match.h"
#include "discovery/file/file_wishes.h"
#include "lb/base/memory.h"
#include "lb/contract/key.h"
#include "lb/contract/limits.h"
#include "lb/contract/route_check.h"

#define NUMBER_MAX    1000000000
#define CLOSED_STATUS 503

/* What is done, the same for all that an entry stands for. */
struct treatment {
    struct route route; /* but for host, path and conditions */
    bool strips_path;   /* the route's own */
};

void file_routes_fini(struct file_routes *routes)
{
    arena_fini(&routes->arena);
    free(routes->items);
    free(routes->entries);
    *routes = (struct file_routes){0};
}

static void add(struct file_routes *routes, const struct route *route, size_t entry)
{
    if (routes->count == routes->capacity) {
        routes->capacity = routes->capacity > 0 ? routes->capacity * 2 : 16;
        routes->items = memory_resize(routes->items, routes->capacity * sizeof(*routes->items));
        routes->entries =
            memory_resize(routes->entries, routes->capacity * sizeof(*routes->entries));
    }
    routes->entries[routes->count] = entry;
    routes->items[routes->count++] = *route;
}

/* ---- what is done --------------------------------------------------------------------------- */

static bool refuse(const struct file_place *place, const char *key, const char *what)
{
    struct file_place at = file_place_in_key(place, key);
    return file_place_refuse(&at, "%s", what);
}

static bool read_number(const struct file_place *place, const json_t *json, const char *key,
                        int *out)
{
    json_int_t number = field_int(json, key, NUMBER_MAX + 1LL);
    if (!json_object_get(json, key))
        return true;
    if (number < -NUMBER_MAX || number > NUMBER_MAX)
        return refuse(place, key, "a number from -1000000000 to 1000000000 is accepted");
    *out = (int)number;
    return true;
}

static bool read_answer(const struct file_place *place, const json_t *json, struct route *route)
{
    json_int_t status = field_int(json, KEY_ANSWER, 0);
    bool is_closed = route->answer_status != 0;
    if (!json_object_get(json, KEY_ANSWER))
        return is_closed || route->service.len > 0 ||
               refuse(place, KEY_SERVICE, "it is missing; a string is needed, or \"answer\"");
    if (status != 403 && status != 404 && status != 503)
        return refuse(place, KEY_ANSWER, "403, 404 or 503 is accepted");
    route->answer_status = (unsigned)status;
    return true;
}

static bool read_strip(const struct file_place *place, const json_t *json,
                       struct treatment *treatment)
{
    const json_t *strip = json_object_get(json, KEY_STRIP);
    treatment->strips_path = json_is_true(strip);
    if (json_is_string(strip) && json_string_value(strip)[0] == '/')
        treatment->route.strip = view_of(json_string_value(strip), json_string_length(strip));
    else if (strip && !json_is_boolean(strip))
        return refuse(place, KEY_STRIP, "true, false, or the path to strip is accepted");
    return true;
}

static bool read_add(const struct file_place *place, const json_t *json, struct route *route)
{
    const json_t *add = json_object_get(json, KEY_ADD);
    if (add && (!json_is_string(add) || json_string_length(add) == 0))
        return refuse(place, KEY_ADD, "a path is accepted");
    if (add)
        route->add = view_of(json_string_value(add), json_string_length(add));
    return true;
}

static bool read_treatment(const struct file_place *place, const json_t *json, struct arena *arena,
                           struct treatment *out, bool *has_unknown)
{
    struct route *route = &out->route;
    const char *service = NULL, *why = NULL;
    if (!file_endpoint_read_name(place, json, KEY_SERVICE, &service) ||
        !file_endpoint_read_name(place, json, KEY_WHY, &why))
        return false;
    route->service = view_str(service);
    route->why = view_str(why);
    route->is_ranked = json_object_get(json, KEY_RANK) != NULL;
    return file_wishes_read_route(place, json, arena, route, has_unknown) &&
           read_answer(place, json, route) && read_strip(place, json, out) &&
           read_add(place, json, route) &&
           read_number(place, json, KEY_PRIORITY, &route->priority) &&
           read_number(place, json, KEY_RANK, &route->rank);
}

/* ---- routes --------------------------------------------------------------------------------- */

static bool make(const struct file_place *place, const struct treatment *treatment,
                 const struct file_match *match, size_t number, struct arena *arena,
                 struct route *out)
{
    struct text problem = TEXT_INIT;
    *out = treatment->route;
    file_match_fill(match, number, arena, out);
    if (treatment->strips_path) {
        if (out->path.text.len == 0 || route_kind_is_regex(out->path.kind))
            return refuse(place, KEY_STRIP,
                          "true needs a path beside it that is no regular expression; give the "
                          "path to strip");
        out->strip = out->path.text;
    }
    bool is_good =
        number > 0 || route_check(out, &problem); /* the others differ in what was checked */
    if (!is_good)
        file_place_refuse(place, "%s", text_str(&problem));
    text_fini(&problem);
    return is_good;
}

/* Its number among the routes of the file. */
static size_t entry_of(const struct file_place *place)
{
    return place->steps[place->depth - 1].index;
}

static bool make_all(const struct file_place *place, const struct treatment *treatment,
                     const struct file_match *match, struct file_routes *routes)
{
    size_t count = file_match_count(match);
    if (count > LIMITS_ROUTES_MAX - routes->count)
        return file_place_refuse(place,
                                 "at most %u routes are accepted; several hosts, paths and "
                                 "methods of one make as many",
                                 LIMITS_ROUTES_MAX);
    for (size_t i = 0; i < count; i++) {
        struct route route;
        if (!make(place, treatment, match, i, &routes->arena, &route))
            return false;
        add(routes, &route, entry_of(place));
    }
    return true;
}

/* What may lack a protection serves nobody: neither here nor by a less specific route. */
static void close_route(struct treatment *treatment)
{
    treatment->strips_path = false;
    treatment->route.strip = treatment->route.add = VIEW("");
    treatment->route.options = NULL;
    treatment->route.option_count = treatment->route.share_count = 0;
    treatment->route.answer_status = CLOSED_STATUS;
    treatment->route.why = VIEW("it asks for something by a word that is not known, and nothing is "
                                "served without it");
}

bool file_route_read(const struct file_place *place, const json_t *json, struct file_routes *routes)
{
    struct treatment treatment = {.route.dialect = VIEW(ROUTE_DIALECT_FILE)};
    struct file_match match = {0};
    char label[32];
    if (!json_is_object(json))
        return file_place_refuse(place, "an object is needed");
    if (!file_match_read(place, json, &routes->arena, &match))
        return false;
    treatment.route.answer_status = match.has_unknown ? CLOSED_STATUS : 0;
    if (!read_treatment(place, json, &routes->arena, &treatment, &match.has_unknown))
        return false;
    if (match.has_unknown && !file_match_has_host(&match))
        return true;
    if (match.has_unknown)
        close_route(&treatment);
    snprintf(label, sizeof(label), KEY_ROUTES "[%zu]", entry_of(place));
    treatment.route.label = arena_copy(&routes->arena, view_str(label));
    return make_all(place, &treatment, &match, routes);
}
