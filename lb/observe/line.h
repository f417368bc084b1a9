/* One line of a log, made in a caller's buffer without allocation or printf. Foreign bytes go in
 * through an escape only, so that whatever they are the line stays one line, in UTF-8. */
#ifndef LB_OBSERVE_LINE_H
#define LB_OBSERVE_LINE_H

#include "lb/base/view.h"

struct line {
    char *at;  /* where the next byte goes */
    char *end; /* nothing goes here or beyond; what has no room ends the line */
};

/* Which bytes stand for themselves. All others become \xHH (for JSON \u00HH, \" or \\, and U+FFFD
 * where they are no UTF-8). */
enum line_escape {
    LINE_JSON = 1,   /* inside of a JSON string */
    LINE_QUOTED = 2, /* inside of quotes: printable ASCII without " and \ */
    LINE_WORD = 4,   /* between spaces: as LINE_QUOTED, without the space */
    LINE_PIPE = 8,   /* between bars: as LINE_QUOTED, without the bar */
    LINE_BRACE = 16, /* between bars in braces: as LINE_WORD, without | { } */
};

/* Appends our own words, as they are. */
static inline void line_append(struct line *line, struct view words)
{
    if ((size_t)(line->end - line->at) < words.len) {
        line->end = line->at;
        return;
    }
    memcpy(line->at, words.ptr, words.len);
    line->at += words.len;
}

#define LINE_LITERAL(line, literal) line_append(line, VIEW(literal))

/* Appends foreign bytes, at most `max_bytes` of what they become, then a mark if that was not all:
 * "…" in JSON, "..." elsewhere. */
void line_foreign(struct line *line, struct view value, enum line_escape escape, size_t max_bytes);

/* As line_foreign; "-" stands for an empty value. */
void line_foreign_or_dash(struct line *line, struct view value, enum line_escape escape,
                          size_t max_bytes);

void line_uint(struct line *line, uint64_t value);

/* Nanoseconds as milliseconds with three decimals. */
void line_ms(struct line *line, uint64_t value_ns);

/* `value` with exactly `digit_count` decimal digits. */
void line_digits(struct line *line, uint64_t value, unsigned digit_count);

#endif
