#include "discovery/emit.h"

#include <inttypes.h>

#include "discovery/losses.h"
#include "lb/base/json_writer.h"
#include "lb/contract/key.h"
#include "lb/contract/limits.h"
#include "lb/contract/route_write.h"

/* What comes before the body: version, source and time. */
#define HEAD_MAX_BYTES 128

static void write_check(struct json_writer *json, const struct check *check)
{
    const char *word;
    struct text value = TEXT_INIT;
    json_writer_key(json, KEY_CHECK);
    json_writer_begin_object(json);
    for (unsigned i = 0; (word = check_word_at(i)); i++) {
        text_clear(&value);
        check_format(check, view_str(word), &value);
        if (value.len > 0)
            json_writer_field_str(json, word, text_str(&value));
    }
    json_writer_end_object(json);
    text_fini(&value);
}

static void write_if_any(struct json_writer *json, const char *key, const char *value)
{
    if (value && value[0] != '\0')
        json_writer_field_str(json, key, value);
}

static void write_endpoint(struct json_writer *json, const struct set_endpoint *endpoint)
{
    json_writer_begin_object(json);
    json_writer_field_str(json, KEY_ID, endpoint->id);
    write_if_any(json, KEY_CONTAINER, endpoint->container);
    json_writer_field_str(json, KEY_NAME, endpoint->name);
    write_if_any(json, KEY_SOURCE, endpoint->source);
    json_writer_field_str(json, KEY_PROTOCOL, endpoint->protocol);
    json_writer_field_str(json, KEY_ADDRESS, endpoint->address);
    json_writer_field_uint(json, KEY_PORT, endpoint->port);
    if (endpoint->is_on_host)
        json_writer_field_bool(json, KEY_ON_HOST, true);
    if (endpoint->is_local)
        json_writer_field_bool(json, KEY_LOCAL, true);
    json_writer_field_uint(json, KEY_WEIGHT, endpoint->weight);
    json_writer_field_str(json, KEY_STATE, endpoint_state_word(endpoint->state));
    json_writer_field_str(json, KEY_CAUSE, endpoint->cause);
    json_writer_field_uint(json, KEY_CAUSE_TIME_NS, endpoint->cause_time_ns);
    if (endpoint->check)
        write_check(json, endpoint->check);
    if (endpoint->slow_start_ms)
        json_writer_field_uint(json, KEY_SLOW_START_MS, *endpoint->slow_start_ms);
    for (enum wait wait = 0; wait < WAIT_COUNT; wait++)
        if (endpoint->waits.is_given[wait])
            json_writer_field_uint(json, waits_key(wait), endpoint->waits.ms[wait]);
    if (endpoint->waits.aborts_on_close)
        json_writer_field_bool(json, WAITS_ABORT_KEY, endpoint->waits.aborts_on_close == WAITS_YES);
    if (endpoint->capacity.has_max_inflight)
        json_writer_field_uint(json, KEY_MAX_INFLIGHT, endpoint->capacity.max_inflight);
    if (endpoint->capacity.keepalive)
        json_writer_field_bool(json, KEY_KEEPALIVE, endpoint->capacity.keepalive == CAPACITY_YES);
    write_if_any(json, KEY_SERVICE_FROM, endpoint->service_from);
    write_if_any(json, KEY_PORT_FROM, endpoint->port_from);
    write_if_any(json, KEY_ADDRESS_FROM, endpoint->address_from);
    write_if_any(json, KEY_HEALTH, endpoint->health);
    write_if_any(json, KEY_IMAGE, endpoint->image);
    json_writer_end_object(json);
}

static void write_options(struct json_writer *json, const struct set *set, const char *name)
{
    const struct set_service *service = set_find_service(set, name);
    if (!service)
        return;
    json_writer_key(json, KEY_OPTIONS);
    json_writer_begin_object(json);
    for (unsigned kind = 0; kind < SERVICE_OPTION_COUNT; kind++) {
        struct view value = service->options.values[kind];
        if (value.len == 0)
            continue;
        json_writer_key(json, service_option_word((enum service_option_kind)kind));
        json_writer_string(json, value);
    }
    json_writer_end_object(json);
}

