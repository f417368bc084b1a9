#include "lb/observe/access_haproxy.h"

#include "lb/observe/access_limits.h"
#include "lb/observe/access_text.h"

/* haproxy's two letters: who ended it (C, S: client, server went; c, s: timed out; P: lb refused;
 * R: no room; D: taken out of service; L: answered by itself) and in which phase (R, C, H, D:
 * request, connect, head, data). */
static struct view termination_of(enum err end)
{
    static const char letters[ERR_COUNT][3] = {
        [ERR_HEAD_TIMEOUT] = "cR",
        [ERR_BODY_TIMEOUT] = "cD",
        [ERR_CLIENT_GONE] = "CD",
        [ERR_TUNNEL_IDLE] = "cD",
        [ERR_CLIENT_STALLED] = "cD",
        [ERR_LAST_HOP] = "LR",
        [ERR_CHALLENGE] = "LR",
        [ERR_NO_ENDPOINT] = "SC",
        [ERR_TOO_MANY] = "RR",
        [ERR_TOO_MANY_OF_CLIENT] = "PR",
        [ERR_NO_MEMORY] = "RR",
        [ERR_SHUTDOWN] = "DR",
        [ERR_REFUSED] = "SC",
        [ERR_CONNECT_TIMEOUT] = "sC",
        [ERR_UPSTREAM_TLS] = "SC",
        [ERR_UPSTREAM_RESET] = "SH",
        [ERR_UPSTREAM_TIMEOUT] = "sH",
        [ERR_UPSTREAM_INVALID] = "PH",
        [ERR_UPSTREAM_TRUNCATED] = "SD",
        [ERR_UPSTREAM_STALLED] = "sD",
        [ERR_DRAINED] = "DD",
        [ERR_EVICTED] = "RD",
    };
    if (end == ERR_OK || end == ERR_IDLE)
        return VIEW("--");
    return letters[end][0] ? view_of(letters[end], 2) : VIEW("PR");
}

/* Of a connection that was begun the phase says how far it came. */
static void put_passing_termination(struct line *line, const struct record *record)
{
    struct view letters = termination_of(record->end);
    bool is_connected = record->connect_ns != RECORD_NEVER || record->kind == RECORD_FLOW;
    if (letters.ptr[0] == '-' || record->attempt_count == 0) {
        line_append(line, letters);
        return;
    }
    line_append(line, view_of(letters.ptr, 1));
    line_append(line, is_connected ? VIEW("D") : VIEW("C"));
}

/* Whole milliseconds; -1: it never happened. */
static void put_timer(struct line *line, uint64_t value_ns, struct view after)
{
    if (value_ns == RECORD_NEVER)
        LINE_LITERAL(line, "-1");
    else
        line_uint(line, value_ns / 1000000);
    line_append(line, after);
}

/* TR/Tw/Tc/Tr/Ta: the request's head (0: the clock starts behind it), until the last attempt, its
 * connect, then until its first byte, and all. */
static void put_timers(struct line *line, const struct record *record)
{
    uint64_t connected_ns = RECORD_NEVER, response_ns = RECORD_NEVER;
    if (record->queue_ns != RECORD_NEVER && record->connect_ns != RECORD_NEVER)
        connected_ns = record->queue_ns + record->connect_ns;
    if (connected_ns != RECORD_NEVER && record->first_byte_ns != RECORD_NEVER)
        response_ns =
            record->first_byte_ns > connected_ns ? record->first_byte_ns - connected_ns : 0;
    put_timer(line, record->method.len > 0 ? 0 : RECORD_NEVER, VIEW("/"));
    put_timer(line, record->queue_ns, VIEW("/"));
    put_timer(line, record->connect_ns, VIEW("/"));
    put_timer(line, response_ns, VIEW("/"));
    put_timer(line, record->total_ns, VIEW(" "));
}

static void put_braced(struct line *line, struct view value, size_t max_bytes)
{
    line_foreign(line, value, LINE_BRACE, max_bytes);
    LINE_LITERAL(line, "|");
}

