#include "lb/http/answer.h"

#include <assert.h>
#include <stdio.h>

const char *answer_reason(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
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
    assert(len > 0 && (size_t)len < size);
    return (size_t)len;
}

static size_t write_text(const struct answer_error *answer, char *out, size_t size)
{
    int status = err_status(answer->err);
    int len = snprintf(out, size, "%d %s: %s%s%.*s%s\n", status, answer_reason(status),
                       err_sentence(answer->err), answer->request_id.len ? " (request " : "",
                       (int)answer->request_id.len, answer->request_id.ptr,
                       answer->request_id.len ? ")" : "");
    assert(len > 0 && (size_t)len < size);
    return (size_t)len;
}

void answer_error(const struct answer_error *answer, struct block *out)
{
    char written[384], date[48] = "", retry[40] = "", id[192] = "";
    int status = err_status(answer->err);
    struct view body = view_of(written, 0);
    const char *content_type = "text/plain; charset=utf-8";
    assert(block_room(out) >= ANSWER_ERROR_BYTES + (answer->page ? answer->page->body.len : 0));
    if (answer->page) {
        body = answer->page->body;
        content_type = answer->page->content_type;
    } else if (answer->wants_json) {
        body.len = write_json(answer, written, sizeof(written));
        content_type = "application/json";
    } else {
        body.len = write_text(answer, written, sizeof(written));
    }
    if (answer->date.len > 0)
        snprintf(date, sizeof(date), "Date: %.*s\r\n", (int)answer->date.len, answer->date.ptr);
    if (answer->retry_after_s > 0)
        snprintf(retry, sizeof(retry), "Retry-After: %u\r\n", answer->retry_after_s);
    if (answer->request_id.len > 0)
        snprintf(id, sizeof(id), "X-Request-Id: %.*s\r\n", (int)answer->request_id.len,
                 answer->request_id.ptr);
    out->len += (size_t)snprintf(out->bytes + out->len, block_room(out),
                                 "HTTP/1.1 %d %s\r\n%sContent-Type: %s\r\nContent-Length: %zu\r\n"
                                 "Cache-Control: no-store\r\n%s%s%s\r\n",
                                 status, answer_reason(status), date, content_type, body.len, id,
                                 retry, answer->closes ? "Connection: close\r\n" : "");
    if (!answer->is_to_head)
        block_append(out, body);
}
