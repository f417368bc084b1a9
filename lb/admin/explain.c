#include "lb/admin/explain.h"

#include <inttypes.h>

#include "lb/base/clock.h"
#include "lb/base/shown.h"
#include "lb/contract/key.h"
#include "lb/contract/limits.h"
#include "lb/follow/left_out.h"
#include "lb/follow/facts.h"
#include "lb/follow/reasons.h"

#define ID_PREFIX_MIN 4u

struct subject {
    const char *id, *container, *name, *service;
    const struct endpoint *endpoint; /* NULL: left out */
    bool is_routed;
    const char *word;
    const char *why;
    const char *remedy;
    const char *remark; /* on its labels; NULL: none */
    struct facts facts;
    const struct backends *backends; /* with the names of an endpoint */
    uint64_t since_ns;
};

typedef void write_subject(void *out, const struct subject *subject);

/* One pass over all containers. */
struct walk {
    const struct membership *membership;
    struct view wanted;
    json_t *index; /* of facts_index() */
    write_subject *write;
    void *out;
    unsigned count;
};

static bool is_hex(struct view text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = view_lower_char(text.ptr[i]);
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
            return false;
    }
    return true;
}

static bool means_container(struct view subject, const char *container, const char *name)
{
    if (view_eq(subject, view_str(name)) || view_eq(subject, view_str(container)))
        return true;
    return subject.len >= ID_PREFIX_MIN && is_hex(subject) &&
           view_starts_with(view_str(container), subject);
}

enum explain_meaning explain_means(struct view subject, const char *id, const char *container,
                                   const char *name)
{
    struct view port = view_str(id), whole = view_str(container);
    if (means_container(subject, container, name))
        return EXPLAIN_CONTAINER;
    if (view_eq(subject, port))
        return EXPLAIN_PORT;
    if (!view_starts_with(port, whole) || port.len == whole.len)
        return EXPLAIN_NO;
    port = view_skip(port, whole.len); /* ":8080" */
    if (port.ptr[0] != ':' || subject.len <= port.len ||
        !view_eq(view_skip(subject, subject.len - port.len), port))
        return EXPLAIN_NO;
    subject.len -= port.len;
    return means_container(subject, container, name) ? EXPLAIN_PORT : EXPLAIN_NO;
}

enum explain_meaning explain_means_endpoint(const struct membership *membership,
                                            struct view subject, const struct endpoint *endpoint)
{
    const struct backends_name *name;
    enum explain_meaning meaning =
        explain_means(subject, endpoint->id, endpoint->container, endpoint->name);
    unsigned at = 0;
    while (meaning == EXPLAIN_NO &&
           (name = backends_next_name(&membership->backends, &endpoint->address, &at)))
        meaning = backends_name_means(name->text, subject) ? EXPLAIN_CONTAINER : EXPLAIN_NO;
    return meaning;
}

static bool is_wanted(const struct walk *walk, const struct subject *subject)
{
    bool is_backend = left_out_reason_parse(subject->word) == LEFT_OUT_UNRESOLVED;
    if (walk->wanted.len == 0)
        return true;
    if (subject->endpoint)
        return explain_means_endpoint(walk->membership, walk->wanted, subject->endpoint) !=
               EXPLAIN_NO;
    return explain_means(walk->wanted, subject->id, subject->container, subject->name) !=
               EXPLAIN_NO ||
           (is_backend && backends_name_means(subject->name, walk->wanted));
}

static void visit(struct walk *walk, const struct subject *subject)
{
    if (!is_wanted(walk, subject))
        return;
    struct subject remarked = *subject;
    remarked.remark = membership_remark(walk->membership, subject->container);
    walk->write(walk->out, &remarked);
    walk->count++;
}

/* Why it is in that state, with what was met and what its HEALTHCHECK said. */
static void append_why(const struct endpoint *endpoint, const struct facts *facts, struct text *why)
{
    enum endpoint_state state = endpoint_state(endpoint);
    const char *problem = endpoint->problem;
    text_appendf(why, "%s%s%s", reasons_of_endpoint(endpoint)->why, problem[0] ? ": " : "",
                 problem);
    if (facts->health && (state == ENDPOINT_UNHEALTHY || state == ENDPOINT_STARTING))
        text_appendf(why, ": %s", facts->health);
}

static void visit_endpoint(struct walk *walk, const struct pool_service *service,
                           const struct endpoint *endpoint)
{
    struct text why = TEXT_INIT, names = TEXT_INIT;
    struct subject subject = {.id = endpoint->id,
                              .container = endpoint->container,
                              .name = endpoint->name,
                              .service = endpoint->service,
                              .endpoint = endpoint,
                              .backends = &walk->membership->backends,
                              .is_routed = pool_may_use(service, endpoint),
                              .word = endpoint_state_word(endpoint_state(endpoint)),
                              .remedy = reasons_of_endpoint(endpoint)->remedy,
                              .since_ns = endpoint->state_since_ns};
    facts_read(json_object_get(walk->index, endpoint->id), &subject.facts);
    backends_append_names(&walk->membership->backends, &endpoint->address, &names);
    if (names.len > 0)
        subject.facts.address_from = text_str(&names);
    append_why(endpoint, &subject.facts, &why);
    subject.why = text_str(&why);
    visit(walk, &subject);
    text_fini(&why);
    text_fini(&names);
}