static void put_outcome(struct line *line, const struct record *record)
{
    line_append(line, view_str(err_word(record->end)));
    LINE_LITERAL(line, "|");
    access_text_put_retries(line, record);
    LINE_LITERAL(line, "|");
    put_braced(line, record->endpoint_id, ACCESS_ID_BYTES);
    put_braced(line, record->endpoint_address, ACCESS_IP_BYTES);
    line_uint(line, record->request_body_bytes);
}

static void put_captures(struct line *line, const struct record *record)
{
    LINE_LITERAL(line, " {");
    put_braced(line, record->host, ACCESS_HOST_BYTES);
    put_braced(line, record->user_agent, ACCESS_AGENT_BYTES);
    if (record->referrer.len > 0)
        access_text_put_url(line, record->referrer, LINE_BRACE, ACCESS_REFERRER_BYTES);
    LINE_LITERAL(line, "} {");
    put_braced(line, record->request_id, ACCESS_ID_BYTES);
    put_outcome(line, record);
    LINE_LITERAL(line, "} ");
}

/* "client:port [time] frontend service/endpoint ", the same in all logs of haproxy. */
static void put_begin(struct line *line, const struct record *record, const struct stamp *stamp)
{
    line_foreign_or_dash(line, access_text_client(record), LINE_WORD, ACCESS_IP_BYTES);
    LINE_LITERAL(line, ":");
    line_uint(line, record->peer_port);
    LINE_LITERAL(line, " [");
    stamp_put_haproxy(stamp, line);
    LINE_LITERAL(line, "] ");
    if (record_is_passing(record))
        line_foreign_or_dash(line, record->listener, LINE_WORD, ACCESS_IP_BYTES);
    else
        LINE_LITERAL(line, "lb");
    LINE_LITERAL(line, " ");
    line_foreign_or_dash(line, record->service, LINE_WORD, ACCESS_NAME_BYTES);
    LINE_LITERAL(line, "/");
    if (record->endpoint_name.len > 0)
        line_foreign(line, record->endpoint_name, LINE_WORD, ACCESS_NAME_BYTES);
    else
        LINE_LITERAL(line, "<NOSRV>");
    LINE_LITERAL(line, " ");
}

/* lb counts no connections by frontend and backend at the moment of a line. */
static void put_counts(struct line *line, const struct record *record)
{
    LINE_LITERAL(line, " 0/0/0/0/");
    line_uint(line, record->attempt_count > 0 ? record->attempt_count - 1 : 0);
    LINE_LITERAL(line, " 0/0");
}

/* As option tcplog: Tw/Tc/Tt bytes state counts queues. */
static void put_passing_log(struct line *line, const struct record *record)
{
    put_timer(line, record->queue_ns, VIEW("/"));
    put_timer(line, record->connect_ns, VIEW("/"));
    put_timer(line, record->total_ns, VIEW(" "));
    line_uint(line, record->response_body_bytes);
    LINE_LITERAL(line, " ");
    put_passing_termination(line, record);
    put_counts(line, record);
    LINE_LITERAL(line, " {");
    put_braced(line, record->host, ACCESS_HOST_BYTES);
    put_outcome(line, record);
    LINE_LITERAL(line, "}");
}

/* As option httplog. */
static void put_request_log(struct line *line, const struct record *record)
{
    put_timers(line, record);
    line_uint(line, access_text_status(record));
    LINE_LITERAL(line, " ");
    line_uint(line, record->response_body_bytes);
    LINE_LITERAL(line, " - - ");
    line_append(line, termination_of(record->end));
    LINE_LITERAL(line, "--");
    put_counts(line, record);
    put_captures(line, record);
    access_text_put_request_line(line, record);
}

void access_haproxy_put(struct line *line, const struct record *record, const struct stamp *stamp)
{
    put_begin(line, record, stamp);
    if (record_is_passing(record))
        put_passing_log(line, record);
    else
        put_request_log(line, record);
}
