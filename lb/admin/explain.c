#include "lb/admin/explain.h"

#include "lb/admin/certificates_page.h"
#include <inttypes.h>

#include "lb/admin/listeners_page.h"
#include "lb/admin/local_share.h"
#include "lb/admin/routes_page.h"
#include "lb/admin/service_standing.h"
#include "lb/admin/tls_words.h"
#include "lb/base/clock.h"
#include "lb/base/shown.h"
#include "lb/contract/key.h"

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

static void append_limit(const struct endpoint *endpoint, struct text *line)
{
    unsigned limit = atomic_load_explicit(&endpoint->max_inflight, memory_order_relaxed);
    if (limit > 0)
        text_appendf(line, ", at most %u at a time", limit);
}

static void append_count(uint64_t count, const char *what, struct text *line)
{
    text_appendf(line, ", %" PRIu64 " %s%s", count, what, count == 1 ? "" : "s");
}

/* What it has had, and of connections and flows what there is of them. */
static void append_counts(const struct explain_subject *subject, struct text *line)
{
    const struct endpoint *endpoint = subject->endpoint;
    struct endpoint_sums sums = {0};
    if (subject->kind == SERVICE_HTTP) {
        append_count(endpoint_request_count(endpoint), "request", line);
        return;
    }
    endpoint_add_to(endpoint, &sums);
    if (subject->kind == SERVICE_TCP)
        append_count(sums.connect_count, "connection", line);
    text_appendf(line, ", %" PRIu64 " open", sums.inflight_count);
}

static void append_routed(const struct explain_subject *subject, struct text *line)
{
    static const char *const words[] = {[SERVICE_HTTP] = "routed",
                                        [SERVICE_TCP] = "gets connections (tcp)",
                                        [SERVICE_UDP] = "gets flows (udp)"};
    const struct endpoint *endpoint = subject->endpoint;
    char address[ADDRESS_TEXT_BYTES], since[CLOCK_TEXT_BYTES];
    text_appendf(line, "%s: %s as %s/%s at %s since %s", subject->name, words[subject->kind],
                 subject->service, subject->name, address_format(&endpoint->address, address),
                 clock_format(subject->since_ns, since));
    append_counts(subject, line);
    if (!endpoint_is_usable(endpoint))
        text_appendf(line, ", though %s, as too few others are healthy (--panic-below)",
                     subject->word);
    else if (endpoint->is_suspect)
        text_appendf(line, ", though %s", endpoint->problem);
    append_order(endpoint, line);
    append_limit(endpoint, line);
    local_share_append(subject->listed, endpoint, line);
    service_standing_append_pause(subject->paused_until_ms, subject->now_ms, subject->kind, line);
    if (!endpoint_is_usable(endpoint))
        text_appendf(line, ": %s. %s", subject->why, subject->remedy);
}

