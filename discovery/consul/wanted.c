#include "discovery/consul/wanted.h"

#include <stdlib.h>
#include <string.h>

#include "discovery/clean.h"
#include "lb/base/memory.h"
#include "lb/contract/mirror_rule.h"

/* ---- names ----------------------------------------------------------------------------------- */

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static void names_clear(struct wanted_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->names[i]);
    names->count = 0;
}

static void names_fini(struct wanted_names *names)
{
    names_clear(names);
    free(names->names);
    *names = (struct wanted_names){0};
}

/* Behind the others; where it is the last one's, which is common, not at all. */
static void names_add(struct wanted_names *names, struct view name)
{
    if (name.len == 0 || !clean_is_clean(name, SERVICE_LIST_NAME_BYTES_MAX))
        return;
    if (names->count > 0 && view_eq(view_str(names->names[names->count - 1]), name))
        return;
    names->names =
        memory_make_room(names->names, names->count, &names->capacity, sizeof(names->names[0]));
    names->names[names->count++] = memory_copy(name.ptr, name.len);
}

static void names_settle(struct wanted_names *names)
{
    size_t kept = 0;
    if (names->count > 0)
        qsort(names->names, names->count, sizeof(names->names[0]), compare_names);
    names->has_more = false;
    for (size_t i = 0; i < names->count; i++) {
        bool is_same = kept > 0 && strcmp(names->names[kept - 1], names->names[i]) == 0;
        names->has_more |= !is_same && kept == WANTED_MAX;
        if (is_same || kept == WANTED_MAX)
            free(names->names[i]);
        else
            names->names[kept++] = names->names[i];
    }
    names->count = kept;
}

static bool names_have(const struct wanted_names *names, const char *name)
{
    return names->count > 0 && bsearch(&name, names->names, names->count, sizeof(names->names[0]),
                                       compare_names) != NULL;
}

static bool names_eq(const struct wanted_names *a, const struct wanted_names *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->names[i], b->names[i]) != 0)
            return false;
    return true;
}

/* ---- all of them ------------------------------------------------------------------------------ */

void wanted_init(struct wanted *wanted, const char *list)
{
    struct view rest = view_str(list);
    *wanted = (struct wanted){0};
    while (rest.len > 0)
        names_add(&wanted->named, view_trim(view_cut(&rest, ',')));
    names_settle(&wanted->named);
}

void wanted_fini(struct wanted *wanted)
{
    names_fini(&wanted->named);
    names_fini(&wanted->routed);
}

static void add_route(struct wanted_names *names, const struct route *route)
{
    struct mirror_rule mirror;
    struct text problem = TEXT_INIT;
    names_add(names, route->service);
    for (unsigned i = 0; i < route->share_count; i++)
        names_add(names, route->shares[i].service);
    for (unsigned i = 0; i < route->option_count; i++)
        if (route->options[i].kind == ROUTE_OPTION_MIRROR &&
            mirror_rule_parse(route->options[i].value, &mirror, &problem))
            names_add(names, mirror.service);
    text_fini(&problem);
}

bool wanted_look_at_whole(struct wanted *wanted, const struct set *whole)
{
    struct wanted_names routed = {0};
    for (size_t i = 0; i < whole->route_count; i++)
        add_route(&routed, &whole->routes[i]);
    for (size_t i = 0; i < whole->listener_count; i++)
        names_add(&routed, whole->listeners[i].service);
    names_settle(&routed);
    if (names_eq(&routed, &wanted->routed)) {
        names_fini(&routed);
        return false;
    }
    names_fini(&wanted->routed);
    wanted->routed = routed;
    return true;
}

enum wanted_why wanted_find(const struct wanted *wanted, const struct service_list *catalog,
                            const char *name)
{
    const struct listed_service *listed = catalog ? service_list_find(catalog, name) : NULL;
    if (names_have(&wanted->named, name))
        return WANTED_NAMED;
    if ((listed || !catalog) && names_have(&wanted->routed, name))
        return WANTED_ROUTED;
    return listed && listed->is_tagged ? WANTED_TAGGED : WANTED_NOT;
}