/* What would change it. Nothing in a container of a service that is not routed would. */
static const char *find_remedy(const struct membership *membership, const struct left_out *left_out)
{
    const char *own = json_string_value(json_object_get(left_out->object, KEY_REMEDY));
    const struct reason *reason = reasons_of_left_out(left_out->reason);
    bool is_other = left_out->object && left_out->service && left_out->service[0] &&
                    strcmp(left_out->service, membership->service) != 0;
    if (is_other && !reasons_is_of_any_service(left_out->reason))
        return reasons_of_left_out(left_out_reason_word(LEFT_OUT_OTHER_SERVICE))->remedy;
    return own && own[0] && strlen(own) <= LIMITS_SENTENCE_BYTES_MAX ? own : reason->remedy;
}

static void visit_left_out(void *owner, const struct left_out *left_out)
{
    struct walk *walk = owner;
    const struct reason *reason = reasons_of_left_out(left_out->reason);
    bool has_detail = left_out->detail && left_out->detail[0];
    struct subject subject = {.id = left_out->id,
                              .container = left_out->container,
                              .name = left_out->name ? left_out->name : "?",
                              .service = left_out->service,
                              .word = left_out->reason ? left_out->reason : "unknown",
                              .why = has_detail ? left_out->detail : reason->why,
                              .remedy = find_remedy(walk->membership, left_out),
                              .since_ns = left_out->since_ns};
    facts_read(left_out->object, &subject.facts);
    visit(walk, &subject);
}

static unsigned visit_all(const struct explain *explain, struct walk *walk)
{
    const struct pool *pool = explain->pool;
    walk->index = facts_index(explain->membership);
    for (unsigned i = 0; pool && i < pool->service_count; i++)
        for (unsigned j = 0; j < pool->services[i].endpoint_count; j++)
            visit_endpoint(walk, &pool->services[i], pool->services[i].endpoints[j]);
    left_out_each(explain->membership, visit_left_out, walk);
    json_decref(walk->index);
    return walk->count;
}

/* ---- text ------------------------------------------------------------------------------------ */

static void append_line(struct text *out, const struct text *line)
{
    shown_append(out, text_view(line));
    text_append_char(out, '\n');
}

static void append_order(const struct endpoint *endpoint, struct text *line)
{
    if (endpoint->ordered_weight)
        text_appendf(line, ", weight %u as ordered by admin", endpoint->ordered_weight);
}

static void append_routed(const struct subject *subject, struct text *line)
{
    const struct endpoint *endpoint = subject->endpoint;
    char address[ADDRESS_TEXT_BYTES], since[CLOCK_TEXT_BYTES];
    uint64_t request_count = endpoint_request_count(endpoint);
    text_appendf(line, "%s: routed as %s/%s at %s since %s, %" PRIu64 " request%s", subject->name,
                 subject->service, subject->name, address_format(&endpoint->address, address),
                 clock_format(subject->since_ns, since), request_count,
                 request_count == 1 ? "" : "s");
    if (!endpoint_is_usable(endpoint))
        text_appendf(line, ", though %s, as too few others are healthy (--panic-below)",
                     subject->word);
    else if (endpoint->is_suspect)
        text_appendf(line, ", though %s", endpoint->problem);
    append_order(endpoint, line);
    if (!endpoint_is_usable(endpoint))
        text_appendf(line, ": %s. %s", subject->why, subject->remedy);
}

static void append_not_routed(const struct subject *subject, struct text *line)
{
    char since[CLOCK_TEXT_BYTES], address[ADDRESS_TEXT_BYTES];
    text_appendf(line, "%s: not routed, %s", subject->name, subject->word);
    if (subject->since_ns)
        text_appendf(line, " since %s", clock_format(subject->since_ns, since));
    text_appendf(line, ": %s", subject->why);
    if (subject->endpoint) {
        uint64_t left = endpoint_inflight_count(subject->endpoint);
        if (left > 0)
            text_appendf(line, ", %" PRIu64 " still running", left);
        append_order(subject->endpoint, line);
    }
    text_appendf(line, ". %s", subject->remedy);
    facts_append(&subject->facts,
                 subject->endpoint ? address_format(&subject->endpoint->address, address) : NULL,
                 subject->service, line);
}

static bool ends_a_sentence(const struct text *line)
{
    struct view said = text_view(line);
    return said.len > 0 && (said.ptr[said.len - 1] == '.' || said.ptr[said.len - 1] == '?');
}

static void append_origin(const char *what, const char *from, struct text *line)
{
    if (from)
        text_appendf(line, "%s %s: %s", ends_a_sentence(line) ? "" : ".", what, from);
}

/* Address, port and service themselves stand in the line already. */
static void append_origins(const struct facts *facts, struct text *line)
{
    append_origin("Address", facts->address_from, line);
    append_origin("Port", facts->port_from, line);
    append_origin("Service", facts->service_from, line);
}

