/* UTF-8 as RFC 3629 has it. */
#ifndef LB_BASE_UTF8_H
#define LB_BASE_UTF8_H

#include "lb/base/view.h"

/* Length of the valid sequence at the start of `v`, or 0. `v` is not empty. */
size_t utf8_length(struct view v);

/* Whether the sequence of that length at the start of `v` is a control character: C0, DEL, or one
 * of C1 (U+0080 to U+009F), which terminals obey too. */
static inline bool utf8_is_control(struct view v, size_t len)
{
    unsigned char c = (unsigned char)v.ptr[0];
    return c < 0x20 || c == 0x7F || (len == 2 && c == 0xC2 && (unsigned char)v.ptr[1] < 0xA0);
}

#endif
