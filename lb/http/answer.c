#include "lb/http/answer.h"

#include <stdio.h>

#include "lb/base/bounds.h"
#include "lb/http/head_writer.h"

const char *answer_reason(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {417, "Expectation Failed"},
        {421, "Misdirected Request"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
        {508, "Loop Detected"},
    };
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "";
}

bool answer_wants_json(struct view accept)
{
    bool has_json = false;
    while (accept.ptr) {
        struct view range = view_cut(&accept, ',');
        range = view_trim(view_cut(&range, ';'));
        if (view_eq_nocase(range, VIEW("text/html")))
            return false;
        has_json |= view_eq_nocase(range, VIEW("application/json")) ||
                    view_eq_nocase(range, VIEW("application/problem+json"));
    }
    return has_json;
}

/* The sentences of err.h and request ids have no character that JSON escapes. */
static size_t write_json(const struct answer_error *answer, char *out, size_t size)
{
    int status = err_status(answer->err);
    int len = snprintf(
        out, size, "{\"status\":%d,\"error\":\"%s\",\"message\":\"%s\",\"request_id\":\"%.*s\"}\n",
        status, answer_reason(status), err_sentence(answer->err), (int)answer->request_id.len,
        answer->request_id.ptr);
    bounds_hold(len > 0 && (size_t)len < size);
    return (size_t)len;
}

static size_t write_text(const struct answer_error *answer, char *out, size_t size)
{
    int status = err_status(answer->err);
    int len = snprintf(out, size, "%d %s: %s%s%.*s%s\n", status, answer_reason(status),
                       err_sentence(answer->err), answer->request_id.len ? " (request " : "",
                       (int)answer->request_id.len, answer->request_id.ptr,
                       answer->request_id.len ? ")" : "");
    bounds_hold(len > 0 && (size_t)len < size);
    return (size_t)len;
}

static struct view body_of(const struct answer_error *answer, char *written, size_t size)
{
    if (answer->page)
        return answer->page->body;
    return view_of(written, answer->wants_json ? write_json(answer, written, size)
                                               : write_text(answer, written, size));
}

static const char *content_type_of(const struct answer_error *answer)
{
    if (answer->page)
        return answer->page->content_type;
    return answer->wants_json ? "application/json" : "text/plain; charset=utf-8";
}

size_t answer_error_bound(const struct answer_error *answer)
{
    return ANSWER_ERROR_BYTES + (answer->page ? answer->page->body.len : 0) + answer->location.len +
           answer->lines.len;
}

void answer_error(const struct answer_error *answer, struct block *out)
{
    char written[384];
    int status = err_status(answer->err);
    struct view body = body_of(answer, written, sizeof(written));
    struct head_writer writer = head_writer_in(out);
    bounds_hold(block_room(out) >= answer_error_bound(answer));
    head_writer_status_line(&writer, (unsigned)status, view_str(answer_reason(status)));
    if (answer->date.len > 0)
        head_writer_field(&writer, VIEW("Date"), answer->date);
    head_writer_field(&writer, VIEW("Content-Type"), view_str(content_type_of(answer)));
    head_writer_field_u64(&writer, VIEW("Content-Length"), body.len);
    head_writer_field(&writer, VIEW("Cache-Control"), VIEW("no-store"));
    if (answer->request_id.len > 0)
        head_writer_field(&writer, VIEW("X-Request-Id"), answer->request_id);
    if (answer->location.len > 0)
        head_writer_field(&writer, VIEW("Location"), answer->location);
    if (answer->lines.len > 0)
        head_writer_put(&writer, answer->lines);
    if (answer->retry_after_s > 0)
        head_writer_field_u64(&writer, VIEW("Retry-After"), answer->retry_after_s);
    if (answer->closes)
        head_writer_field(&writer, VIEW("Connection"), VIEW("close"));
    head_writer_end(&writer, out);
    if (!answer->is_to_head)
        block_append(out, body);
}
