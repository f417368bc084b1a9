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

/* Whether the sequence of that length at the start of `v` is a control character: C0, DEL, or one
 * of C1 (U+0080 to U+009F), which terminals obey too. */
static inline bool utf8_is_control(struct view v, size_t len)
{
    unsigned char c = (unsigned char)v.ptr[0];
    return c < 0x20 || c == 0x7F || (len == 2 && c == 0xC2 && (unsigned char)v.ptr[1] < 0xA0);
}

#endif
