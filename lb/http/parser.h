/* HTTP/1.x messages out of a byte stream, as a pull parser: each step gives one event as a value
 * and no code of the caller runs inside. */
#ifndef LB_HTTP_PARSER_H
#define LB_HTTP_PARSER_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/bounds.h"
#include "lb/base/err.h"
#include "lb/http/chunked.h"
#include "lb/http/head.h"

enum parser_kind { PARSER_REQUEST, PARSER_RESPONSE };

enum parser_event {
    PARSER_MORE, /* the input is used up */
    PARSER_HEAD, /* parser->head is complete; valid until the input goes or the parser is reset */
    PARSER_BODY, /* *span is a piece of the body, inside the input */
    PARSER_END,  /* the message is complete (see parser_trailers); what is left of the input belongs
                    to the next one */
    PARSER_ERROR, /* parser->err says why; nothing after it can be trusted */
};

enum parser_phase {
    PARSER_AT_START, /* nothing but empty lines of this message has been seen */
    PARSER_IN_START_LINE,
    PARSER_IN_FIELDS,
    PARSER_IN_BODY,
    PARSER_AT_END,
    PARSER_FAILED,
};

struct parser_limits {
    uint32_t max_head_bytes;
    uint32_t max_field_count;  /* at most HEAD_FIELD_MAX */
    uint32_t max_target_bytes; /* requests only; 0: as long as a head may be */
};

/* What all parsers of one kind share. Another parser_setup_init changes the limits, in the middle
 * of a message too; parsers and their setup belong to one thread. */
struct parser_setup {
    enum parser_kind kind;
    struct parser_limits limits;
    size_t
        *held_bytes; /* what all of them keep of heads and trailers is added to it; may be NULL */
    struct scanner_state behind_start_line; /* as it is copied for each message */
};

struct parser {
    struct scanner scanner;
    const struct parser_setup *setup;
    enum parser_phase phase;
    enum err err;
    enum err flaw;             /* in a response too what is wrong with it, as of a request … */
    struct view flaw_at;       /* … and where, inside the input or the stash */
    bool answers_head_request; /* set by the caller before the response comes */

    struct text stash;  /* a head that came in pieces; empty while it lies in the input */
    size_t held_bytes;  /* as it is counted in the setup's */
    uint32_t fields_at; /* offset in the head where the scanner goes on */

    uint64_t body_left; /* with FRAMING_LENGTH */
    struct chunked chunked;
    struct head head;
};

/* Limits are copied. */
void parser_setup_init(struct parser_setup *setup, enum parser_kind kind,
                       const struct parser_limits *limits);

/* Ready for the first message. Borrows `setup` for the parser's life. */
void parser_init(struct parser *parser, const struct parser_setup *setup);

/* What the parser keeps has changed. */
static inline void parser_count_held(struct parser *parser)
{
    size_t held = parser->stash.capacity + parser->scanner.trailers.lines.capacity;
    if (parser->setup->held_bytes)
        *parser->setup->held_bytes += held - parser->held_bytes;
    parser->held_bytes = held;
}

/* Frees the stash. */
void parser_fini(struct parser *parser);

/* Ready for the next message on the same connection. */
void parser_reset(struct parser *parser);

/* Takes bytes from the front of `*input` and gives one event; call it again until PARSER_MORE.
 * After PARSER_END and PARSER_ERROR it wants parser_reset first. */
enum parser_event parser_step(struct parser *parser, struct view *input, struct view *span);

/* How many bytes of body follow for sure, whatever they are; 0 where the framing does not tell.
 * They need not come through parser_step: parser_skip takes as many of them for read. */
static inline uint64_t parser_bulk_bytes(const struct parser *parser)
{
    bool is_counted = parser->phase == PARSER_IN_BODY && parser->head.framing == FRAMING_LENGTH;
    return is_counted ? parser->body_left : 0;
}

static inline void parser_skip(struct parser *parser, size_t len)
{
    bounds_hold(len <= parser_bulk_bytes(parser));
    parser->body_left -= len;
}

/* After PARSER_END: trailer lines as they can be passed on, each with its CRLF; those whose name
 * means something to lb are left out. Borrowed until parser_reset. */
struct view parser_trailers(const struct parser *parser);

/* The stream has ended. PARSER_END: a close-delimited body is now complete; PARSER_MORE: it ended
 * between messages; PARSER_ERROR: inside one. */
enum parser_event parser_finish(struct parser *parser);

#endif