static void write_services(struct json_writer *json, const struct set *set)
{
    json_writer_key(json, KEY_SERVICES);
    json_writer_begin_array(json);
    for (size_t i = 0; i < set->endpoint_count;) {
        const char *service = set->endpoints[i].service;
        json_writer_begin_object(json);
        json_writer_field_str(json, KEY_NAME, service);
        write_options(json, set, service);
        json_writer_key(json, KEY_ENDPOINTS);
        json_writer_begin_array(json);
        for (; i < set->endpoint_count && strcmp(set->endpoints[i].service, service) == 0; i++)
            write_endpoint(json, &set->endpoints[i]);
        json_writer_end_array(json);
        json_writer_end_object(json);
    }
    json_writer_end_array(json);
}

static void write_routes(struct json_writer *json, const struct set *set)
{
    json_writer_key(json, KEY_ROUTES);
    json_writer_begin_array(json);
    for (size_t i = 0; i < set->route_count; i++)
        route_write(&set->routes[i], json);
    json_writer_end_array(json);
}

static void write_view_if_any(struct json_writer *json, const char *key, struct view value)
{
    if (value.len == 0)
        return;
    json_writer_key(json, key);
    json_writer_string(json, value);
}

static void write_listener(struct json_writer *json, const struct listener_rule *listener)
{
    json_writer_begin_object(json);
    json_writer_field_str(json, KEY_PROTOCOL, service_kind_word(listener->kind));
    if (listener->port > 0)
        json_writer_field_uint(json, KEY_PORT, listener->port);
    write_view_if_any(json, KEY_LISTENER, listener->listener);
    write_view_if_any(json, KEY_SERVER_NAME, listener->server_name);
    write_view_if_any(json, KEY_ALPN, listener->alpn);
    write_view_if_any(json, KEY_SERVICE, listener->service);
    write_view_if_any(json, KEY_DIALECT, listener->dialect);
    write_view_if_any(json, KEY_LABEL, listener->label);
    write_view_if_any(json, KEY_CONTAINER, listener->container);
    write_view_if_any(json, KEY_CONTAINER_NAME, listener->container_name);
    if (listener->created_ns > 0)
        json_writer_field_uint(json, KEY_CREATED_NS, listener->created_ns);
    json_writer_end_object(json);
}

/* Left out when there are none. */
static void write_listeners(struct json_writer *json, const struct set *set)
{
    if (set->listener_count == 0)
        return;
    json_writer_key(json, KEY_LISTENERS);
    json_writer_begin_array(json);
    for (size_t i = 0; i < set->listener_count; i++)
        write_listener(json, &set->listeners[i]);
    json_writer_end_array(json);
}

static void write_certificate(struct json_writer *json, const struct certificate_wish *certificate)
{
    json_writer_begin_object(json);
    json_writer_key(json, KEY_NAMES);
    json_writer_begin_array(json);
    for (unsigned i = 0; i < certificate->name_count; i++)
        json_writer_string(json, certificate->names[i]);
    json_writer_end_array(json);
    write_view_if_any(json, KEY_EMAIL, certificate->email);
    write_view_if_any(json, KEY_DIALECT, certificate->dialect);
    write_view_if_any(json, KEY_LABEL, certificate->label);
    write_view_if_any(json, KEY_CONTAINER, certificate->container);
    write_view_if_any(json, KEY_CONTAINER_NAME, certificate->container_name);
    json_writer_end_object(json);
}

/* Left out when there are none. */
static void write_certificates(struct json_writer *json, const struct set *set)
{
    if (set->certificate_count == 0)
        return;
    json_writer_key(json, KEY_CERTIFICATES);
    json_writer_begin_array(json);
    for (size_t i = 0; i < set->certificate_count; i++)
        write_certificate(json, &set->certificates[i]);
    json_writer_end_array(json);
}

