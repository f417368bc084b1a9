#include "lb/follow/left_out.h"

#include <string.h>

#include "lb/base/clock.h"
#include "lb/contract/endpoint_id.h"
#include "lb/contract/key.h"
#include "lb/contract/left_out_reason.h"
#include "lb/follow/bystanders.h"
#include "lb/follow/member.h"
#include "lb/follow/unserved.h"

typedef void on_left_out(void *owner, const struct left_out *left_out);

static const char *string_at(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static void tell_left_out(const json_t *entry, const char *service, const char *reason,
                          const char *detail, on_left_out *call, void *owner)
{
    json_int_t since_ns = member_int(entry, KEY_SINCE_NS, 0);
    call(owner, &(struct left_out){.id = string_at(entry, KEY_ID),
                                   .container = member_container(entry),
                                   .name = string_at(entry, KEY_NAME),
                                   .service = service,
                                   .reason = reason,
                                   .detail = detail,
                                   .object = entry,
                                   .since_ns = since_ns > 0 ? (uint64_t)since_ns : 0});
}

static void append_where_else(const struct membership *membership, struct text *why)
{
    if (membership->routes.table)
        text_append_str(why, "there are routes, and none leads to its service");
    else
        text_appendf(why, "lb routes to the service \"%.100s\" (--service)", membership->service);
}

/* What leads to services, the ids of all endpoints of those that are served, and who else is silent. */
struct leaving {
    const struct membership *membership;
    struct leading leading;
    struct bystanders bystanders;
    json_t *served; /* NULL: only one service is, or none */
};

static void list_served(struct leaving *leaving, const json_t *services)
{
    const struct membership *membership = leaving->membership;
    bool has_many = membership->routes.table || membership->listeners.table;
    leaving->served = has_many ? json_object() : NULL;
    for (size_t i = 0; has_many && i < json_array_size(services); i++) {
        const json_t *service = json_array_get(services, i);
        const json_t *endpoints = json_object_get(service, KEY_ENDPOINTS);
        struct serving serving;
        serving_of(&leaving->leading, service, &serving);
        for (size_t j = 0; serving_is_any(&serving) && j < json_array_size(endpoints); j++) {
            const json_t *endpoint = json_array_get(endpoints, j);
            if (serving.kinds[SERVICE_HTTP] ||
                serving_takes(&serving, serving_protocol(endpoint), member_container(endpoint)))
                json_object_set_new(leaving->served, string_at(endpoint, KEY_ID), json_true());
        }
    }
}

/* NULL: it is served, or need not be told. */
static const char *why_unused(struct leaving *leaving, const struct serving *serving,
                              const json_t *endpoint, struct text *why)
{
    const char *id = string_at(endpoint, KEY_ID);
    if (!serving_takes(serving, serving_protocol(endpoint), member_container(endpoint)) &&
        ((!serving->kinds[SERVICE_HTTP] && json_object_get(leaving->served, id)) ||
         bystanders_have(&leaving->bystanders, endpoint)))
        return NULL;
    const char *reason = unserved_reason(&leaving->membership->reach, serving, endpoint, why);
    if (left_out_reason_parse(reason) == LEFT_OUT_OTHER_SERVICE && why->len == 0)
        append_where_else(leaving->membership, why);
    return reason;
}

/* Endpoints of services that nothing is routed to, unless they serve in another one as well, and
 * those where no request may go. */
static void tell_unused(struct leaving *leaving, const json_t *service, on_left_out *call,
                        void *owner)
{
    const json_t *endpoints = json_object_get(service, KEY_ENDPOINTS);
    struct serving serving;
    serving_of(&leaving->leading, service, &serving);
    for (size_t i = 0; i < json_array_size(endpoints); i++) {
        const json_t *object = json_array_get(endpoints, i);
        struct text why = TEXT_INIT;
        const char *reason = why_unused(leaving, &serving, object, &why);
        if (reason)
            tell_left_out(object, serving.name, reason, text_str(&why), call, owner);
        text_fini(&why);
    }
}

void left_out_each(const struct membership *membership, on_left_out *call, void *owner)
{
    const json_t *entries = json_object_get(membership->line.root, KEY_LEFT_OUT);
    const json_t *services = json_object_get(membership->line.root, KEY_SERVICES);
    for (size_t i = 0; i < json_array_size(entries); i++) {
        const json_t *entry = json_array_get(entries, i);
        tell_left_out(entry, string_at(entry, KEY_SERVICE), string_at(entry, KEY_REASON),
                      string_at(entry, KEY_DETAIL), call, owner);
    }
    for (unsigned i = 0; i < membership->backends.name_count; i++) {
        const struct backends_name *name = &membership->backends.names[i];
        if (name->address_count == 0)
            call(owner, &(struct left_out){.id = name->text,
                                           .container = name->text,
                                           .name = name->text,
                                           .service = membership->service,
                                           .reason = left_out_reason_word(LEFT_OUT_UNRESOLVED),
                                           .detail = name->problem,
                                           .since_ns = name->since_ns});
    }
    struct leaving leaving = {.membership = membership,
                              .leading = membership_leading(membership),
                              .bystanders.services = services};
    list_served(&leaving, services);
    for (size_t i = 0; i < json_array_size(services); i++)
        tell_unused(&leaving, json_array_get(services, i), call, owner);
    json_decref(leaving.served);
    bystanders_fini(&leaving.bystanders);
}

struct writing {
    const struct membership *membership;
    struct json_writer *json;
};

static void write_one(void *owner, const struct left_out *left_out)
{
    const struct writing *writing = owner;
    struct json_writer *json = writing->json;
    const char *remark = membership_remark(writing->membership, left_out->container);
    json_writer_begin_object(json);
    json_writer_field_str(json, "id", left_out->container);
    json_writer_field_str(json, "name", left_out->name);
    json_writer_field_str(json, "service", left_out->service);
    json_writer_field_str(json, "reason", left_out->reason);
    json_writer_field_str(json, "detail", left_out->detail);
    if (left_out->since_ns > 0) {
        char since[CLOCK_TEXT_BYTES];
        json_writer_field_str(json, "since", clock_format(left_out->since_ns, since));
    }
    if (remark)
        json_writer_field_str(json, "remark", remark);
    json_writer_end_object(json);
}

void left_out_write(const struct membership *membership, struct json_writer *json)
{
    json_writer_begin_array(json);
    left_out_each(membership, write_one, &(struct writing){.membership = membership, .json = json});
    json_writer_end_array(json);
}

struct sought {
    const char *id;
    bool is_found;
};

static bool is_named(const char *id, const char *known)
{
    return known && strcmp(id, known) == 0;
}

/* The ports of a container do not change while it lives, but a line may tell fewer of them. The id
 * of what is no port of another is a word of its own. */
static bool is_known_by(const char *sought, const char *id, const char *container, bool is_whole)
{
    bool has_ports = container && (is_whole || !is_named(container, id));
    return is_named(sought, id) || is_named(sought, container) ||
           (has_ports && endpoint_id_is_port_of(sought, container));
}

static void compare_id(void *owner, const struct left_out *left_out)
{
    struct sought *sought = owner;
    sought->is_found |= is_known_by(sought->id, left_out->id, left_out->container, true);
}

bool left_out_or_member(const struct membership *membership, const char *id)
{
    struct sought sought = {.id = id};
    for (unsigned i = 0; i < membership->wanted.endpoint_count; i++) {
        const struct pool_wanted_endpoint *endpoint = &membership->wanted.endpoints[i];
        if (is_known_by(id, endpoint->id, endpoint->container, false))
            return true;
    }
    left_out_each(membership, compare_id, &sought);
    return sought.is_found;
}
