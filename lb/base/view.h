/* Borrowed bytes: a pointer and a length, no terminating NUL, no ownership. */
#ifndef LB_BASE_VIEW_H
#define LB_BASE_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct view {
    const char *ptr;
    size_t len;
};

/* A view of a string literal. */
#define VIEW(literal) ((struct view){(literal), sizeof(literal) - 1})

static inline struct view view_of(const char *ptr, size_t len)
{
    return (struct view){ptr, len};
}

/* Borrows a NUL-terminated string; NULL gives the empty view. */
static inline struct view view_str(const char *text)
{
    return (struct view){text, text ? strlen(text) : 0};
}

static inline char view_lower_char(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static inline bool view_eq(struct view a, struct view b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* Below, at or above 0, as a comes before b, is equal, or comes behind it: by bytes, the shorter first. */
static inline int view_compare(struct view a, struct view b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter > 0 ? memcmp(a.ptr, b.ptr, shorter) : 0;
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* Equal without regard to ASCII case. */
static inline bool view_eq_nocase(struct view a, struct view b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (a.ptr[i] != b.ptr[i] && view_lower_char(a.ptr[i]) != view_lower_char(b.ptr[i]))
            return false;
    return true;
}

static inline bool view_starts_with(struct view v, struct view prefix)
{
    return v.len >= prefix.len && (prefix.len == 0 || memcmp(v.ptr, prefix.ptr, prefix.len) == 0);
}

static inline bool view_ends_with(struct view v, struct view suffix)
{
    return v.len >= suffix.len &&
           (suffix.len == 0 || memcmp(v.ptr + v.len - suffix.len, suffix.ptr, suffix.len) == 0);
}

static inline struct view view_skip(struct view v, size_t count)
{
    return (struct view){v.ptr + count, v.len - count};
}

/* Without leading and trailing SP and HTAB (OWS of RFC 9110 § 5.6.3). */
static inline struct view view_trim(struct view v)
{
    while (v.len > 0 && (v.ptr[0] == ' ' || v.ptr[0] == '\t'))
        v = view_skip(v, 1);
    while (v.len > 0 && (v.ptr[v.len - 1] == ' ' || v.ptr[v.len - 1] == '\t'))
        v.len--;
    return v;
}

/* Offset of the first `c`, or -1. */
static inline ptrdiff_t view_find(struct view v, char c)
{
    const char *at = v.len > 0 ? memchr(v.ptr, c, v.len) : NULL;
    return at ? at - v.ptr : -1;
}

/* Cuts the part before the first `separator` off `*rest` and gives it; `*rest` keeps what follows
 * the separator, or becomes empty with a NULL pointer after the last part. */
static inline struct view view_cut(struct view *rest, char separator)
{
    ptrdiff_t at = view_find(*rest, separator);
    struct view part = *rest;
    if (at < 0) {
        *rest = (struct view){NULL, 0};
    } else {
        part.len = (size_t)at;
        *rest = view_skip(*rest, (size_t)at + 1);
    }
    return part;
}

/* Decimal digits only, no sign or space. Fails (false) on anything else, on an empty view and on
 * a value above `max`. */
static inline bool view_parse_u64(struct view v, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;
    if (v.len == 0)
        return false;
    for (size_t i = 0; i < v.len; i++) {
        unsigned digit = (unsigned)((unsigned char)v.ptr[i]) - '0';
        if (digit > 9 || digit > max || value > (max - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

/* From the beginning of the line on that has the byte at `at`; all of it where `at` is elsewhere.
 */
static inline struct view view_line_of(struct view v, const char *at)
{
    size_t start = at >= v.ptr && at <= v.ptr + v.len ? (size_t)(at - v.ptr) : 0;
    while (start > 0 && v.ptr[start - 1] != '\n')
        start--;
    return view_skip(v, start);
}

#endif
