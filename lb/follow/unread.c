#include "lb/follow/unread.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"
#include "lb/base/view.h"
#include "lb/contract/certificate_wish.h"
#include "lb/contract/key.h"
#include "lb/contract/limits.h"
#include "lb/contract/listener_rule.h"
#include "lb/follow/member.h"

/* By the place of their source; what the line before had comes right behind what the line has. */
struct claims {
    const json_t *line, *before, *unread;
    json_t *ids;    /* id → the first claim */
    json_t *owners; /* container, or id → the first claim */
};

static const char *source_of(const json_t *endpoint, const json_t *line)
{
    const char *source = member_string(endpoint, KEY_SOURCE);
    return source ? source : member_string(line, KEY_SOURCE);
}

static bool is_unread(const json_t *unread, const char *source)
{
    for (size_t i = 0; source && i < json_array_size(unread); i++) {
        const char *word = json_string_value(json_array_get(unread, i));
        if (word && strcmp(word, source) == 0)
            return true;
    }
    return false;
}

/* Among those that the line names, with `+` between them; the last when it is none of them. */
static json_int_t place_of(const json_t *line, const char *source)
{
    const char *words = member_string(line, KEY_SOURCE);
    struct view rest = view_str(words ? words : ""), wanted = view_str(source ? source : "");
    json_int_t place = 0;
    for (ptrdiff_t end = 0; end >= 0; place++) {
        end = view_find(rest, '+');
        struct view word = end >= 0 ? view_of(rest.ptr, (size_t)end) : rest;
        if (view_eq(word, wanted))
            break;
        rest = end >= 0 ? view_skip(rest, (size_t)end + 1) : rest;
    }
    return place;
}

/* ---- whose is what --------------------------------------------------------------------------- */

static void note(json_t *claims, const char *key, json_int_t claim)
{
    const json_t *first = key ? json_object_get(claims, key) : NULL;
    if (key && (!first || json_integer_value(first) > claim))
        json_object_set_new(claims, key, json_integer(claim));
}

static void note_endpoints(struct claims *claims, const json_t *line, bool is_before)
{
    const json_t *services = json_object_get(line, KEY_SERVICES);
    for (size_t i = 0; i < json_array_size(services); i++) {
        const json_t *endpoints = json_object_get(json_array_get(services, i), KEY_ENDPOINTS);
        for (size_t k = 0; k < json_array_size(endpoints); k++) {
            const json_t *endpoint = json_array_get(endpoints, k);
            const char *source = source_of(endpoint, line);
            if (is_before && !is_unread(claims->unread, source))
                continue;
            json_int_t claim = 2 * place_of(claims->line, source) + is_before;
            note(claims->ids, member_string(endpoint, KEY_ID), claim);
            note(claims->owners, member_container(endpoint), claim);
        }
    }
}

/* Whether it was told by the line before, or the line at hand, that the key is whose. */
static bool is_theirs(const json_t *claims, const char *key, bool is_before)
{
    const json_t *first = key ? json_object_get(claims, key) : NULL;
    return first ? (json_integer_value(first) & 1) == is_before : !is_before;
}

/* ---- the line -------------------------------------------------------------------------------- */

static int compare(const void *left, const void *right)
{
    const json_t *const *a = left, *const *b = right;
    const char *one = member_string(*a, KEY_NAME), *other = member_string(*b, KEY_NAME);
    return strcmp(one ? one : "", other ? other : "");
}

/* By name. Takes the array. Gives: another one. */
static json_t *sort(json_t *array)
{
    size_t count = json_array_size(array);
    json_t **items = memory_new((count + 1) * sizeof(items[0])), *sorted = json_array();
    for (size_t i = 0; i < count; i++)
        items[i] = json_array_get(array, i);
    qsort(items, count, sizeof(json_t *), compare);
    for (size_t i = 0; i < count; i++)
        json_array_append(sorted, items[i]);
    free(items);
    json_decref(array);
    return sorted;
}

/* Adds the service's endpoints that count to `services` (name → service). What no service can be is taken as it is, and
 * refused by who reads the line. */
