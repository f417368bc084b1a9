/* The head of one HTTP/1.x message (RFC 9112 § 2.1): start line, fields, and what they say about
 * framing and connection. Offsets count from `base`, so the bytes can be forwarded as they came. */
#ifndef LB_HTTP_HEAD_H
#define LB_HTTP_HEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/http/field.h"

#define HEAD_FIELD_MAX 128

enum framing {
    FRAMING_NONE,    /* no body */
    FRAMING_LENGTH,  /* Content-Length */
    FRAMING_CHUNKED, /* Transfer-Encoding: chunked */
    FRAMING_CLOSE,   /* response that ends with its connection */
};

enum target_form { TARGET_ORIGIN, TARGET_ABSOLUTE, TARGET_ASTERISK };

struct head {
    const char *base;
    uint32_t len; /* start line, fields and the empty line */

    /* request line */
    struct view method;
    struct view target;    /* as received */
    struct view path;      /* what a backend gets: origin-form or "*" */
    struct view authority; /* of an absolute-form target, else empty */
    enum target_form form;

    /* status line */
    unsigned status;
    struct view reason;

    unsigned minor_version; /* of HTTP/1.x: 0 or 1 */

    enum framing framing;
    uint64_t content_length; /* with FRAMING_LENGTH */
    bool is_keep_alive;      /* the sender lets the connection persist (RFC 9112 § 9.3) */
    bool expects_continue;   /* Expect: 100-continue on HTTP/1.1 */
    bool wants_upgrade; /* a request that may end in 101 (RFC 9110 § 7.8), see head_next_protocol */
    bool takes_trailers;   /* TE: trailers */
    bool has_max_forwards; /* of OPTIONS and TRACE (RFC 9110 § 7.6.2) */
    unsigned max_forwards;

    unsigned field_count;
    uint16_t field_at[FIELD_ID_COUNT]; /* 1 + index of the first field of that id, 0: none */
    uint32_t repeated;                 /* bit 1 << id for each with more than one field */
    struct field fields[HEAD_FIELD_MAX];
};

static inline struct view head_field_name(const struct head *head, const struct field *field)
{
    return view_of(head->base + field->name_at, field->name_len);
}

static inline struct view head_field_value(const struct head *head, const struct field *field)
{
    return view_of(head->base + field->value_at, field->value_len);
}

/* Where the line of the field `index` ends, behind its CRLF. */
static inline const char *head_line_end(const struct head *head, unsigned index)
{
    bool is_last = index + 1 == head->field_count;
    return head->base + (is_last ? head->len - 2 : head->fields[index + 1].name_at);
}

/* The first field of that id, or NULL. `id` is not FIELD_OTHER. */
static inline const struct field *head_find(const struct head *head, enum field_id id)
{
    return head->field_at[id] ? &head->fields[head->field_at[id] - 1] : NULL;
}

static inline bool head_has_several(const struct head *head, enum field_id id)
{
    return head->repeated >> id & 1;
}

_Static_assert(FIELD_ID_COUNT <= 32, "head->repeated has a bit for each");

/* Goes through a field whose value is a list, all of its lines; empty elements are left out (RFC
 * 9110 § 5.6.1.2). Zeroed but for the first two. */
struct head_list {
    const struct head *head;
    enum field_id id;
    unsigned seen_count; /* fields of the head, up to the one in `rest` */
    struct view rest;
};

/* The next element; false: there is none. */
bool head_list_next(struct head_list *list, struct view *element);

/* The next protocol of Upgrade that may be passed on: not h2c, whose tunnel would go past all that
 * lb decides. */
bool head_next_protocol(struct head_list *list, struct view *protocol);

static inline bool head_is_method(const struct head *head, struct view name)
{
    return view_eq(head->method, name);
}

/* The parsed start line has moved with its bytes. */
void head_move(struct head *head, const char *from, const char *to);

/* Takes the lines of which name_at, name_len, value_at and value_len are known, a value with the
 * white space around it or with none: narrows values, sets ids, files them in field_at. False: one
 * is not name ":" OWS value OWS CRLF, or no CRLF ends the head; llhttp also takes a lone LF for the
 * end, and a folded line (RFC 9112 § 5.2) for white space when the value has not begun. */
bool head_file_fields(struct head *head);

#endif