static void write_left_out(struct json_writer *json, const struct set_left_out *left_out)
{
    json_writer_begin_object(json);
    json_writer_field_str(json, KEY_ID, left_out->id);
    write_if_any(json, KEY_CONTAINER, left_out->container);
    json_writer_field_str(json, KEY_NAME, left_out->name);
    json_writer_field_str(json, KEY_SERVICE, left_out->service);
    json_writer_field_str(json, KEY_REASON, left_out_reason_word(left_out->reason));
    json_writer_field_str(json, KEY_DETAIL, left_out->detail);
    write_if_any(json, KEY_REMEDY, left_out->remedy);
    write_if_any(json, KEY_SERVICE_FROM, left_out->service_from);
    if (left_out->port > 0)
        json_writer_field_uint(json, KEY_PORT, left_out->port);
    write_if_any(json, KEY_PORT_FROM, left_out->port_from);
    json_writer_field_uint(json, KEY_SINCE_NS, left_out->since_ns);
    json_writer_end_object(json);
}

static void write_remark(struct json_writer *json, bool *has_any, const char *subject,
                         const char *remark)
{
    if (!remark)
        return;
    if (!*has_any) {
        json_writer_key(json, KEY_REMARKS);
        json_writer_begin_object(json);
    }
    *has_any = true;
    json_writer_field_str(json, subject, remark);
}

/* By the container's id, so that a reader finds the one of a container at once, or KEY_REMARKS_FILE;
 * left out when there is none. */
static void write_remarks(struct json_writer *json, const struct set *set)
{
    bool has_any = false;
    write_remark(json, &has_any, KEY_REMARKS_FILE, set->remark);
    for (size_t i = 0; i < set->endpoint_count; i++) {
        const struct set_endpoint *endpoint = &set->endpoints[i];
        write_remark(json, &has_any, endpoint->container ? endpoint->container : endpoint->id,
                     endpoint->remark);
    }
    for (size_t i = 0; i < set->left_out_count; i++) {
        const struct set_left_out *left_out = &set->left_out[i];
        write_remark(json, &has_any, left_out->container ? left_out->container : left_out->id,
                     left_out->remark);
    }
    if (has_any)
        json_writer_end_object(json);
}

static void write_losses(struct json_writer *json, const struct losses *losses)
{
    bool has_any = false;
    for (enum loss loss = 0; losses && loss < LOSS_COUNT; loss++)
        has_any = has_any || losses_has(losses, loss);
    if (!has_any)
        return;
    json_writer_key(json, KEY_LOSSES);
    json_writer_begin_array(json);
    for (enum loss loss = 0; loss < LOSS_COUNT; loss++)
        if (losses_has(losses, loss))
            json_writer_str(json, losses->text[loss]);
    json_writer_end_array(json);
}

static void write_unread(struct json_writer *json, const struct set *set)
{
    if (set->unread_count == 0)
        return;
    json_writer_key(json, KEY_UNREAD);
    json_writer_begin_array(json);
    for (size_t i = 0; i < set->unread_count; i++)
        json_writer_str(json, set->unread[i]);
    json_writer_end_array(json);
}

/* `{"services":…,"routes":[…],"left_out":[…]}` and the remarks, if any. */
static void write_body(const struct set *set, struct text *body)
{
    struct json_writer json;
    text_clear(body);
    json_writer_init(&json, body);
    json_writer_begin_object(&json);
    write_services(&json, set);
    write_routes(&json, set);
    write_listeners(&json, set);
    write_certificates(&json, set);
    json_writer_key(&json, KEY_LEFT_OUT);
    json_writer_begin_array(&json);
    for (size_t i = 0; i < set->left_out_count; i++)
        write_left_out(&json, &set->left_out[i]);
    json_writer_end_array(&json);
    write_remarks(&json, set);
    write_losses(&json, set->losses);
    write_unread(&json, set);
    json_writer_end_object(&json);
}

