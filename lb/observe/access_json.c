#include "lb/observe/access_json.h"

#include "lb/observe/access_limits.h"
#include "lb/observe/access_text.h"
#include "lb/observe/userinfo.h"

/* Inlined: where words of ours are, their length is known, and they are a few moves then. */
#define INLINED static inline __attribute__((always_inline))

/* Appends `key`, which is like ",\"a\":{\"b\":\"", the escaped value, and `after`. */
INLINED void put_text(struct line *line, struct view key, struct view value, size_t max_bytes,
                      struct view after)
{
    line_append(line, key);
    line_foreign(line, value, LINE_JSON, max_bytes);
    line_append(line, after);
}

INLINED void put_uint(struct line *line, struct view key, uint64_t value)
{
    line_append(line, key);
    line_uint(line, value);
}

INLINED void put_ms(struct line *line, struct view key, uint64_t value_ns)
{
    if (value_ns == RECORD_NEVER)
        return;
    line_append(line, key);
    line_ms(line, value_ns);
}

static struct view path_of(struct view target)
{
    ptrdiff_t query = view_find(target, '?');
    return query < 0 ? target : view_of(target.ptr, (size_t)query);
}

/* Cuts ":port" off "host:port" or "[v6]:port". False, `*host` unchanged: there is none. */
static bool cut_port(struct view *host, uint64_t *port)
{
    const char *colon = host->len > 0 ? memrchr(host->ptr, ':', host->len) : NULL;
    size_t len = colon ? (size_t)(colon - host->ptr) : 0;
    if (len == 0 || !view_parse_u64(view_skip(*host, len + 1), UINT16_MAX, port))
        return false;
    host->len = len;
    return true;
}

static struct view without_brackets(struct view ip)
{
    bool has = ip.len >= 2 && ip.ptr[0] == '[' && ip.ptr[ip.len - 1] == ']';
    return has ? view_of(ip.ptr + 1, ip.len - 2) : ip;
}

/* ---- the parts of a line, in their order ----------------------------------------------------- */

static bool is_good_end(enum err end)
{
    bool is_redirect = end >= ERR_MOVED && end <= ERR_SLASH;
    return end == ERR_OK || end == ERR_LAST_HOP || end == ERR_IDLE || end == ERR_CHALLENGE ||
           is_redirect;
}

static struct view outcome_of(const struct record *record)
{
    if (record->end == ERR_CLIENT_GONE || record->end == ERR_CLIENT_STALLED)
        return VIEW("unknown");
    bool is_good = is_good_end(record->end);
    return is_good && record->status < 500 ? VIEW("success") : VIEW("failure");
}

static void put_message(struct line *line, const struct record *record, struct view path)
{
    LINE_LITERAL(line, "\",\"message\":\"");
    if (record->method.len > 0) {
        line_foreign(line, record->method, LINE_JSON, ACCESS_METHOD_BYTES);
        put_text(line, VIEW(" "), path, ACCESS_MESSAGE_BYTES, VIEW(" "));
    }
    if (record->status > 0)
        line_uint(line, record->status);
    else
        line_append(line, view_str(err_word(record->end)));
}

static void put_passing_message(struct line *line, const struct record *record)
{
    LINE_LITERAL(line, "\",\"message\":\"");
    line_append(line, access_text_protocol(record));
    put_text(line, VIEW(" "), record->listener, ACCESS_IP_BYTES, VIEW(""));
    if (record->host.len > 0)
        put_text(line, VIEW("/"), record->host, ACCESS_MESSAGE_BYTES, VIEW(""));
    LINE_LITERAL(line, " ");
    line_append(line, view_str(err_word(record->end)));
}

static void put_event(struct line *line, const struct record *record)
{
    LINE_LITERAL(line, "\",\"ecs\":{\"version\":\"8.11.0\"},"
                       "\"log\":{\"level\":\"info\",\"logger\":\"access\"},"
                       "\"event\":{\"kind\":\"event\",\"category\":[\"");
    line_append(line, record_is_passing(record)
                          ? VIEW("network\"],\"type\":[\"connection\",\"end\"]")
                          : VIEW("web\"],\"type\":[\"access\"]"));
    LINE_LITERAL(line, ",\"dataset\":\"lb.access\",\"outcome\":\"");
    line_append(line, outcome_of(record));
    put_uint(line, VIEW("\",\"duration\":"), record->total_ns);
    LINE_LITERAL(line, "},\"service\":{\"name\":\"lb\",\"type\":\"load-balancer\"}");
}

