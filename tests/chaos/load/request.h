/* One request of the load: what is sent, and what a right answer to it looks like. Every target
 * carries the request's number, so that the backends' logs tell where it went. */
#ifndef TESTS_CHAOS_LOAD_REQUEST_H
#define TESTS_CHAOS_LOAD_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/rng.h"
#include "lb/base/view.h"

#define REQUEST_HEAD_BYTES 256

enum request_method { REQUEST_GET, REQUEST_PUT, REQUEST_POST, REQUEST_METHOD_COUNT };

/* What the body of the answer must be. */
enum request_want {
    REQUEST_WANT_GREETING, /* the demo server's, whatever its name is */
    REQUEST_WANT_ALPHABET, /* `want_bytes` of it */
    REQUEST_WANT_TEXT,     /* `want_text` */
};

struct request {
    uint64_t number;
    enum request_method method;
    char head[REQUEST_HEAD_BYTES];
    char target[64];
    size_t head_len;
    struct view body;
    bool says_close;
    enum request_want want;
    uint64_t want_bytes;
    char want_text[64];
    uint64_t begun_ns; /* monotonic */
    uint64_t begun_wall_ns;
};

/* The bytes that bodies are cut from: made once, from a seed. */
struct request_source {
    struct rng rng;
    uint64_t count; /* requests made */
    char *bytes;
};

void request_source_init(struct request_source *source, uint64_t seed);
void request_source_fini(struct request_source *source);

/* Makes the next request; its body borrows the source's bytes. */
void request_next(struct request_source *source, bool says_close, struct request *out);

const char *request_method_name(enum request_method method);

/* Is `bytes` (from `offset` on) what the answer's body has there? */
bool request_wants(const struct request *request, uint64_t offset, struct view bytes);

/* How long the answer's body must be; UINT64_MAX where that is not fixed. */
uint64_t request_want_length(const struct request *request);

#endif
