#include "lb/http/chars.h"

#include "lb/base/sixteen.h"

/* One row per sixteen octets. */
const unsigned char chars_table[256] = {
    /* clang-format off */
     0,  0,  0,  0,  0,  0,  0,  0,  0,  8,  0,  0,  0,  0,  0,  0, /* 0x00 */
     0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0, /* 0x10 */
     8, 15, 10,  9, 15, 15, 15, 15, 14, 14, 15, 47, 14, 47, 47, 42, /* 0x20 */
    63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 42, 14, 10, 46, 10, 10, /* 0x30 */
    42, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47, /* 0x40 */
    47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 10, 10, 10, 11, 47, /* 0x50 */
    11, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47, /* 0x60 */
    47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 47, 10, 11, 10, 15,  0, /* 0x70 */
    10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, /* 0x80 */
    10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, /* 0x90 */
    10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, /* 0xA0 */
    10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, /* 0xB0 */
    10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, /* 0xC0 */
    10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, /* 0xD0 */
    10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, /* 0xE0 */
    10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, /* 0xF0 */
    /* clang-format on */
};

/* Those that are at most ' ', or '#', or DEL. */
static sixteen strangers_to_target(sixteen octets)
{
    return ((octets <= ' ') & (octets >= 0)) | (octets == '#') | (octets == 0x7f);
}

bool chars_are_target(struct view text)
{
    sixteen_halves strangers = {0};
    size_t at = 0;
    if (text.len >= SIXTEEN_TEXT_MIN)
        for (; at < text.len; at += sizeof(strangers))
            strangers |= (sixteen_halves)strangers_to_target(sixteen_of(text, at));
    for (; at < text.len; at++)
        if (!chars_is_target(text.ptr[at]))
            return false;
    return !sixteen_has(strangers);
}
