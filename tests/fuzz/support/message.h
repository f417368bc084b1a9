/* What the targets of the parser share: a stream of messages, cut in different ways, as one text
 * that can be compared. */
#ifndef TESTS_FUZZ_SUPPORT_MESSAGE_H
#define TESTS_FUZZ_SUPPORT_MESSAGE_H

#include "lb/base/block.h"
#include "lb/base/text.h"
#include "lb/http/parser.h"

struct message_options {
    const struct parser_setup *setup;
    unsigned head_answers; /* bit n: message n answers HEAD (responses) */
    /* Called for each head, while its bytes are there; may be NULL. */
    void (*on_head)(void *owner, const struct head *head, bool answers_head);
    void *owner;
};

/* How the bytes arrive. */
enum message_cut { MESSAGE_WHOLE, MESSAGE_BYTE_BY_BYTE, MESSAGE_IN_PIECES };

/* Reads all messages of `bytes` up to the first error and appends what the parser said of them to
 * `trace`: heads field by field, bodies as their bytes, ends, the error. Every piece is freed
 * before the next one is handed over. `seed` gives the sizes of pieces. */
void message_trace(const struct message_options *options, struct view bytes, enum message_cut cut,
                   uint64_t seed, struct text *trace);

/* All cuts must give the same trace. */
void message_check_cuts(const struct message_options *options, struct view bytes, uint64_t seed);

/* `bytes` is one head: lines that end with CRLF, with no CR, LF or NUL in them, none empty but the
 * last; its length is told once at most, and a request has one Host. Parses it into `parser` (of
 * `setup`), which the caller ends with parser_fini. */
void message_check_head(const struct parser_setup *setup, struct parser *parser, bool answers_head,
                        struct view bytes);

#endif