static void write_line(void *out, const struct subject *subject)
{
    struct text line = TEXT_INIT;
    if (subject->is_routed) {
        append_routed(subject, &line);
        append_origins(&subject->facts, &line);
    } else {
        append_not_routed(subject, &line);
    }
    if (subject->remark)
        text_appendf(&line, "%s Note: %s", ends_a_sentence(&line) ? "" : ".", subject->remark);
    if (!ends_a_sentence(&line))
        text_append_char(&line, '.');
    append_line(out, &line);
    text_fini(&line);
}

unsigned explain_write_text(const struct explain *explain, struct view subject, struct text *out)
{
    return visit_all(explain, &(struct walk){.membership = explain->membership,
                                             .wanted = subject,
                                             .write = write_line,
                                             .out = out});
}

/* What the source refuses to tell, and what lb does without. */
static void write_losses(const struct explain *explain, struct text *out)
{
    const char *loss;
    for (size_t i = 0; (loss = membership_loss_at(explain->membership, i)); i++) {
        struct text line = TEXT_INIT;
        text_appendf(&line, "lb-discovery: %s", loss);
        append_line(out, &line);
        text_fini(&line);
    }
}

void explain_write_obstacle(const struct explain *explain, struct text *out)
{
    write_losses(explain, out);
    const struct obstacle *obstacle = &explain->membership->life.obstacle;
    struct text line = TEXT_INIT;
    char since[CLOCK_TEXT_BYTES];
    if (!obstacle_is_set(obstacle))
        return;
    text_append_str(&line, "lb-discovery: ");
    text_append_str(&line, explain->membership->line_count > 0 ? "does not follow its source"
                                                               : "has learnt nothing yet");
    if (obstacle->since_ns)
        text_appendf(&line, " since %s", clock_format(obstacle->since_ns, since));
    text_append_str(&line, ": ");
    obstacle_append(obstacle, &line);
    append_line(out, &line);
    text_fini(&line);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void write_endpoint(struct json_writer *json, const struct subject *subject)
{
    const struct endpoint *endpoint = subject->endpoint;
    char address[ADDRESS_TEXT_BYTES];
    json_writer_field_str(json, "address", address_format(&endpoint->address, address));
    backends_write_names(subject->backends, &endpoint->address, json);
    if (endpoint->is_suspect)
        json_writer_field_str(json, "problem", endpoint->problem);
    json_writer_field_uint(json, "requests", endpoint_request_count(endpoint));
    json_writer_field_uint(json, "inflight", endpoint_inflight_count(endpoint));
    json_writer_field_uint(json, "weight", endpoint_weight(endpoint));
    if (endpoint->order != ENDPOINT_ORDER_NONE || endpoint->ordered_weight)
        json_writer_field_str(json, "ordered_by", "admin");
}

static void write_object(void *out, const struct subject *subject)
{
    struct json_writer *json = out;
    char since[CLOCK_TEXT_BYTES];
    json_writer_begin_object(json);
    json_writer_field_str(json, "id", subject->container);
    json_writer_field_str(json, "name", subject->name);
    json_writer_field_str(json, "service", subject->service);
    json_writer_field_bool(json, "routed", subject->is_routed);
    json_writer_field_str(json, subject->endpoint ? "state" : "reason", subject->word);
    if (subject->since_ns)
        json_writer_field_str(json, "since", clock_format(subject->since_ns, since));
    if (subject->endpoint)
        write_endpoint(json, subject);
    else if (subject->facts.address[0])
        json_writer_field_str(json, "address", subject->facts.address);
    facts_write(&subject->facts, json);
    if (!subject->is_routed) {
        json_writer_field_str(json, "why", subject->why);
        json_writer_field_str(json, "remedy", subject->remedy);
    }
    if (subject->remark)
        json_writer_field_str(json, "remark", subject->remark);
    json_writer_end_object(json);
}

unsigned explain_write_json(const struct explain *explain, struct view subject, struct text *out)
{
    struct json_writer json;
    json_writer_init(&json, out);
    json_writer_begin_object(&json);
    if (obstacle_is_set(&explain->membership->life.obstacle)) {
        json_writer_key(&json, "discovery");
        json_writer_begin_object(&json);
        obstacle_write(&explain->membership->life.obstacle, &json);
        json_writer_end_object(&json);
    }
    if (membership_loss_at(explain->membership, 0)) {
        const char *loss;
        json_writer_key(&json, "losses");
        json_writer_begin_array(&json);
        for (size_t i = 0; (loss = membership_loss_at(explain->membership, i)); i++)
            json_writer_str(&json, loss);
        json_writer_end_array(&json);
    }
    json_writer_key(&json, "containers");
    json_writer_begin_array(&json);
    unsigned count = visit_all(explain, &(struct walk){.membership = explain->membership,
                                                       .wanted = subject,
                                                       .write = write_object,
                                                       .out = &json});
    json_writer_end_array(&json);
    json_writer_end_object(&json);
    text_append_char(out, '\n');
    return count;
}