static void put_http(struct line *line, const struct record *record, char *masked)
{
    put_uint(line, VIEW(",\"http\":{\"request\":{\"body\":{\"bytes\":"),
             record->request_body_bytes);
    LINE_LITERAL(line, "}");
    if (record->request_id.len > 0)
        put_text(line, VIEW(",\"id\":\""), record->request_id, ACCESS_ID_BYTES, VIEW("\""));
    if (record->method.len > 0)
        put_text(line, VIEW(",\"method\":\""), record->method, ACCESS_METHOD_BYTES, VIEW("\""));
    if (record->referrer.len > 0)
        put_text(line, VIEW(",\"referrer\":\""),
                 userinfo_mask(record->referrer, masked, ACCESS_TARGET_BYTES + 1),
                 ACCESS_REFERRER_BYTES, VIEW("\""));
    put_uint(line, VIEW("},\"response\":{\"body\":{\"bytes\":"), record->response_body_bytes);
    LINE_LITERAL(line, "}");
    if (record->status > 0)
        put_uint(line, VIEW(",\"status_code\":"), record->status);
    LINE_LITERAL(line, "}");
    if (record->method.len > 0)
        line_append(line, record->minor_version == 0 ? VIEW(",\"version\":\"1.0\"")
                                                     : VIEW(",\"version\":\"1.1\""));
    LINE_LITERAL(line, "}");
}

static void put_trace(struct line *line, const struct record *record)
{
    if (record->trace_id.len > 0)
        put_text(line, VIEW(",\"trace\":{\"id\":\""), record->trace_id, ACCESS_ID_BYTES,
                 VIEW("\"}"));
}

static void put_url(struct line *line, struct view target, struct view path,
                    const struct record *record)
{
    struct view host = record->host;
    uint64_t port;
    if (target.len == 0)
        return;
    put_text(line, VIEW(",\"url\":{\"original\":\""), target, ACCESS_TARGET_BYTES, VIEW("\""));
    put_text(line, VIEW(",\"path\":\""), path, ACCESS_PATH_BYTES, VIEW("\""));
    if (record->scheme.len > 0)
        put_text(line, VIEW(",\"scheme\":\""), record->scheme, ACCESS_SCHEME_BYTES, VIEW("\""));
    bool has_port = cut_port(&host, &port);
    if (host.len > 0)
        put_text(line, VIEW(",\"domain\":\""), host, ACCESS_HOST_BYTES, VIEW("\""));
    if (has_port)
        put_uint(line, VIEW(",\"port\":"), port);
    LINE_LITERAL(line, "}");
}

/* Of a request. */
static void put_tls(struct line *line, const struct record *record)
{
    put_text(line, VIEW(",\"tls\":{\"version\":\""), record->tls_version, ACCESS_SCHEME_BYTES,
             VIEW("\",\"version_protocol\":\"tls\""));
    put_text(line, VIEW(",\"cipher\":\""), record->tls_cipher, ACCESS_ID_BYTES, VIEW("\""));
    line_append(line,
                record->is_tls_resumed ? VIEW(",\"resumed\":true") : VIEW(",\"resumed\":false"));
    if (record->tls_client_subject.len > 0)
        put_text(line, VIEW(",\"client\":{\"subject\":\""), record->tls_client_subject,
                 ACCESS_NAME_BYTES, VIEW("\"}"));
    LINE_LITERAL(line, "}");
}

static void put_network(struct line *line, const struct record *record)
{
    LINE_LITERAL(line, ",\"network\":{\"transport\":\"");
    line_append(line, access_text_protocol(record));
    LINE_LITERAL(line, "\"}");
    if (record->host.len > 0)
        put_text(line, VIEW(",\"tls\":{\"client\":{\"server_name\":\""), record->host,
                 ACCESS_HOST_BYTES, VIEW("\"}}"));
}

/* A field of the type ip takes nothing else: a store that finds something else there refuses the
 * whole line. */
static void put_client(struct line *line, const struct record *record)
{
    bool has_ip = record->client_ip.len > 0;
    if (has_ip)
        put_text(line, VIEW(",\"client\":{\"ip\":\""), record->client_ip, ACCESS_IP_BYTES,
                 VIEW("\""));
    if (record->client_address.len > 0)
        put_text(line, has_ip ? VIEW(",\"address\":\"") : VIEW(",\"client\":{\"address\":\""),
                 record->client_address, ACCESS_HOST_BYTES, VIEW("\"}"));
    else if (has_ip)
        LINE_LITERAL(line, "}");
}

/* What came from one side of a connection or a flow. */
static void put_volume(struct line *line, const struct record *record, uint64_t byte_count,
                       uint64_t datagram_count)
{
    if (!record_is_passing(record))
        return;
    put_uint(line, VIEW(",\"bytes\":"), byte_count);
    if (record->kind == RECORD_FLOW)
        put_uint(line, VIEW(",\"packets\":"), datagram_count);
}

static void put_peers(struct line *line, const struct record *record)
{
    uint64_t port;
    put_client(line, record);
    if (record->peer_ip.len > 0) {
        put_text(line, VIEW(",\"source\":{\"ip\":\""), record->peer_ip, ACCESS_IP_BYTES,
                 VIEW("\""));
        put_uint(line, VIEW(",\"port\":"), record->peer_port);
        put_volume(line, record, record->request_body_bytes, record->request_datagram_count);
        LINE_LITERAL(line, "}");
    }
    struct view backend = record->endpoint_address;
    if (backend.len > 0 && cut_port(&backend, &port)) {
        put_text(line, VIEW(",\"destination\":{\"ip\":\""), without_brackets(backend),
                 ACCESS_IP_BYTES, VIEW("\""));
        put_uint(line, VIEW(",\"port\":"), port);
        put_volume(line, record, record->response_body_bytes, record->response_datagram_count);
        LINE_LITERAL(line, "}");
    }
    if (record->user_agent.len > 0)
        put_text(line, VIEW(",\"user_agent\":{\"original\":\""), record->user_agent,
                 ACCESS_AGENT_BYTES, VIEW("\"}"));
}

