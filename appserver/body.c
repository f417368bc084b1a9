#include "appserver/body.h"

#define ADLER_MODULUS       65521
#define ADLER_STRETCH_BYTES 5552 /* as many as fit before 32 bits overflow (RFC 1950 § 9) */

void body_begin(struct body *body, bool sum, bool keep)
{
    body->sum = sum;
    body->keep = keep;
    body->count_bytes = 0;
    body->adler_a = 1;
    body->adler_b = 0;
    if (body->text.capacity > 65536)
        text_fini(&body->text);
    else
        text_clear(&body->text);
}

static void add_to_sum(struct body *body, struct view bytes)
{
    uint32_t a = body->adler_a;
    uint32_t b = body->adler_b;
    while (bytes.len > 0) {
        size_t stretch = bytes.len < ADLER_STRETCH_BYTES ? bytes.len : ADLER_STRETCH_BYTES;
        for (size_t i = 0; i < stretch; i++) {
            a += (unsigned char)bytes.ptr[i];
            b += a;
        }
        a %= ADLER_MODULUS;
        b %= ADLER_MODULUS;
        bytes = view_skip(bytes, stretch);
    }
    body->adler_a = a;
    body->adler_b = b;
}

bool body_take(struct body *body, struct view bytes)
{
    body->count_bytes += bytes.len;
    if (body->keep && body->count_bytes > BODY_KEPT_MAX_BYTES)
        return false;
    if (body->keep)
        text_append(&body->text, bytes);
    if (body->sum)
        add_to_sum(body, bytes);
    return true;
}

uint32_t body_adler32(const struct body *body)
{
    return body->adler_b << 16 | body->adler_a;
}

void body_fini(struct body *body)
{
    text_fini(&body->text);
}
