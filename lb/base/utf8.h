/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef LB_BASE_UTF8_H
#define LB_BASE_UTF8_H

#include "lb/base/view.h"

/* Length of the valid sequence at the start of `v`, which is not empty; 0 if there is none. */
static inline size_t utf8_length(struct view v)
{
    const unsigned char *p = (const unsigned char *)v.ptr;
    size_t len;
    unsigned char low = 0x80, high = 0xBF;
    if (p[0] < 0x80)
        return 1;
    if (p[0] >= 0xC2 && p[0] <= 0xDF) {
        len = 2;
    } else if (p[0] >= 0xE0 && p[0] <= 0xEF) {
        len = 3;
        low = p[0] == 0xE0 ? 0xA0 : low;
        high = p[0] == 0xED ? 0x9F : high;
    } else if (p[0] >= 0xF0 && p[0] <= 0xF4) {
        len = 4;
        low = p[0] == 0xF0 ? 0x90 : low;
        high = p[0] == 0xF4 ? 0x8F : high;
    } else {
        return 0;
    }
    if (v.len < len || p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++)
        if (p[i] < 0x80 || p[i] > 0xBF)
            return 0;
    return len;
}

/* The code point of the valid sequence of that length at the start of `v`. */
static inline uint32_t utf8_code(struct view v, size_t len)
{
    static const unsigned char lead_bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t code = (unsigned char)v.ptr[0] & lead_bits[len];
    for (size_t i = 1; i < len; i++)
        code = code << 6 | ((unsigned char)v.ptr[i] & 0x3F);
    return code;
}

/* Whether a terminal or a reader would obey the character, or not see it, instead of showing it:
 * C0, DEL, C1, marks that reorder text (bidi), line separators, invisible ones, noncharacters. */
static inline bool utf8_is_control_code(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0x00, 0x1F},     {0x7F, 0x9F},     {0xAD, 0xAD},     {0x61C, 0x61C},
        {0x180E, 0x180E}, {0x200B, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F},
        {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xFFFE, 0xFFFF}, {0xE0000, 0xE0FFF},
    };
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}

/* The same for the valid sequence of that length at the start of `v`. */
static inline bool utf8_is_control(struct view v, size_t len)
{
    unsigned char c = (unsigned char)v.ptr[0];
    return len == 1 ? c < 0x20 || c == 0x7F : utf8_is_control_code(utf8_code(v, len));
}

#endif
