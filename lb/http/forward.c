#include "lb/http/forward.h"

#include "lb/http/chars.h"
#include "lb/http/claim.h"
#include "lb/http/head_writer.h"
#include "lb/http/hex.h"
#include "lb/http/identity.h"
#include "lb/http/trace_context.h"
#include "lb/http/via.h"

/* All fixed texts that one head can get, with room to spare. */
#define ADDED_BYTES 320

/* As one list, whatever lines they came in. */
static void put_protocols(const struct head *head, struct head_writer *writer)
{
    struct head_list list = {.head = head, .id = FIELD_UPGRADE};
    struct view protocol, between = VIEW("");
    head_writer_name(writer, VIEW("Upgrade"));
    for (; head_next_protocol(&list, &protocol); between = VIEW(", ")) {
        head_writer_put(writer, between);
        head_writer_put(writer, protocol);
    }
    head_writer_end_line(writer);
}

static enum claim claim_of_field(const struct head *head, const struct field *field)
{
    return field->id == FIELD_OTHER ? claim_of(head_field_name(head, field)) : CLAIM_NONE;
}

/* Without those that lb writes itself, or leaves out, beside the hop-by-hop ones. */
static bool is_request_line_kept(const struct head *head, const struct field *field)
{
    switch (field->id) {
    case FIELD_X_FORWARDED_FOR:
    case FIELD_X_FORWARDED_PROTO:
    case FIELD_X_FORWARDED_HOST:
    case FIELD_X_FORWARDED_PORT:
    case FIELD_X_REAL_IP:
    case FIELD_X_REQUEST_ID:
    case FIELD_FORWARDED:
        return false;
    case FIELD_MAX_FORWARDS:
        return !head->has_max_forwards;
    case FIELD_HOST:
        return head->form != TARGET_ABSOLUTE;
    case FIELD_EXPECT:
        return head->expects_continue;
    default:
        return !field->is_dropped;
    }
}

static bool is_line_kept(const struct head *head, const struct field *field)
{
    return is_request_line_kept(head, field) && claim_of_field(head, field) == CLAIM_NONE;
}

static bool is_trusted_line_kept(const struct head *head, const struct field *field)
{
    return is_request_line_kept(head, field) && claim_of_field(head, field) < CLAIM_ALIAS;
}

static bool is_response_line_kept(const struct head *head, const struct field *field)
{
    bool has_no_length = head->status < 200 || head->status == 204;
    return !field->is_dropped && !(has_no_length && field->id == FIELD_CONTENT_LENGTH);
}

/* Lines that are kept as they came, neighbours in one piece. */
struct run {
    uint32_t at, end;
};

static void put_run(const struct head *head, const struct run *run, struct head_writer *writer)
{
    head_writer_put(writer, view_of(head->base + run->at, run->end - run->at));
}

static void keep_line(const struct head *head, unsigned index, struct run *run,
                      struct head_writer *writer)
{
    uint32_t at = head->fields[index].name_at;
    if (at != run->end) {
        put_run(head, run, writer);
        run->at = at;
    }
    run->end = (uint32_t)(head_line_end(head, index) - head->base);
}

/* The field's line will stand at `line_at`. */
static void note(const struct head *head, const struct field *field, const char *line_at,
                 const struct trace_context *trace, struct forwarded *forwarded)
{
    struct view *noted;
    switch (field->id) {
    case FIELD_HOST:
        noted = &forwarded->host;
        break;
    case FIELD_USER_AGENT:
        noted = &forwarded->user_agent;
        break;
    case FIELD_REFERER:
        noted = &forwarded->referer;
        break;
    case FIELD_ACCEPT:
        noted = &forwarded->accept;
        break;
    case FIELD_TRACEPARENT:
    case FIELD_SENTRY_TRACE:
        if (field == trace->field)
            forwarded->trace_id =
                view_of(line_at + (trace->id.ptr - head->base - field->name_at), trace->id.len);
        return;
    default:
        return;
    }
    if (!noted->ptr)
        *noted = view_of(line_at + (field->value_at - field->name_at), field->value_len);
}

static inline __attribute__((always_inline)) void
put_request_lines(const struct head *head, bool is_trusted, const struct trace_context *trace,
                  struct head_writer *writer, struct forwarded *forwarded)
{
    struct run run = {0};
    for (unsigned i = 0; i < head->field_count; i++) {
        const struct field *field = &head->fields[i];
        if (!(is_trusted ? is_trusted_line_kept(head, field) : is_line_kept(head, field)) ||
            (trace->is_begun && trace_context_replaces(field->id)))
            continue;
        keep_line(head, i, &run, writer);
        note(head, field, writer->at + (field->name_at - run.at), trace, forwarded);
    }
    put_run(head, &run, writer);
}

static void put_response_lines(const struct head *head, struct head_writer *writer)
{
    struct run run = {0};
    for (unsigned i = 0; i < head->field_count; i++)
        if (is_response_line_kept(head, &head->fields[i]))
            keep_line(head, i, &run, writer);
    put_run(head, &run, writer);
}

static struct view host_of(const struct head *head, const struct forward_request *options)
{
    const struct field *field = head_find(head, FIELD_HOST);
    if (head->form == TARGET_ABSOLUTE)
        return head->authority;
    return field ? head_field_value(head, field) : options->default_host;
}

static struct identity identity_of(const struct head *head, const struct forward_request *options)
{
    return (struct identity){.client_ip = options->client_ip,
                             .is_trusted = options->is_trusted,
                             .adds_forwarded = options->adds_forwarded,
                             .trust = options->trust,
                             .scheme = options->scheme,
                             .host = host_of(head, options)};
}

