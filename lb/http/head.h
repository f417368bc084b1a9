/* The head of one HTTP/1.x message (RFC 9112 § 2.1): start line, fields, and what they say about
 * framing and connection. Offsets count from `base`, so the bytes can be forwarded as they came. */
#ifndef LB_HTTP_HEAD_H
#define LB_HTTP_HEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/err.h"
#include "lb/base/view.h"

#define HEAD_FIELD_MAX  128
#define HEAD_OPTION_MAX 32 /* of Connection, that name fields; close, keep-alive, upgrade aside */

/* XX(name, field name in lower case, hop-by-hop: never forwarded as it came) */
#define FIELD_MAP(XX)                                                                              \
    XX(CONNECTION, "connection", true)                                                             \
    XX(KEEP_ALIVE, "keep-alive", true)                                                             \
    XX(PROXY_CONNECTION, "proxy-connection", true)                                                 \
    XX(TRANSFER_ENCODING, "transfer-encoding", true)                                               \
    XX(TE, "te", true)                                                                             \
    XX(TRAILER, "trailer", true)                                                                   \
    XX(UPGRADE, "upgrade", true)                                                                   \
    XX(HTTP2_SETTINGS, "http2-settings", true)                                                     \
    XX(PROXY, "proxy", true)                                                                       \
    XX(CONTENT_LENGTH, "content-length", false)                                                    \
    XX(HOST, "host", false)                                                                        \
    XX(DATE, "date", false)                                                                        \
    XX(EXPECT, "expect", false)                                                                    \
    XX(VIA, "via", false)                                                                          \
    XX(X_FORWARDED_FOR, "x-forwarded-for", false)                                                  \
    XX(X_FORWARDED_PROTO, "x-forwarded-proto", false)                                              \
    XX(X_FORWARDED_HOST, "x-forwarded-host", false)                                                \
    XX(X_FORWARDED_PORT, "x-forwarded-port", false)                                                \
    XX(X_REAL_IP, "x-real-ip", false)                                                              \
    XX(X_REQUEST_ID, "x-request-id", false)                                                        \
    XX(FORWARDED, "forwarded", false)                                                              \
    XX(MAX_FORWARDS, "max-forwards", false)

enum field_id {
    FIELD_OTHER,
#define XX(name, text, hop_by_hop) FIELD_##name,
    FIELD_MAP(XX)
#undef XX
        FIELD_ID_COUNT
};

struct field {
    uint32_t name_at; /* also where its line begins */
    uint32_t value_at;
    uint32_t value_len; /* without surrounding white space */
    uint16_t name_len;
    uint8_t id;      /* enum field_id */
    bool is_dropped; /* hop-by-hop, by its name or because Connection names it */
};

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

/* The first field of that id, or NULL. `id` is not FIELD_OTHER. */
static inline const struct field *head_find(const struct head *head, enum field_id id)
{
    return head->field_at[id] ? &head->fields[head->field_at[id] - 1] : NULL;
}

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

/* Finds the start line at the front of `bytes`, behind up to `empty_max` empty ones (RFC 9112
 * § 2.2). Gives it without its line end, and in `*used` how many bytes all that takes; 0: it is not
 * complete and `*line` is what there is of it. Fails: ERR_START_LINE. Borrows the bytes. */
enum err head_find_start_line(struct view bytes, unsigned empty_max, struct view *line,
                              uint32_t *used);

/* Parses "METHOD SP target SP HTTP/1.x" without its line end into `head` (RFC 9112 § 3).
 * Fails: ERR_START_LINE, ERR_VERSION, ERR_TARGET, ERR_METHOD. Borrows the line. */
enum err head_parse_request_line(struct head *head, struct view line);

/* Parses "HTTP/1.x SP 3DIGIT [SP reason]" (RFC 9112 § 4). Fails: ERR_UPSTREAM_INVALID. */
enum err head_parse_status_line(struct head *head, struct view line);

/* The parsed start line has moved with its bytes. */
void head_move(struct head *head, const char *from, const char *to);

/* Names the field `index` (its id) and files it in field_at. */
void head_file_field(struct head *head, unsigned index);

/* The id of that field name, FIELD_OTHER for one unknown here. */
enum field_id head_field_id(struct view name);

/* Every line is name ":" OWS value OWS CRLF, and CRLF ends the head. llhttp also takes a lone LF
 * for the end, and a folded line (RFC 9112 § 5.2) for white space when the value has not begun. */
bool head_are_lines_whole(const struct head *head);

/* Derives framing, persistence and what is dropped, once all fields are filed, and refuses what
 * is ambiguous (RFC 9112 § 6.3, § 3.2; RFC 9110 § 7.6.1).
 * Fails: the request's error word. */
enum err head_finish_request(struct head *head);

/* The same for a response; `to_head_request`: it answers HEAD and has no body.
 * Fails: ERR_LENGTH, ERR_CODING, ERR_OPTIONS. */
enum err head_finish_response(struct head *head, bool to_head_request);

/* From the first line on that says where the body ends; all of the head where there is none. */
struct view head_framing_lines(const struct head *head);

#endif
