#include "lb/observe/access_text.h"

#include "lb/observe/access_limits.h"
#include "lb/observe/userinfo.h"

unsigned access_text_status(const struct record *record)
{
    if (record->end == ERR_IDLE) /* nobody failed */
        return 200;
    return record->status > 0 ? record->status : (unsigned)err_status(record->end);
}

struct view access_text_kind(const struct record *record)
{
    static const char *const words[] = {
        [RECORD_REQUEST] = "request",
        [RECORD_TUNNEL] = "tunnel",
        [RECORD_CONNECTION] = "connection",
        [RECORD_FLOW] = "flow",
    };
    return view_str(words[record->kind]);
}

struct view access_text_protocol(const struct record *record)
{
    if (!record_is_passing(record))
        return VIEW("http");
    return record->kind == RECORD_CONNECTION ? VIEW("tcp") : VIEW("udp");
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

/* Where a connection came to: "0.0.0.0:443/a.test". */
static void put_place(struct line *line, const struct record *record, enum line_escape escape)
{
    line_foreign_or_dash(line, record->listener, escape, ACCESS_IP_BYTES);
    if (record->host.len == 0)
        return;
    LINE_LITERAL(line, "/");
    line_foreign(line, record->host, escape, ACCESS_HOST_BYTES);
}

/* Two words, which readers of this format take for a request of HTTP/0.9. */
static void put_passing_line(struct line *line, const struct record *record)
{
    line_append(line, record->kind == RECORD_CONNECTION ? VIEW("\"TCP ") : VIEW("\"UDP "));
    put_place(line, record, LINE_WORD);
    LINE_LITERAL(line, "\"");
}

void access_text_put_request_line(struct line *line, const struct record *record)
{
    if (record_is_passing(record)) {
        put_passing_line(line, record);
        return;
    }
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
    access_text_put_request_line(line, record);
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
    bool is_good = record->end == ERR_OK || record->end == ERR_IDLE;
    line_uint(line, stamp->second);
    LINE_LITERAL(line, "|");
    line_foreign_or_dash(line, access_text_client(record), LINE_PIPE, ACCESS_IP_BYTES);
    LINE_LITERAL(line, "|");
    if (record_is_passing(record))
        put_place(line, record, LINE_PIPE);
    else
        access_text_put_url(line, record->target, LINE_PIPE, ACCESS_TARGET_BYTES);
    LINE_LITERAL(line, "|");
    line_uint(line, status);
    LINE_LITERAL(line, "|");
    line_uint(line, record->response_body_bytes);
    line_append(line, is_good && status < 400 ? VIEW("|1||") : VIEW("|0||"));
    access_text_put_url(line, record->referrer, LINE_PIPE, ACCESS_REFERRER_BYTES);
    LINE_LITERAL(line, "|");
    line_foreign_or_dash(line, record->user_agent, LINE_PIPE, ACCESS_AGENT_BYTES);
    LINE_LITERAL(line, "|");
    line_foreign_or_dash(line, record->host, LINE_PIPE, ACCESS_HOST_BYTES);
    LINE_LITERAL(line, "|");
    line_foreign_or_dash(line, record->endpoint_name, LINE_PIPE, ACCESS_NAME_BYTES);
}