static void append_not_routed(const struct explain_subject *subject, struct text *line)
{
    char since[CLOCK_TEXT_BYTES], address[ADDRESS_TEXT_BYTES];
    static const char *const words[] = {[SERVICE_HTTP] = "not routed",
                                        [SERVICE_TCP] = "gets no connections (tcp)",
                                        [SERVICE_UDP] = "gets no flows (udp)"};
    text_appendf(line, "%s: %s, %s", subject->name, words[subject->kind], subject->word);
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

static void append_tls(const struct endpoint *endpoint, struct text *line)
{
    struct text words = TEXT_INIT;
    tls_words_append(endpoint, &words);
    append_origin("By https", words.len > 0 ? text_str(&words) : NULL, line);
    text_fini(&words);
}

static void write_line(void *out, const struct explain_subject *subject)
{
    struct text line = TEXT_INIT;
    if (subject->is_routed) {
        append_routed(subject, &line);
        append_origins(&subject->facts, &line);
        append_origin("Asked of its service", subject->wishes, &line);
        append_tls(subject->endpoint, &line);
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

/* Those that are called so; if none is, those of the service that is. */
static unsigned walk_meant(struct explain_walk *walk)
{
    if (explain_walk_run(walk) > 0 || walk->subject.len == 0)
        return walk->count;
    walk->service = walk->subject;
    walk->subject = view_of("", 0);
    return explain_walk_run(walk);
}

unsigned explain_write_text(const struct explain *explain, struct view subject, struct text *out)
{
    unsigned count = walk_meant(&(struct explain_walk){
        .explain = explain, .subject = subject, .is_brief = true, .write = write_line, .out = out});
    if (subject.len > 0)
        count += routes_page_write_container_text(explain, subject, out) +
                 listeners_page_write_subject_text(explain, subject, out);
    return count;
}

unsigned explain_write_service_text(const struct explain *explain, struct view service,
                                    enum service_kind kind, unsigned limit, struct text *out)
{
    return explain_walk_run(&(struct explain_walk){.explain = explain,
                                                   .service = service,
                                                   .kinds = EXPLAIN_KIND_BIT(kind),
                                                   .limit = limit,
                                                   .is_brief = true,
                                                   .write = write_line,
                                                   .out = out});
}

unsigned explain_write_container_text(const struct explain *explain, struct view container,
                                      unsigned limit, struct text *out)
{
    return explain_walk_run(&(struct explain_walk){.explain = explain,
                                                   .subject = container,
                                                   .limit = limit,
                                                   .is_brief = true,
                                                   .write = write_line,
                                                   .out = out});
}

/* On what belongs to no container. */
static void write_remark(const struct explain *explain, struct text *out)
{
    const char *remark = membership_remark(explain->membership, KEY_REMARKS_FILE);
    struct text line = TEXT_INIT;
    if (!remark)
        return;
    text_appendf(&line, "lb-discovery: of what the source says, not all is followed: %s", remark);
    append_line(out, &line);
    text_fini(&line);
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

/* Each of several sources for itself. */
static void write_sources(const struct sign_of_life *life, struct text *out)
{
    for (unsigned i = 0; i < life->source_count; i++) {
        struct text line = TEXT_INIT;
        if (!obstacle_is_set(&life->sources[i].obstacle))
            continue;
        text_append_str(&line, "lb-discovery: ");
        life_source_append(&life->sources[i], &line);
        append_line(out, &line);
        text_fini(&line);
    }
}

/* Whether the obstacle is that of one of several sources. */
static bool has_told(const struct sign_of_life *life)
{
    return life->is_obstacle_told && life->source_count > 0;
}

void explain_write_obstacle(const struct explain *explain, struct text *out)
{
    write_losses(explain, out);
    write_remark(explain, out);
    const struct obstacle *obstacle = &explain->membership->life.obstacle;
    struct text line = TEXT_INIT;
    char since[CLOCK_TEXT_BYTES];
    if (explain->membership->life.is_obstacle_told || !obstacle_is_set(obstacle))
        write_sources(&explain->membership->life, out);
    if (!obstacle_is_set(obstacle) || has_told(&explain->membership->life))
        return;
    text_append_str(&line, "lb-discovery: ");
    text_append_str(&line, explain->membership->line_count > 0 || explain->membership->is_recalled
                               ? "does not follow its source"
                               : "has learnt nothing yet");
    if (obstacle->since_ns)
        text_appendf(&line, " since %s", clock_format(obstacle->since_ns, since));
    text_append_str(&line, ": ");
    obstacle_append(obstacle, &line);
    append_line(out, &line);
    text_fini(&line);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void write_counts(struct json_writer *json, const struct explain_subject *subject)
{
    struct endpoint_sums sums = {0};
    endpoint_add_to(subject->endpoint, &sums);
    if (subject->kind == SERVICE_HTTP)
        json_writer_field_uint(json, "requests", endpoint_request_count(subject->endpoint));
    else if (subject->kind == SERVICE_TCP)
        json_writer_field_uint(json, "connections", sums.connect_count);
}

static void write_endpoint(struct json_writer *json, const struct explain_subject *subject)
{
    const struct endpoint *endpoint = subject->endpoint;
    char address[ADDRESS_TEXT_BYTES];
    json_writer_field_str(json, "address", address_format(&endpoint->address, address));
    backends_write_names(subject->backends, &endpoint->address, json);
    if (endpoint->is_suspect)
        json_writer_field_str(json, "problem", endpoint->problem);
    if (endpoint->is_local)
        json_writer_field_bool(json, "local", true);
    local_share_write_place(subject->listed, endpoint, json);
    write_counts(json, subject);
    json_writer_field_uint(json, "inflight", endpoint_inflight_count(endpoint));
    json_writer_field_uint(json, "weight", endpoint_weight(endpoint));
    if (endpoint->order != ENDPOINT_ORDER_NONE || endpoint->ordered_weight)
        json_writer_field_str(json, "ordered_by", "admin");
}

static void write_object(void *out, const struct explain_subject *subject)
{
    struct json_writer *json = out;
    char since[CLOCK_TEXT_BYTES];
    json_writer_begin_object(json);
    json_writer_field_str(json, "id", subject->container);
    json_writer_field_str(json, "name", subject->name);
    json_writer_field_str(json, "service", subject->service);
    if (subject->kind != SERVICE_HTTP)
        json_writer_field_str(json, "protocol", service_kind_word(subject->kind));
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

unsigned explain_write_service_json(const struct explain *explain, struct view service,
                                    enum service_kind kind, unsigned limit,
                                    struct json_writer *json)
{
    return explain_walk_run(&(struct explain_walk){.explain = explain,
                                                   .service = service,
                                                   .kinds = EXPLAIN_KIND_BIT(kind),
                                                   .limit = limit,
                                                   .write = write_object,
                                                   .out = json});
}

unsigned explain_write_container_json(const struct explain *explain, struct view container,
                                      unsigned limit, struct json_writer *json)
{
    return explain_walk_run(&(struct explain_walk){.explain = explain,
                                                   .subject = container,
                                                   .limit = limit,
                                                   .write = write_object,
                                                   .out = json});
}

static unsigned write_listeners(const struct explain *explain, struct view subject,
                                struct json_writer *json)
{
    if (!explain->pool || !explain->pool->listeners.table)
        return 0;
    json_writer_key(json, "listeners");
    json_writer_begin_array(json);
    unsigned count = listeners_page_write_subject_json(explain, subject, json);
    json_writer_end_array(json);
    return count;
}

static unsigned write_routes(const struct explain *explain, struct view subject,
                             struct json_writer *json)
{
    json_writer_key(json, "routes");
    json_writer_begin_array(json);
    unsigned count = routes_page_write_container_json(explain, subject, json);
    json_writer_end_array(json);
    return count;
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
    if (membership_remark(explain->membership, KEY_REMARKS_FILE))
        json_writer_field_str(&json, "remark",
                              membership_remark(explain->membership, KEY_REMARKS_FILE));
    json_writer_key(&json, "containers");
    json_writer_begin_array(&json);
    unsigned count = walk_meant(&(struct explain_walk){
        .explain = explain, .subject = subject, .write = write_object, .out = &json});
    json_writer_end_array(&json);
    if (subject.len > 0)
        count += write_routes(explain, subject, &json) + write_listeners(explain, subject, &json);
    if (subject.len > 0 && explain->certificates)
        count += certificates_page_write_host_json(explain->certificates, subject,
                                                   explain->is_about_host, &json);
    json_writer_end_object(&json);
    text_append_char(out, '\n');
    return count;
}
