#include "appserver/answer.h"

#include <stdio.h>

#include "appserver/websocket.h"
#include "lb/base/bounds.h"

#define ALPHABET       "abcdefghijklmnopqrstuvwxyz"
#define EIGHT_TIMES(x) x x x x x x x x
#define LENGTH_NONE    -1
#define LENGTH_CHUNKED -2
#define TYPE_TEXT      "text/plain; charset=utf-8"
#define TYPE_BYTES     "application/octet-stream"
#define TYPE_JSON      "application/json"
#define TYPE_METRICS   "text/plain; version=0.0.4; charset=utf-8"

/* 4096 alphabets: every piece of /bytes begins with an 'a', so one table serves them all. */
static const char alphabets[] = EIGHT_TIMES(EIGHT_TIMES(EIGHT_TIMES(EIGHT_TIMES(ALPHABET))));
#define ALPHABETS_BYTES (sizeof(alphabets) - 1)

static const char *const link_fields[ANSWER_LINK_COUNT] = {
    [ANSWER_LINK_SILENT] = "",
    [ANSWER_LINK_KEEP] = "Connection: keep-alive\r\n",
    [ANSWER_LINK_CLOSE] = "Connection: close\r\n",
};

static const struct {
    int status;
    const char *phrase;
} reasons[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {413, "Content Too Large"},
    {417, "Expectation Failed"},
    {418, "I'm a teapot"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

static const char *reason_of(int status)
{
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].status == status)
            return reasons[i].phrase;
    return "Status"; /* a reason phrase is for people only (RFC 9112 § 4) */
}

static bool has_no_body(int status)
{
    return status == 204 || status == 205 || status == 304;
}

static uv_buf_t buf_of(const char *bytes, size_t len)
{
    return (uv_buf_t){.base = (char *)(uintptr_t)bytes, .len = len};
}

static uv_buf_t make_head(struct answer *answer, const char *type, int64_t length)
{
    char framing[48] = "";
    if (length >= 0)
        snprintf(framing, sizeof(framing), "Content-Length: %lld\r\n", (long long)length);
    else if (length == LENGTH_CHUNKED)
        snprintf(framing, sizeof(framing), "Transfer-Encoding: chunked\r\n");
    const struct answer_plan *plan = &answer->plan;
    int len = snprintf(answer->head, sizeof(answer->head),
                       "HTTP/1.1 %d %s\r\nContent-Type: %s\r\n%s%s%s\r\n", plan->status,
                       reason_of(plan->status), type, framing, plan->fields ? plan->fields : "",
                       link_fields[answer->link]);
    bounds_hold(len > 0 && (size_t)len < sizeof(answer->head));
    return buf_of(answer->head, (size_t)len);
}

void answer_ready_init(struct answer_ready *ready, struct view text)
{
    ready->body_bytes = text.len;
    for (int link = 0; link < ANSWER_LINK_COUNT; link++) {
        struct answer answer = {.plan = {.status = 200}, .link = (enum answer_link)link};
        uv_buf_t head = make_head(&answer, TYPE_TEXT, (int64_t)text.len);
        ready->whole[link] = TEXT_INIT;
        text_append(&ready->whole[link], view_of(head.base, head.len));
        text_append(&ready->whole[link], text);
    }
}

void answer_ready_fini(struct answer_ready *ready)
{
    for (int link = 0; link < ANSWER_LINK_COUNT; link++)
        text_fini(&ready->whole[link]);
}

void answer_begin(struct answer *answer, bool http11, bool head_only)
{
    answer->http11 = http11;
    answer->head_only = head_only;
    answer->begun = false;
    answer->waited = false;
    answer->position = 0;
    answer->body_bytes = 0;
}

bool answer_ends_by_close(const struct answer_plan *plan, bool http11)
{
    return plan->kind == ANSWER_SLOW && !http11;
}

static struct view status_in_words(struct answer *answer)
{
    const struct answer_plan *plan = &answer->plan;
    int len = snprintf(answer->note, sizeof(answer->note), "%d %s%s%s\n", plan->status,
                       reason_of(plan->status), plan->why ? ": " : "", plan->why ? plan->why : "");
    bounds_hold(len > 0 && (size_t)len < sizeof(answer->note));
    return view_of(answer->note, (size_t)len);
}

static const char *type_of_text(enum answer_kind kind)
{
    if (kind == ANSWER_RAISE)
        return TYPE_JSON;
    return kind == ANSWER_METRICS ? TYPE_METRICS : TYPE_TEXT;
}

static unsigned next_of_text(struct answer *answer, uv_buf_t bufs[])
{
    struct view text = answer->plan.text.ptr ? answer->plan.text : status_in_words(answer);
    int64_t length = (int64_t)text.len;
    if (has_no_body(answer->plan.status)) {
        text.len = 0;
        length = answer->plan.status == 205 ? 0 : LENGTH_NONE;
    }
    bufs[0] = make_head(answer, type_of_text(answer->plan.kind), length);
    if (answer->head_only || text.len == 0)
        return 1;
    bufs[1] = buf_of(text.ptr, text.len);
    answer->body_bytes = text.len;
    return 2;
}