static void put_retries(struct line *line, uint64_t retried_after)
{
    if (retried_after == 0)
        return;
    _Static_assert(ERR_COUNT <= 64, "a bit for each");
    struct view before = VIEW(",\"retries\":[\"");
    for (unsigned err = 0; err < ERR_COUNT; err++) {
        if (!(retried_after >> err & 1))
            continue;
        line_append(line, before);
        line_append(line, view_str(err_word((enum err)err)));
        before = VIEW("\",\"");
    }
    LINE_LITERAL(line, "\"]");
}

static void put_upstream(struct line *line, const struct record *record)
{
    if (record->route.len > 0)
        put_text(line, VIEW(",\"route\":\""), record->route, ACCESS_NAME_BYTES, VIEW("\""));
    if (record->service.len > 0)
        put_text(line, VIEW(",\"service\":\""), record->service, ACCESS_NAME_BYTES, VIEW("\""));
    if (record->endpoint_name.len == 0)
        return;
    put_text(line, VIEW(",\"upstream\":{\"name\":\""), record->endpoint_name, ACCESS_NAME_BYTES,
             VIEW("\""));
    put_text(line, VIEW(",\"id\":\""), record->endpoint_id, ACCESS_ID_BYTES, VIEW("\""));
    put_text(line, VIEW(",\"address\":\""), record->endpoint_address, ACCESS_IP_BYTES, VIEW("\"}"));
}

/* How its attempts went: of a connection or a flow, each of them has one of its own. */
static void put_attempts(struct line *line, const struct record *record)
{
    bool is_passing = record_is_passing(record);
    put_uint(line, VIEW("\",\"attempts\":"), record->attempt_count);
    if (!is_passing)
        put_uint(line, VIEW(",\"replays\":"), record->replay_count);
    put_retries(line, record->retried_after & ~UINT64_C(1));
    if (is_passing)
        return;
    line_append(line, record->is_reused ? VIEW(",\"reused\":true") : VIEW(",\"reused\":false"));
    line_append(line, record->kind == RECORD_TUNNEL ? VIEW(",\"tunnel\":true")
                                                    : VIEW(",\"tunnel\":false"));
}

static void put_kind(struct line *line, const struct record *record)
{
    if (!record_is_passing(record))
        return;
    LINE_LITERAL(line, "\",\"kind\":\"");
    line_append(line, access_text_kind(record));
    put_text(line, VIEW("\",\"listener\":\""), record->listener, ACCESS_IP_BYTES, VIEW(""));
}

static void put_own(struct line *line, const struct record *record)
{
    LINE_LITERAL(line, ",\"lb\":{\"end\":\"");
    line_append(line, view_str(err_word(record->end)));
    put_kind(line, record);
    put_attempts(line, record);
    put_ms(line, VIEW(",\"total_ms\":"), record->total_ns);
    put_ms(line, VIEW(",\"queue_ms\":"), record->queue_ns);
    if (record->hold_ns > 0)
        put_ms(line, VIEW(",\"hold_ms\":"), record->hold_ns);
    if (record->busy_ns > 0)
        put_ms(line, VIEW(",\"busy_ms\":"), record->busy_ns);
    put_ms(line, VIEW(",\"connect_ms\":"), record->connect_ns);
    put_ms(line, VIEW(",\"first_byte_ms\":"), record->first_byte_ns);
    put_upstream(line, record);
    LINE_LITERAL(line, "}");
}

static void put_request(struct line *line, const struct record *record)
{
    char masked_target[ACCESS_TARGET_BYTES + 1], masked_referrer[ACCESS_TARGET_BYTES + 1];
    struct view target = userinfo_mask(record->target, masked_target, sizeof(masked_target));
    struct view path = path_of(target);
    put_message(line, record, path);
    put_event(line, record);
    put_http(line, record, masked_referrer);
    put_trace(line, record);
    put_url(line, target, path, record);
    if (record->tls_version.len > 0)
        put_tls(line, record);
}

static void put_passing(struct line *line, const struct record *record)
{
    put_passing_message(line, record);
    put_event(line, record);
    put_network(line, record);
}

void access_json_put(struct line *line, const struct record *record, const struct stamp *stamp)
{
    LINE_LITERAL(line, "{\"@timestamp\":\"");
    stamp_put_iso(stamp, line);
    if (record_is_passing(record))
        put_passing(line, record);
    else
        put_request(line, record);
    put_peers(line, record);
    put_own(line, record);
    if (!is_good_end(record->end)) {
        LINE_LITERAL(line, ",\"error\":{\"code\":\"");
        line_append(line, view_str(err_word(record->end)));
        LINE_LITERAL(line, "\"}");
    }
    LINE_LITERAL(line, "}");
}
