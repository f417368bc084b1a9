#include "lb/observe/access_text.h"

#include "lb/observe/access_limits.h"
#include "lb/observe/userinfo.h"

unsigned access_text_status(const struct record *record)
{
    return record->status > 0 ? record->status : (unsigned)err_status(record->end);
}

struct view access_text_client(const struct record *record)
{
    return record->client_address.len > 0 ? record->client_address : record->client_ip;
}

void access_text_put_url(struct line *line, struct view url, enum line_escape escape,
                         size_t max_bytes)
{
    char masked[ACCESS_TARGET_BYTES + 1];
    line_foreign_or_dash(line, userinfo_mask(url, masked, sizeof(masked)), escape, max_bytes);
}

void access_text_put_retries(struct line *line, const struct record *record)
{
    uint64_t left = record->retried_after & ~UINT64_C(1);
    if (left == 0)
        LINE_LITERAL(line, "-");
    for (unsigned err = 0; left > 0 && err < ERR_COUNT; err++) {
        if (!(left >> err & 1))
            continue;
        line_append(line, view_str(err_word((enum err)err)));
        left &= ~(UINT64_C(1) << err);
        if (left > 0)
            LINE_LITERAL(line, ",");
    }
}

static void put_request_line(struct line *line, const struct record *record)
{
    if (record->method.len == 0) {
        LINE_LITERAL(line, "\"-\"");
        return;
    }
    LINE_LITERAL(line, "\"");
    line_foreign(line, record->method, LINE_WORD, ACCESS_METHOD_BYTES);
    LINE_LITERAL(line, " ");
    access_text_put_url(line, record->target, LINE_WORD, ACCESS_TARGET_BYTES);
    line_append(line, record->minor_version == 0 ? VIEW(" HTTP/1.0\"") : VIEW(" HTTP/1.1\""));
}

void access_text_put_combined(struct line *line, const struct record *record,
                              const struct stamp *stamp)
{
    line_foreign_or_dash(line, access_text_client(record), LINE_WORD, ACCESS_IP_BYTES);
    LINE_LITERAL(line, " - - [");
    stamp_put_clf(stamp, line);
    LINE_LITERAL(line, "] ");
    put_request_line(line, record);
    LINE_LITERAL(line, " ");
    line_uint(line, access_text_status(record));
    LINE_LITERAL(line, " ");
    line_uint(line, record->response_body_bytes);
    LINE_LITERAL(line, " \"");
    access_text_put_url(line, record->referrer, LINE_QUOTED, ACCESS_REFERRER_BYTES);
    LINE_LITERAL(line, "\" \"");
    line_foreign_or_dash(line, record->user_agent, LINE_QUOTED, ACCESS_AGENT_BYTES);
    LINE_LITERAL(line, "\"");
}

/* time|client|path|status|bytes|success|colour|referrer|agent|virtual host|pid */
void access_text_put_logstalgia(struct line *line, const struct record *record,
                                const struct stamp *stamp)
{
    unsigned status = access_text_status(record);
    line_uint(line, stamp->second);
    LINE_LITERAL(line, "|");
    line_foreign_or_dash(line, access_text_client(record), LINE_PIPE, ACCESS_IP_BYTES);
    LINE_LITERAL(line, "|");
    access_text_put_url(line, record->target, LINE_PIPE, ACCESS_TARGET_BYTES);
    LINE_LITERAL(line, "|");
    line_uint(line, status);
    LINE_LITERAL(line, "|");
    line_uint(line, record->response_body_bytes);
    line_append(line, record->end == ERR_OK && status < 400 ? VIEW("|1||") : VIEW("|0||"));
    access_text_put_url(line, record->referrer, LINE_PIPE, ACCESS_REFERRER_BYTES);
    LINE_LITERAL(line, "|");
    line_foreign_or_dash(line, record->user_agent, LINE_PIPE, ACCESS_AGENT_BYTES);
    LINE_LITERAL(line, "|");
    line_foreign_or_dash(line, record->host, LINE_PIPE, ACCESS_HOST_BYTES);
    LINE_LITERAL(line, "|");
    line_foreign_or_dash(line, record->endpoint_name, LINE_PIPE, ACCESS_NAME_BYTES);
}