size_t forward_request_bound(const struct head *head, const struct forward_request *options)
{
    struct identity identity = identity_of(head, options);
    size_t protocols = head->wants_upgrade ? head->len : 0; /* a space behind each comma */
    return head->len + protocols + identity.host.len + identity_bound(head, &identity) +
           VIA_LINE_BYTES + options->lines.len +
           (options->begins_traces ? TRACE_CONTEXT_LINE_BYTES : 0) + ADDED_BYTES;
}

/* RFC 9112 § 3.2.4. */
static struct view target_prefix(const struct head *head)
{
    if (head->path.len == 0 && head_is_method(head, VIEW("OPTIONS")))
        return VIEW("*");
    return head->path.len == 0 || head->path.ptr[0] == '?' ? VIEW("/") : VIEW("");
}

static void put_request_line(const struct head *head, struct head_writer *writer,
                             struct forwarded *forwarded)
{
    struct view prefix = target_prefix(head);
    forwarded->method = view_of(writer->at, head->method.len);
    forwarded->target = view_of(writer->at + head->method.len + 1, prefix.len + head->path.len);
    head_writer_request_line(writer, head->method, prefix, head->path);
}

static bool is_request_id(struct view id)
{
    if (id.len == 0 || id.len > FORWARD_REQUEST_ID_BYTES)
        return false;
    for (size_t i = 0; i < id.len; i++)
        if (!chars_is_id(id.ptr[i]))
            return false;
    return true;
}

void forward_make_request_id(struct rng *rng, char id[FORWARD_MADE_ID_BYTES])
{
    for (unsigned i = 0; i < FORWARD_MADE_ID_BYTES; i += HEX_U64_DIGITS)
        hex_put_random(id + i, rng_next(rng));
}

static struct view put_request_id(const struct head *head, struct rng *rng,
                                  struct head_writer *writer)
{
    const struct field *field = head_find(head, FIELD_X_REQUEST_ID);
    char made[FORWARD_MADE_ID_BYTES];
    struct view id = field ? head_field_value(head, field) : view_of(NULL, 0);
    if (!is_request_id(id)) {
        forward_make_request_id(rng, made);
        id = view_of(made, sizeof(made));
    }
    return head_writer_field(writer, VIEW("X-Request-Id"), id);
}

/* What goes to the next hop only. */
static void put_hop(const struct head *head, struct head_writer *writer)
{
    if (head->wants_upgrade) {
        head_writer_field(writer, VIEW("Connection"), VIEW("Upgrade"));
        put_protocols(head, writer);
    } else if (head->takes_trailers) {
        head_writer_field(writer, VIEW("TE"), VIEW("trailers"));
        head_writer_field(writer, VIEW("Connection"), VIEW("TE"));
    }
}

void forward_request(const struct head *head, const struct forward_request *options,
                     struct block *out, struct forwarded *forwarded)
{
    struct head_writer writer = head_writer_in(out);
    struct trace_context trace = trace_context_of(head, options->begins_traces);
    struct identity identity = identity_of(head, options);
    *forwarded = (struct forwarded){0};
    put_request_line(head, &writer, forwarded);
    if (!head_find(head, FIELD_HOST) || head->form == TARGET_ABSOLUTE)
        forwarded->host = head_writer_field(&writer, VIEW("Host"), identity.host);
    put_request_lines(head, options->is_trusted, &trace, &writer, forwarded);
    if (trace.is_begun)
        forwarded->trace_id = trace_context_put(head, &trace, options->rng, &writer);
    if (head->framing == FRAMING_CHUNKED)
        head_writer_field(&writer, VIEW("Transfer-Encoding"), VIEW("chunked"));
    forwarded->forwarded_for = identity_put(head, &identity, &writer, &forwarded->scheme);
    if (options->lines.len > 0)
        head_writer_put(&writer, options->lines);
    if (head->has_max_forwards) /* RFC 9110 § 7.6.2 */
        head_writer_field_u64(&writer, VIEW("Max-Forwards"),
                              head->max_forwards ? head->max_forwards - 1 : 0);
    if (!options->omits_via)
        via_put(head, options->instance, &writer);
    put_hop(head, &writer);
    forwarded->request_id = put_request_id(head, options->rng, &writer);
    head_writer_end(&writer, out);
}

size_t forward_response_bound(const struct head *head)
{
    return head->len + ADDED_BYTES;
}

/* Upgrade belongs to 101, and to 426, which has to name what is wanted (RFC 9110 § 15.5.22). */
static void put_connection(const struct head *head, enum forward_connection connection,
                           struct head_writer *writer)
{
    const struct field *upgrade = head_find(head, FIELD_UPGRADE);
    struct view name = VIEW("Connection");
    if (upgrade && (head->status == 101 || head->status == 426)) {
        head_writer_field(writer, VIEW("Upgrade"), head_field_value(head, upgrade));
        head_writer_field(writer, name,
                          connection == FORWARD_CLOSE ? VIEW("Upgrade, close") : VIEW("Upgrade"));
    } else if (connection == FORWARD_CLOSE) {
        head_writer_field(writer, name, VIEW("close"));
    } else if (connection == FORWARD_KEEP_ALIVE) {
        head_writer_field(writer, name, VIEW("keep-alive"));
    }
}

void forward_response(const struct head *head, const struct forward_response *options,
                      struct block *out)
{
    struct head_writer writer = head_writer_in(out);
    head_writer_status_line(&writer, head->status, head->reason);
    put_response_lines(head, &writer);
    if (head->status >= 200 && options->date.len > 0 && !head_find(head, FIELD_DATE))
        head_writer_field(&writer, VIEW("Date"), options->date);
    if (options->is_chunked)
        head_writer_field(&writer, VIEW("Transfer-Encoding"), VIEW("chunked"));
    put_connection(head, options->connection, &writer);
    head_writer_end(&writer, out);
}
