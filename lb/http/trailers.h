/* The trailer section of a chunked message (RFC 9112 § 7.1.2), put together from pieces into lines
 * that can be passed on. */
#ifndef LB_HTTP_TRAILERS_H
#define LB_HTTP_TRAILERS_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/text.h"

struct trailers {
    struct text lines;
    size_t line_at; /* where the line begins that is being read */
    uint32_t line_count;
    bool is_in_line;
    bool is_in_value;
    bool has_break;        /* a line end stands between name and value */
    bool was_cut;          /* the value went on to the end of the last input */
    const char *value_end; /* as far as it is known */
    const char *gap_at;    /* what stands between name and value begins here */
};

/* Empty, without memory. */
void trailers_init(struct trailers *trailers);

/* Frees; usable again as after init. */
void trailers_fini(struct trailers *trailers);

/* A piece of a field name. False: more than `max_count` lines. */
bool trailers_name(struct trailers *trailers, struct view piece, uint32_t max_count);

/* A piece of its value, which lies in `input`. False: obs-fold (RFC 9112 § 5.2), or no name. */
bool trailers_value(struct trailers *trailers, struct view piece, struct view input);

/* Around each run of the parser, so that pieces of a line are told from folded lines. */
void trailers_begin_input(struct trailers *trailers, struct view input);
void trailers_end_input(struct trailers *trailers, struct view input);

/* The line is complete. It is left out when its name means something to lb, as framing and routing
 * cannot come late (RFC 9110 § 6.5.1). False: it has no name. */
bool trailers_end_line(struct trailers *trailers);

/* All lines, each with its CRLF. Borrowed. */
static inline struct view trailers_lines(const struct trailers *trailers)
{
    return text_view(&trailers->lines);
}

#endif
