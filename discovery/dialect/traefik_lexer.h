/* The words of a Traefik rule: names of matchers, strings in backticks or double quotes as Go
 * writes them, && || ! ( ) and commas. Pure. */
#ifndef DISCOVERY_DIALECT_TRAEFIK_LEXER_H
#define DISCOVERY_DIALECT_TRAEFIK_LEXER_H

#include "lb/base/text.h"

enum traefik_token_kind {
    TRAEFIK_TOKEN_END,
    TRAEFIK_TOKEN_NAME,
    TRAEFIK_TOKEN_STRING,
    TRAEFIK_TOKEN_AND,
    TRAEFIK_TOKEN_OR,
    TRAEFIK_TOKEN_NOT,
    TRAEFIK_TOKEN_OPEN,
    TRAEFIK_TOKEN_CLOSE,
    TRAEFIK_TOKEN_COMMA,
    TRAEFIK_TOKEN_WRONG, /* none of them; `problem` says what is wrong with it */
};

struct traefik_token {
    enum traefik_token_kind kind;
    size_t at;           /* offset of its first byte */
    struct view text;    /* as it is written, a string with its quotes; borrowed from the rule */
    const char *problem; /* a constant sentence, or NULL */
};

/* The next token from `at` on, white space passed over; the following one begins behind its text. */
struct traefik_token traefik_lexer_next(struct view rule, size_t at);

/* Appends what a string token stands for. Fails: false, for an escape that is none. */
bool traefik_lexer_unquote(struct view written, struct text *out);

#endif