/* ---- how long it is -------------------------------------------------------------------------- */

/* Of a comma, and the names and brackets of a service around its only endpoint. */
#define AROUND_BYTES 64

/* With the remark, under whatever it stands there. */
static void begin_measure(struct json_writer *json, const char *remark, struct text *scratch)
{
    text_clear(scratch);
    json_writer_init(json, scratch);
    json_writer_begin_array(json);
    if (remark)
        json_writer_str(json, remark);
}

static size_t end_measure(struct json_writer *json, const struct text *scratch, const char *remark)
{
    json_writer_end_array(json);
    return scratch->len + AROUND_BYTES + (remark ? LIMITS_NAME_BYTES_MAX : 0);
}

size_t emit_endpoint_bytes(const struct set *set, const struct set_endpoint *endpoint,
                           struct text *scratch)
{
    struct json_writer json;
    begin_measure(&json, endpoint->remark, scratch);
    json_writer_str(&json, endpoint->service);
    write_endpoint(&json, endpoint);
    json_writer_begin_object(&json);
    write_options(&json, set, endpoint->service);
    json_writer_end_object(&json);
    return end_measure(&json, scratch, endpoint->remark);
}

size_t emit_route_bytes(const struct route *route, struct text *scratch)
{
    struct json_writer json;
    begin_measure(&json, NULL, scratch);
    route_write(route, &json);
    return end_measure(&json, scratch, NULL);
}

size_t emit_listener_bytes(const struct listener_rule *listener, struct text *scratch)
{
    struct json_writer json;
    begin_measure(&json, NULL, scratch);
    write_listener(&json, listener);
    return end_measure(&json, scratch, NULL);
}

size_t emit_certificates_bytes(const struct set *set, struct text *scratch)
{
    struct json_writer json;
    if (set->certificate_count == 0)
        return 0;
    text_clear(scratch);
    json_writer_init(&json, scratch);
    json_writer_begin_object(&json);
    write_certificates(&json, set);
    json_writer_end_object(&json);
    return scratch->len;
}

size_t emit_left_out_bytes(const struct set_left_out *left_out, struct text *scratch)
{
    struct json_writer json;
    begin_measure(&json, left_out->remark, scratch);
    write_left_out(&json, left_out);
    return end_measure(&json, scratch, left_out->remark);
}

/* ---- the line --------------------------------------------------------------------------------- */

void emit_fini(struct emit *emit)
{
    text_fini(&emit->last);
}

/* `body` without its opening brace. */
static void compose(const struct text *body, const char *source, uint64_t wall_ns,
                    struct text *line)
{
    text_clear(line);
    text_appendf(line, "{\"%s\":%d,\"%s\":\"%s\",\"%s\":%" PRIu64 ",", KEY_VERSION, EMIT_VERSION,
                 KEY_SOURCE, source, KEY_TIME_NS, wall_ns);
    text_append(line, view_skip(text_view(body), 1));
    text_append_char(line, '\n');
}

bool emit_again(const struct emit *emit, const char *source, uint64_t wall_ns, struct text *line)
{
    if (emit->last.len == 0)
        return false;
    compose(&emit->last, source, wall_ns, line);
    return true;
}

enum emit_result emit_line(struct emit *emit, const struct set *set, const char *source,
                           uint64_t wall_ns, struct text *line)
{
    struct text body = TEXT_INIT;
    enum emit_result result = EMIT_LINE;
    write_body(set, &body);
    if (body.len > LIMITS_LINE_BYTES_MAX - HEAD_MAX_BYTES)
        result = EMIT_TOO_LONG;
    else if (view_eq(text_view(&body), text_view(&emit->last)))
        result = EMIT_UNCHANGED;
    if (result == EMIT_UNCHANGED || result == EMIT_TOO_LONG) {
        text_fini(&body);
        return result;
    }
    compose(&body, source, wall_ns, line);
    text_fini(&emit->last);
    emit->last = body;
    return result;
}
