/* The body of a request: counted, and summed or kept when somebody will ask. */
#ifndef APPSERVER_BODY_H
#define APPSERVER_BODY_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/text.h"

#define BODY_KEPT_MAX_BYTES 1048576

struct body {
    bool sum;  /* wanted: the checksum */
    bool keep; /* wanted: the bytes, up to BODY_KEPT_MAX_BYTES of them */
    uint64_t count_bytes;
    uint32_t adler_a;
    uint32_t adler_b;
    struct text text; /* the kept bytes, after what the owner put there */
};

/* Begins a new body; the memory of the last one is used again unless it was large. */
void body_begin(struct body *body, bool sum, bool keep);

/* Fails: false when the body is kept and would outgrow BODY_KEPT_MAX_BYTES. */
bool body_take(struct body *body, struct view bytes);

/* Adler-32 of all bytes taken (RFC 1950 § 8.2). */
uint32_t body_adler32(const struct body *body);

void body_fini(struct body *body);

#endif
