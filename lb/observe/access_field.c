#include "lb/observe/access_field.h"

#include "lb/observe/access_limits.h"
#include "lb/observe/access_text.h"

#define DEFINE_TEXT(name, escape, max_bytes)                                                       \
    static void put_##name(struct line *line, const struct record *record,                         \
                           const struct stamp *stamp)                                              \
    {                                                                                              \
        (void)stamp;                                                                               \
        line_foreign_or_dash(line, record->name, escape, max_bytes);                               \
    }

#define DEFINE_URL(name, escape, max_bytes)                                                        \
    static void put_##name(struct line *line, const struct record *record,                         \
                           const struct stamp *stamp)                                              \
    {                                                                                              \
        (void)stamp;                                                                               \
        access_text_put_url(line, record->name, escape, max_bytes);                                \
    }

#define DEFINE_UINT(name, value)                                                                   \
    static void put_##name(struct line *line, const struct record *record,                         \
                           const struct stamp *stamp)                                              \
    {                                                                                              \
        (void)stamp;                                                                               \
        line_uint(line, value);                                                                    \
    }

#define DEFINE_MS(name)                                                                            \
    static void put_##name##_ms(struct line *line, const struct record *record,                    \
                                const struct stamp *stamp)                                         \
    {                                                                                              \
        (void)stamp;                                                                               \
        if (record->name##_ns == RECORD_NEVER)                                                     \
            LINE_LITERAL(line, "-");                                                               \
        else                                                                                       \
            line_ms(line, record->name##_ns);                                                      \
    }

DEFINE_TEXT(client_ip, LINE_WORD, ACCESS_IP_BYTES)
DEFINE_TEXT(peer_ip, LINE_WORD, ACCESS_IP_BYTES)
DEFINE_TEXT(request_id, LINE_WORD, ACCESS_ID_BYTES)
DEFINE_TEXT(trace_id, LINE_WORD, ACCESS_ID_BYTES)
DEFINE_TEXT(method, LINE_WORD, ACCESS_METHOD_BYTES)
DEFINE_TEXT(host, LINE_WORD, ACCESS_HOST_BYTES)
DEFINE_TEXT(user_agent, LINE_QUOTED, ACCESS_AGENT_BYTES)
DEFINE_TEXT(listener, LINE_WORD, ACCESS_IP_BYTES)
DEFINE_TEXT(route, LINE_WORD, ACCESS_NAME_BYTES)
DEFINE_TEXT(service, LINE_WORD, ACCESS_NAME_BYTES)
DEFINE_TEXT(endpoint_name, LINE_WORD, ACCESS_NAME_BYTES)
DEFINE_TEXT(endpoint_id, LINE_WORD, ACCESS_ID_BYTES)
DEFINE_TEXT(endpoint_address, LINE_WORD, ACCESS_IP_BYTES)
DEFINE_TEXT(scheme, LINE_WORD, ACCESS_SCHEME_BYTES)
DEFINE_TEXT(tls_version, LINE_WORD, ACCESS_SCHEME_BYTES)
DEFINE_TEXT(tls_cipher, LINE_WORD, ACCESS_ID_BYTES)
DEFINE_TEXT(tls_client_subject, LINE_WORD, ACCESS_NAME_BYTES)
DEFINE_URL(target, LINE_WORD, ACCESS_TARGET_BYTES)
DEFINE_URL(referrer, LINE_QUOTED, ACCESS_REFERRER_BYTES)
DEFINE_UINT(peer_port, record->peer_port)
DEFINE_UINT(status, access_text_status(record))
DEFINE_UINT(request_bytes, record->request_body_bytes)
DEFINE_UINT(response_bytes, record->response_body_bytes)
DEFINE_UINT(request_datagrams, record->request_datagram_count)
DEFINE_UINT(response_datagrams, record->response_datagram_count)
DEFINE_UINT(attempts, record->attempt_count)
DEFINE_UINT(replays, record->replay_count)
DEFINE_MS(total)
DEFINE_MS(queue)
DEFINE_MS(hold)
DEFINE_MS(busy)
DEFINE_MS(connect)
DEFINE_MS(first_byte)

static void put_time(struct line *line, const struct record *record, const struct stamp *stamp)
{
    (void)record;
    stamp_put_iso(stamp, line);
}

static void put_time_clf(struct line *line, const struct record *record, const struct stamp *stamp)
{
    (void)record;
    stamp_put_clf(stamp, line);
}

static void put_time_unix(struct line *line, const struct record *record, const struct stamp *stamp)
{
    (void)record;
    line_uint(line, stamp->second);
    LINE_LITERAL(line, ".");
    line_digits(line, stamp->nanosecond / 1000000, 3);
}

static void put_client_address(struct line *line, const struct record *record,
                               const struct stamp *stamp)
{
    (void)stamp;
    line_foreign_or_dash(line, access_text_client(record), LINE_WORD, ACCESS_HOST_BYTES);
}

static void put_version(struct line *line, const struct record *record, const struct stamp *stamp)
{
    (void)stamp;
    if (record->method.len == 0)
        LINE_LITERAL(line, "-");
    else
        line_append(line, record->minor_version == 0 ? VIEW("HTTP/1.0") : VIEW("HTTP/1.1"));
}

static void put_retries(struct line *line, const struct record *record, const struct stamp *stamp)
{
    (void)stamp;
    access_text_put_retries(line, record);
}

static void put_end(struct line *line, const struct record *record, const struct stamp *stamp)
{
    (void)stamp;
    line_append(line, view_str(err_word(record->end)));
}

static void put_kind(struct line *line, const struct record *record, const struct stamp *stamp)
{
    (void)stamp;
    line_append(line, access_text_kind(record));
}

static void put_protocol(struct line *line, const struct record *record, const struct stamp *stamp)
{
    (void)stamp;
    line_append(line, access_text_protocol(record));
}

static void put_server_name(struct line *line, const struct record *record,
                            const struct stamp *stamp)
{
    (void)stamp;
    line_foreign_or_dash(line, record_is_passing(record) ? record->host : view_of(NULL, 0),
                         LINE_WORD, ACCESS_HOST_BYTES);
}

static void put_connection(struct line *line, const struct record *record,
                           const struct stamp *stamp)
{
    (void)stamp;
    if (record->attempt_count == 0)
        LINE_LITERAL(line, "-");
    else
        line_append(line, record->is_reused ? VIEW("reused") : VIEW("new"));
}

static void put_tls_resumed(struct line *line, const struct record *record,
                            const struct stamp *stamp)
{
    (void)stamp;
    if (record->tls_version.len == 0)
        LINE_LITERAL(line, "-");
    else
        line_append(line, record->is_tls_resumed ? VIEW("resumed") : VIEW("full"));
}

static const struct access_field fields[] = {
    {"time", put_time},
    {"time_clf", put_time_clf},
    {"time_unix", put_time_unix},
    {"request_id", put_request_id},
    {"trace_id", put_trace_id},
    {"client_ip", put_client_ip},
    {"client_address", put_client_address},
    {"peer_ip", put_peer_ip},
    {"peer_port", put_peer_port},
    {"method", put_method},
    {"target", put_target},
    {"version", put_version},
    {"host", put_host},
    {"scheme", put_scheme},
    {"tls_version", put_tls_version},
    {"tls_cipher", put_tls_cipher},
    {"tls_resumed", put_tls_resumed},
    {"tls_client_subject", put_tls_client_subject},
    {"user_agent", put_user_agent},
    {"referrer", put_referrer},
    {"status", put_status},
    {"request_bytes", put_request_bytes},
    {"response_bytes", put_response_bytes},
    {"request_datagrams", put_request_datagrams},
    {"response_datagrams", put_response_datagrams},
    {"total_ms", put_total_ms},
    {"queue_ms", put_queue_ms},
    {"hold_ms", put_hold_ms},
    {"busy_ms", put_busy_ms},
    {"connect_ms", put_connect_ms},
    {"first_byte_ms", put_first_byte_ms},
    {"route", put_route},
    {"service", put_service},
    {"container", put_endpoint_name},
    {"container_id", put_endpoint_id},
    {"upstream", put_endpoint_address},
    {"connection", put_connection},
    {"attempts", put_attempts},
    {"replays", put_replays},
    {"retries", put_retries},
    {"kind", put_kind},
    {"protocol", put_protocol},
    {"listener", put_listener},
    {"server_name", put_server_name},
    {"end", put_end},
};

const struct access_field *access_field_at(size_t index)
{
    return index < sizeof(fields) / sizeof(fields[0]) ? &fields[index] : NULL;
}

const struct access_field *access_field_find(struct view name)
{
    const struct access_field *field;
    for (size_t i = 0; (field = access_field_at(i)); i++)
        if (view_eq(name, view_str(field->name)))
            return field;
    return NULL;
}
