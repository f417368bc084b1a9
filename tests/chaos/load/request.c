#include "tests/chaos/load/request.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "lb/base/memory.h"

#define BODY_MAX_BYTES   204800
#define SOURCE_BYTES     (BODY_MAX_BYTES + 4096)
#define ADLER_BASE       65521u
#define GREETING_BEGINS  VIEW("Hello World\nHi there, I'm served from ")
#define GREETING_MAX_LEN 300

/* Of 1000 requests. The answers are short on purpose: what has begun to reach the client cannot be
 * sent again by anyone, so the promise is about answers that have not begun. */
static const struct mix {
    unsigned share;
    enum request_method method;
    const char *path;
    enum request_want want;
    uint64_t bytes; /* of the answer, or of the request's body */
} mixes[] = {
    {440, REQUEST_GET, "/", REQUEST_WANT_GREETING, 0},
    {200, REQUEST_GET, "/bytes/1000", REQUEST_WANT_ALPHABET, 1000},
    {60, REQUEST_GET, "/bytes/16000", REQUEST_WANT_ALPHABET, 16000},
    {50, REQUEST_GET, "/delay/40", REQUEST_WANT_TEXT, 0},
    {50, REQUEST_PUT, "/upload", REQUEST_WANT_TEXT, 500},
    {10, REQUEST_PUT, "/upload", REQUEST_WANT_TEXT, 30000},
    {130, REQUEST_POST, "/upload", REQUEST_WANT_TEXT, 300},
    {40, REQUEST_POST, "/upload", REQUEST_WANT_TEXT, 20000},
    {20, REQUEST_POST, "/upload", REQUEST_WANT_TEXT, BODY_MAX_BYTES},
};

const char *request_method_name(enum request_method method)
{
    static const char *const names[] = {"GET", "PUT", "POST"};
    return names[method];
}

void request_source_init(struct request_source *source, uint64_t seed)
{
    *source = (struct request_source){.rng = {.state = seed}, .bytes = memory_new(SOURCE_BYTES)};
    for (size_t i = 0; i < SOURCE_BYTES; i++)
        source->bytes[i] = (char)rng_next(&source->rng);
}

void request_source_fini(struct request_source *source)
{
    free(source->bytes);
}

/* RFC 1950 § 8.2, as the demo server reports it. */
static uint32_t adler32(struct view bytes)
{
    uint32_t a = 1, b = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        a = (a + (unsigned char)bytes.ptr[i]) % ADLER_BASE;
        b = (b + a) % ADLER_BASE;
    }
    return b << 16 | a;
}

static const struct mix *draw(struct request_source *source)
{
    unsigned at = (unsigned)(rng_next(&source->rng) % 1000);
    const struct mix *mix = mixes;
    while (at >= mix->share) {
        at -= mix->share;
        mix++;
    }
    return mix;
}

static void want_text(struct request *request)
{
    if (request->body.len > 0)
        snprintf(request->want_text, sizeof(request->want_text),
                 "received %zu bytes, adler32 %08x\n", request->body.len, adler32(request->body));
    else
        snprintf(request->want_text, sizeof(request->want_text), "waited\n");
}

void request_next(struct request_source *source, bool says_close, struct request *out)
{
    const struct mix *mix = draw(source);
    *out = (struct request){.number = ++source->count,
                            .method = mix->method,
                            .says_close = says_close,
                            .want = mix->want,
                            .want_bytes = mix->bytes};
    if (mix->method != REQUEST_GET) {
        size_t offset = (size_t)(rng_next(&source->rng) % (SOURCE_BYTES - BODY_MAX_BYTES));
        out->body = view_of(source->bytes + offset, (size_t)mix->bytes);
    }
    if (mix->want == REQUEST_WANT_TEXT)
        want_text(out);
    snprintf(out->target, sizeof(out->target), "%s?n=%" PRIu64, mix->path, out->number);
    int len = snprintf(out->head, sizeof(out->head), "%s %s HTTP/1.1\r\nHost: chaos\r\n%s",
                       request_method_name(mix->method), out->target,
                       says_close ? "Connection: close\r\n" : "");
    if (mix->method != REQUEST_GET)
        len += snprintf(out->head + len, sizeof(out->head) - (size_t)len, "Content-Length: %zu\r\n",
                        out->body.len);
    len += snprintf(out->head + len, sizeof(out->head) - (size_t)len, "\r\n");
    out->head_len = (size_t)len;
}

static bool is_alphabet(uint64_t offset, struct view bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        if (bytes.ptr[i] != 'a' + (char)((offset + i) % 26))
            return false;
    return true;
}

/* True when `bytes` are those of `text` at `offset`; what goes beyond the text is not looked at. */
static bool is_part(struct view text, uint64_t offset, struct view bytes)
{
    if (offset >= text.len)
        return true;
    size_t len = text.len - (size_t)offset;
    if (len > bytes.len)
        len = bytes.len;
    return memcmp(text.ptr + offset, bytes.ptr, len) == 0;
}

bool request_wants(const struct request *request, uint64_t offset, struct view bytes)
{
    switch (request->want) {
    case REQUEST_WANT_GREETING:
        return offset + bytes.len <= GREETING_MAX_LEN && is_part(GREETING_BEGINS, offset, bytes);
    case REQUEST_WANT_ALPHABET:
        return is_alphabet(offset, bytes);
    case REQUEST_WANT_TEXT:
        return is_part(view_str(request->want_text), offset, bytes);
    }
    return false;
}

uint64_t request_want_length(const struct request *request)
{
    switch (request->want) {
    case REQUEST_WANT_ALPHABET:
        return request->want_bytes;
    case REQUEST_WANT_TEXT:
        return strlen(request->want_text);
    case REQUEST_WANT_GREETING:
        break;
    }
    return UINT64_MAX;
}
