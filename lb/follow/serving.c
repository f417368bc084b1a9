#include "lb/follow/serving.h"

#include <string.h>

#include "lb/contract/key.h"

enum protocol serving_protocol(const json_t *endpoint)
{
    const json_t *protocol = json_object_get(endpoint, KEY_PROTOCOL);
    return protocol ? protocol_parse(view_str(json_string_value(protocol))) : PROTOCOL_HTTP;
}

static bool has_tcp(const json_t *endpoints)
{
    for (size_t i = 0; i < json_array_size(endpoints); i++)
        if (serving_protocol(json_array_get(endpoints, i)) == PROTOCOL_TCP)
            return true;
    return false;
}

/* It is a container, and none of its endpoints speaks tcp. */
static bool asks_for_nothing(const json_t *endpoints, const char *container)
{
    bool is_known = false;
    for (size_t i = 0; i < json_array_size(endpoints); i++) {
        const json_t *endpoint = json_array_get(endpoints, i);
        const char *other = json_string_value(json_object_get(endpoint, KEY_CONTAINER));
        if (!other || strcmp(other, container) != 0)
            continue;
        if (serving_protocol(endpoint) == PROTOCOL_TCP)
            return false;
        is_known = true;
    }
    return is_known;
}

/* By --tcp, or by a file: whoever does that says what the service speaks. */
static bool is_led_by_operator(const struct listener_rules *listeners, const char *service)
{
    unsigned count = listeners->table ? listener_table_rule_count(listeners->table) : 0;
    for (unsigned i = 0; i < count; i++) {
        const struct listener_rule *rule = listener_table_rule(listeners->table, i);
        if (rule->kind == SERVICE_TCP && rule->container.len == 0 &&
            view_eq(rule->service, view_str(service)))
            return true;
    }
    return false;
}

void serving_of_name(const struct leading *leading, const char *name, struct serving *out)
{
    const struct listener_rules *listeners = leading->listeners;
    unsigned join_count = 0;
    *out = (struct serving){.name = name, .listeners = listeners};
    if (!name)
        return;
    out->kinds[SERVICE_HTTP] = route_keeper_serves(leading->routes, leading->service, name);
    if (!listeners->table && listeners->join_count == 0)
        return;
    out->kinds[SERVICE_TCP] = listener_rules_serve(listeners, name, SERVICE_TCP);
    out->kinds[SERVICE_UDP] = listener_rules_serve(listeners, name, SERVICE_UDP);
    listener_rules_joins(listeners, name, NULL, &join_count);
    out->has_joins = join_count > 0;
}

void serving_of(const struct leading *leading, const json_t *service, struct serving *out)
{
    const json_t *endpoints = json_object_get(service, KEY_ENDPOINTS);
    serving_of_name(leading, json_string_value(json_object_get(service, KEY_NAME)), out);
    out->has_tcp = (out->kinds[SERVICE_TCP] || out->has_joins) && has_tcp(endpoints);
    if (out->has_tcp && out->kinds[SERVICE_TCP] && !out->kinds[SERVICE_HTTP] &&
        is_led_by_operator(leading->listeners, out->name))
        out->mixed = endpoints;
}

bool serving_fits(const struct serving *serving, enum protocol protocol, const char *container,
                  enum service_kind kind)
{
    if (protocol == PROTOCOL_COUNT || !protocol_serves(protocol, kind))
        return false;
    if (kind != SERVICE_TCP || !serving->has_tcp || protocol == PROTOCOL_TCP)
        return true;
    return serving->mixed && container && asks_for_nothing(serving->mixed, container);
}

bool serving_has(const struct serving *serving, enum protocol protocol, const char *container)
{
    for (unsigned kind = 0; kind < SERVICE_KIND_COUNT; kind++)
        if (serving->kinds[kind] &&
            serving_fits(serving, protocol, container, (enum service_kind)kind))
            return true;
    return false;
}

bool serving_takes(const struct serving *serving, enum protocol protocol, const char *container)
{
    unsigned count = 0;
    if (serving_has(serving, protocol, container))
        return true;
    if (!serving->has_joins || !container)
        return false;
    const struct listener_join *joins =
        listener_rules_joins(serving->listeners, serving->name, container, &count);
    for (unsigned i = 0; i < count; i++)
        if (serving_fits(serving, protocol, container, joins[i].kind))
            return true;
    return false;
}