static void add_service(const struct claims *claims, const json_t *service, bool is_before,
                        size_t *count, json_t *services)
{
    const char *name = member_string(service, KEY_NAME);
    const json_t *endpoints = json_object_get(service, KEY_ENDPOINTS);
    json_t *known = name ? json_object_get(services, name) : NULL, *kept = json_array();
    for (size_t i = 0; i < json_array_size(endpoints); i++) {
        json_t *endpoint = json_array_get(endpoints, i);
        bool has_room = !is_before || *count < LIMITS_ENDPOINTS_MAX;
        if (has_room && is_theirs(claims->ids, member_string(endpoint, KEY_ID), is_before)) {
            json_array_append(kept, endpoint);
            ++*count;
        }
    }
    if (known) {
        json_t *all = json_copy(json_object_get(known, KEY_ENDPOINTS));
        json_array_extend(all, kept);
        json_object_set_new(known, KEY_ENDPOINTS, sort(all));
        json_object_update_missing(known, (json_t *)(uintptr_t)service);
    } else if (name && json_array_size(kept) > 0) {
        json_t *copy = json_copy((json_t *)(uintptr_t)service);
        json_object_set(copy, KEY_ENDPOINTS, kept);
        json_object_set_new(services, name, copy);
    }
    json_decref(kept);
}

static json_t *join_services(const struct claims *claims)
{
    json_t *by_name = json_object(), *joined = json_array(), *service;
    const json_t *now = json_object_get(claims->line, KEY_SERVICES);
    const json_t *before = json_object_get(claims->before, KEY_SERVICES);
    const char *name;
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(now); i++)
        add_service(claims, json_array_get(now, i), false, &count, by_name);
    for (size_t i = 0; i < json_array_size(before); i++)
        add_service(claims, json_array_get(before, i), true, &count, by_name);
    json_object_foreach (by_name, name, service)
        json_array_append(joined, service);
    json_decref(by_name);
    return sort(joined);
}

/* Routes, listeners or wishes for certificates, by their owners. */
static json_t *join_rules(const struct claims *claims, const char *key, size_t max)
{
    const json_t *now = json_object_get(claims->line, key);
    const json_t *before = json_object_get(claims->before, key);
    json_t *joined = json_array();
    for (size_t i = 0; i < json_array_size(now); i++) {
        json_t *rule = json_array_get(now, i);
        if (is_theirs(claims->owners, member_string(rule, KEY_CONTAINER), false))
            json_array_append(joined, rule);
    }
    for (size_t i = 0; i < json_array_size(before); i++) {
        json_t *rule = json_array_get(before, i);
        if (json_array_size(joined) < max &&
            is_theirs(claims->owners, member_string(rule, KEY_CONTAINER), true))
            json_array_append(joined, rule);
    }
    return joined;
}

static bool has_good_parts(const json_t *line)
{
    const json_t *services = json_object_get(line, KEY_SERVICES);
    for (size_t i = 0; i < json_array_size(services); i++) {
        const json_t *service = json_array_get(services, i);
        if (!member_string(service, KEY_NAME) ||
            !json_is_array(json_object_get(service, KEY_ENDPOINTS)))
            return false;
    }
    const json_t *routes = json_object_get(line, KEY_ROUTES);
    const json_t *listeners = json_object_get(line, KEY_LISTENERS);
    return json_is_array(services) && (!routes || json_is_array(routes)) &&
           (!listeners || json_is_array(listeners));
}

json_t *unread_complete(const json_t *line, const json_t *before)
{
    struct claims claims = {
        .line = line, .before = before, .unread = json_object_get(line, KEY_UNREAD)};
    if (!before || json_array_size(claims.unread) == 0 || !has_good_parts(line))
        return NULL;
    claims.ids = json_object();
    claims.owners = json_object();
    note_endpoints(&claims, line, false);
    note_endpoints(&claims, before, true);
    json_t *whole = json_copy((json_t *)(uintptr_t)line);
    json_object_set_new(whole, KEY_SERVICES, join_services(&claims));
    json_object_set_new(whole, KEY_ROUTES, join_rules(&claims, KEY_ROUTES, LIMITS_ROUTES_MAX));
    json_object_set_new(whole, KEY_LISTENERS,
                        join_rules(&claims, KEY_LISTENERS, LISTENER_RULES_MAX));
    json_object_set_new(whole, KEY_CERTIFICATES,
                        join_rules(&claims, KEY_CERTIFICATES, CERTIFICATE_WISHES_MAX));
    json_decref(claims.ids);
    json_decref(claims.owners);
    return whole;
}
