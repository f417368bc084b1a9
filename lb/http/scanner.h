/* llhttp as it is used here, and the one door to it: finds the field lines of a head, and the
 * chunks of a body with the trailers behind them. Start lines it does not see: methods are any
 * token (RFC 9110 § 9.1) and llhttp knows only some. What it lets through and must not pass is
 * refused by who calls it. */
#ifndef LB_HTTP_SCANNER_H
#define LB_HTTP_SCANNER_H

#include "lb/base/err.h"
#include "lb/http/head.h"
#include "lb/http/trailers.h"

/* Room for llhttp's own state. */
#define SCANNER_STATE_BYTES 128

struct scanner_state {
    _Alignas(16) unsigned char bytes[SCANNER_STATE_BYTES];
};

struct scanner {
    struct scanner_state state; /* first: by it llhttp's callbacks find the rest */
    struct head *head;          /* gets the fields */
    uint32_t max_field_count;   /* and of trailers */
    enum err err;               /* why scanner_fields failed */
    struct trailers trailers;

    /* what the last run met */
    struct view input;
    struct view span;    /* a piece of body, inside the input */
    bool is_chunk_begun; /* the line of a chunk that is not empty is complete */
    bool is_at_chunk;    /* it stopped where a chunk may begin */
    bool is_complete;    /* the message has ended */
};

enum scanner_result {
    SCANNER_MORE,    /* all of the input is used */
    SCANNER_STOPPED, /* behind a head, a chunk or the message */
    SCANNER_FAILED,
};

/* The state behind a start line, to be copied for each message. */
void scanner_prepare(struct scanner_state *state, bool is_request);

/* Empty, without memory. */
static inline void scanner_init(struct scanner *scanner)
{
    trailers_init(&scanner->trailers);
}

/* Frees; usable again as after init. */
static inline void scanner_fini(struct scanner *scanner)
{
    trailers_fini(&scanner->trailers);
}

/* From `state` on, the fields of `head` are found, which has none yet. Borrows it until the head is
 * over. */
void scanner_begin(struct scanner *scanner, const struct scanner_state *state, struct head *head);

/* Goes on in the head whose bytes begin at head->base; `bytes` are its next. `*at`: where it
 * stopped or failed. Of each field it notes where name and value lie (see head_file_fields). */
enum scanner_result scanner_fields(struct scanner *scanner, struct view bytes, const char **at);

/* A body in chunks follows the head. */
void scanner_begin_chunks(struct scanner *scanner);

/* Goes on in it, up to the end of a chunk or of the message; `*used`: so many bytes; where it
 * fails those before the flaw. Fails at what is no chunk, and at trailers of more than
 * max_field_count lines. */
enum scanner_result scanner_chunks(struct scanner *scanner, struct view input, size_t *used);

/* The last run stopped, and so the next goes on without input too. */
bool scanner_is_stopped(const struct scanner *scanner);

/* "9.2.1": the version of llhttp that is in use. */
const char *scanner_library_version(void);

#endif
