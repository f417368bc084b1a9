/* Character classes of HTTP and URI grammars (RFC 9110 § 5.6.2, RFC 3986 § 2), by table. */
#ifndef LB_HTTP_CHARS_H
#define LB_HTTP_CHARS_H

#include "lb/base/view.h"

enum {
    CHARS_TOKEN = 1,       /* tchar */
    CHARS_TARGET = 2,      /* visible ASCII without '#', and octets above 127, kept as they are */
    CHARS_HOST = 4,        /* unreserved, sub-delims and '%' of a registered name */
    CHARS_FIELD_VALUE = 8, /* HTAB, SP, visible ASCII, obs-text */
    CHARS_DIGIT = 16,
    CHARS_ID = 32, /* what a request id may consist of */
};

extern const unsigned char chars_table[256];

static inline bool chars_is(char c, unsigned classes)
{
    return (chars_table[(unsigned char)c] & classes) != 0;
}

static inline bool chars_is_token(char c)
{
    return chars_is(c, CHARS_TOKEN);
}

static inline bool chars_is_target(char c)
{
    return chars_is(c, CHARS_TARGET);
}

/* Whether all characters are. */
bool chars_are_target(struct view text);

static inline bool chars_is_host(char c)
{
    return chars_is(c, CHARS_HOST);
}

static inline bool chars_is_field_value(char c)
{
    return chars_is(c, CHARS_FIELD_VALUE);
}

static inline bool chars_is_digit(char c)
{
    return chars_is(c, CHARS_DIGIT);
}

static inline bool chars_is_id(char c)
{
    return chars_is(c, CHARS_ID);
}

#endif
