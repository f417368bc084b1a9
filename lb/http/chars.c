#include "lb/http/chars.h"

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

/* Eight octets, each the same. */
static uint64_t eight_of(unsigned char octet)
{
    return UINT64_C(0x0101010101010101) * octet;
}

/* The top bit of an octet is set that is 0, or of one above the first such. */
static uint64_t zeros_of(uint64_t octets)
{
    return (octets - eight_of(1)) & ~octets & eight_of(0x80);
}

/* Whether one of eight octets is below '!', or '#', or DEL. */
static bool has_stranger_to_target(const char *text)
{
    uint64_t octets;
    memcpy(&octets, text, sizeof(octets));
    uint64_t below = (octets - eight_of('!')) & ~octets & eight_of(0x80);
    return (below | zeros_of(octets ^ eight_of('#')) | zeros_of(octets ^ eight_of(0x7f))) != 0;
}

bool chars_are_target(struct view text)
{
    size_t at = 0;
    for (; at + sizeof(uint64_t) <= text.len; at += sizeof(uint64_t))
        if (has_stranger_to_target(text.ptr + at))
            return false;
    for (; at < text.len; at++)
        if (!chars_is_target(text.ptr[at]))
            return false;
    return true;
}