static unsigned next_of_ready(struct answer *answer, uv_buf_t bufs[])
{
    const struct answer_ready *ready = answer->plan.ready;
    const struct text *whole = &ready->whole[answer->link];
    bufs[0] = buf_of(whole->bytes, whole->len);
    if (answer->head_only)
        bufs[0].len -= ready->body_bytes;
    else
        answer->body_bytes = ready->body_bytes;
    return 1;
}

static unsigned next_of_bytes(struct answer *answer, uv_buf_t bufs[])
{
    unsigned count = 0;
    if (!answer->begun)
        bufs[count++] = make_head(answer, TYPE_BYTES, (int64_t)answer->plan.count);
    if (answer->head_only)
        return count;
    while (count < ANSWER_BUFS && answer->position < answer->plan.count) {
        uint64_t left = answer->plan.count - answer->position;
        size_t len = left < ALPHABETS_BYTES ? (size_t)left : ALPHABETS_BYTES;
        bufs[count++] = buf_of(alphabets, len);
        answer->position += len;
        answer->body_bytes += len;
    }
    return count;
}

/* A piece is one line, in HTTP/1.1 a chunk of its own; the last one brings the end. */
static size_t make_piece(struct answer *answer)
{
    char line[64] = "";
    char size[16] = "";
    uint64_t count = answer->plan.count;
    int len = 0;
    if (answer->position < count)
        len = snprintf(line, sizeof(line), "piece %llu of %llu\n",
                       (unsigned long long)++answer->position, (unsigned long long)count);
    answer->body_bytes += (uint64_t)len;
    bool as_chunk = answer->http11 && len > 0;
    bool last = answer->http11 && answer->position == count;
    if (as_chunk)
        snprintf(size, sizeof(size), "%x\r\n", (unsigned)len);
    len = snprintf(answer->note, sizeof(answer->note), "%s%s%s%s", size, line,
                   as_chunk ? "\r\n" : "", last ? "0\r\n\r\n" : "");
    return (size_t)len;
}

static unsigned next_of_slow(struct answer *answer, uv_buf_t bufs[])
{
    unsigned count = 0;
    if (!answer->begun)
        bufs[count++] = make_head(answer, TYPE_TEXT, answer->http11 ? LENGTH_CHUNKED : LENGTH_NONE);
    if (answer->head_only)
        return count;
    size_t len = make_piece(answer);
    if (len > 0)
        bufs[count++] = buf_of(answer->note, len);
    return count;
}

static unsigned next_of_tunnel(struct answer *answer, uv_buf_t bufs[])
{
    struct view protocol = answer->plan.protocol;
    char accept[WEBSOCKET_ACCEPT_BYTES] = "";
    bool is_websocket = answer->plan.websocket_key.len > 0;
    if (is_websocket)
        websocket_accept(answer->plan.websocket_key, accept);
    int len =
        snprintf(answer->head, sizeof(answer->head),
                 "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                 "Upgrade: %.*s\r\n%s%s%s\r\n",
                 (int)protocol.len, protocol.ptr, is_websocket ? "Sec-WebSocket-Accept: " : "",
                 accept, is_websocket ? "\r\n" : "");
    bounds_hold(len > 0 && (size_t)len < sizeof(answer->head));
    bufs[0] = buf_of(answer->head, (size_t)len);
    return 1;
}

static bool is_complete(const struct answer *answer)
{
    enum answer_kind kind = answer->plan.kind;
    if (!answer->begun)
        return false;
    if (answer->head_only || (kind != ANSWER_BYTES && kind != ANSWER_SLOW))
        return true;
    return answer->position == answer->plan.count;
}

static bool must_wait(const struct answer *answer)
{
    return answer->plan.kind == ANSWER_SLOW ? answer->begun : answer->plan.pause_ms > 0;
}

enum answer_step answer_next(struct answer *answer, uv_buf_t bufs[ANSWER_BUFS], unsigned *count)
{
    if (is_complete(answer))
        return ANSWER_DONE;
    if (!answer->waited && must_wait(answer)) {
        answer->waited = true;
        return ANSWER_WAIT;
    }
    answer->waited = false;
    switch (answer->plan.kind) {
    case ANSWER_READY:
        *count = next_of_ready(answer, bufs);
        break;
    case ANSWER_BYTES:
        *count = next_of_bytes(answer, bufs);
        break;
    case ANSWER_SLOW:
        *count = next_of_slow(answer, bufs);
        break;
    case ANSWER_TUNNEL:
        *count = next_of_tunnel(answer, bufs);
        break;
    case ANSWER_DROP:
        return ANSWER_DONE;
    case ANSWER_TEXT:
    case ANSWER_ECHO:
    case ANSWER_UPLOAD:
    case ANSWER_RAISE:
    case ANSWER_METRICS:
        *count = next_of_text(answer, bufs);
        break;
    }
    answer->begun = true;
    return ANSWER_SEND;
}
