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
    };
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "";
}

void answer_error(const struct answer_error *answer, struct block *out)
{
    char body[384], retry[40] = "";
    int status = err_status(answer->err);
    const char *reason = answer_reason(status);
    int body_len = snprintf(body, sizeof(body), "%d %s: %s%s%.*s%s\n", status, reason,
                            err_sentence(answer->err), answer->request_id.len ? " (request " : "",
                            (int)answer->request_id.len, answer->request_id.ptr,
                            answer->request_id.len ? ")" : "");
    assert(body_len > 0 && (size_t)body_len < sizeof(body));
    if (answer->retry_after_s > 0)
        snprintf(retry, sizeof(retry), "Retry-After: %u\r\n", answer->retry_after_s);
    assert(block_room(out) >= ANSWER_ERROR_BYTES);
    int len =
        snprintf(out->bytes + out->len, block_room(out),
                 "HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\n"
                 "Content-Length: %d\r\nCache-Control: no-store\r\n%s%s\r\n%s",
                 status, reason, body_len, retry, answer->closes ? "Connection: close\r\n" : "",
                 answer->is_to_head ? "" : body);
    out->len += (size_t)len;
}