/* ---- haproxy --------------------------------------------------------------------------------- */

/* haproxy's two letters: who ended it (C, S: client, server went; c, s: timed out; P: lb refused;
 * R: no room; D: taken out of service; L: answered by itself) and in which phase (R, C, H, D:
 * request, connect, head, data). */
static struct view termination_of(enum err end)
{
    static const char letters[ERR_COUNT][3] = {
        [ERR_HEAD_TIMEOUT] = "cR",       [ERR_BODY_TIMEOUT] = "cD",
        [ERR_CLIENT_GONE] = "CD",        [ERR_TUNNEL_IDLE] = "cD",
        [ERR_CLIENT_STALLED] = "cD",     [ERR_LAST_HOP] = "LR",
        [ERR_NO_ENDPOINT] = "SC",        [ERR_TOO_MANY] = "RR",
        [ERR_TOO_MANY_OF_CLIENT] = "PR", [ERR_NO_MEMORY] = "RR",
        [ERR_SHUTDOWN] = "DR",           [ERR_REFUSED] = "SC",
        [ERR_CONNECT_TIMEOUT] = "sC",    [ERR_UPSTREAM_RESET] = "SH",
        [ERR_UPSTREAM_TIMEOUT] = "sH",   [ERR_UPSTREAM_INVALID] = "PH",
        [ERR_UPSTREAM_TRUNCATED] = "SD", [ERR_UPSTREAM_STALLED] = "sD",
    };
    if (end == ERR_OK)
        return VIEW("--");
    return letters[end][0] ? view_of(letters[end], 2) : VIEW("PR");
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

static void put_captures(struct line *line, const struct record *record)
{
    LINE_LITERAL(line, " {");
    line_foreign(line, record->host, LINE_BRACE, ACCESS_HOST_BYTES);
    LINE_LITERAL(line, "|");
    line_foreign(line, record->user_agent, LINE_BRACE, ACCESS_AGENT_BYTES);
    LINE_LITERAL(line, "|");
    if (record->referrer.len > 0)
        access_text_put_url(line, record->referrer, LINE_BRACE, ACCESS_REFERRER_BYTES);
    LINE_LITERAL(line, "} {");
    line_foreign(line, record->request_id, LINE_BRACE, ACCESS_ID_BYTES);
    LINE_LITERAL(line, "|");
    line_append(line, view_str(err_word(record->end)));
    LINE_LITERAL(line, "|");
    access_text_put_retries(line, record);
    LINE_LITERAL(line, "|");
    line_foreign(line, record->endpoint_id, LINE_BRACE, ACCESS_ID_BYTES);
    LINE_LITERAL(line, "|");
    line_foreign(line, record->endpoint_address, LINE_BRACE, ACCESS_IP_BYTES);
    LINE_LITERAL(line, "|");
    line_uint(line, record->request_body_bytes);
    LINE_LITERAL(line, "} ");
}

void access_text_put_haproxy(struct line *line, const struct record *record,
                             const struct stamp *stamp)
{
    line_foreign_or_dash(line, access_text_client(record), LINE_WORD, ACCESS_IP_BYTES);
    LINE_LITERAL(line, ":");
    line_uint(line, record->peer_port);
    LINE_LITERAL(line, " [");
    stamp_put_haproxy(stamp, line);
    LINE_LITERAL(line, "] lb ");
    line_foreign_or_dash(line, record->service, LINE_WORD, ACCESS_NAME_BYTES);
    LINE_LITERAL(line, "/");
    if (record->endpoint_name.len > 0)
        line_foreign(line, record->endpoint_name, LINE_WORD, ACCESS_NAME_BYTES);
    else
        LINE_LITERAL(line, "<NOSRV>");
    LINE_LITERAL(line, " ");
    put_timers(line, record);
    line_uint(line, access_text_status(record));
    LINE_LITERAL(line, " ");
    line_uint(line, record->response_body_bytes);
    LINE_LITERAL(line, " - - ");
    line_append(line, termination_of(record->end));
    LINE_LITERAL(line, "-- 0/0/0/0/");
    line_uint(line, record->attempt_count > 0 ? record->attempt_count - 1 : 0);
    LINE_LITERAL(line, " 0/0");
    put_captures(line, record);
    put_request_line(line, record);
}
