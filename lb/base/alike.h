/* Names of header fields as CGI (RFC 3875 § 4.1.18), WSGI, Rack and PHP see them, which make variables of
 * them: case does not count, and all marks are the same, so that X-User, x_user and X.User are one. */
#ifndef LB_BASE_ALIKE_H
#define LB_BASE_ALIKE_H

#include "lb/base/view.h"

/* Neither letter nor digit, which alone tell names from each other. */
static inline bool alike_is_mark(char c)
{
    return (unsigned char)((c | 0x20) - 'a') > 25 && (unsigned char)(c - '0') > 9;
}

static inline bool alike_are(struct view a, struct view b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (view_lower_char(a.ptr[i]) != view_lower_char(b.ptr[i]) &&
            !(alike_is_mark(a.ptr[i]) && alike_is_mark(b.ptr[i])))
            return false;
    return true;
}

#endif
