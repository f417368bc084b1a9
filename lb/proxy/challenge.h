/* What who certifies a host looks for on it (ACME, RFC 8555 § 8.3): files that lb-acme, or a client of the operator's,
 * has left. Looks at the file system, which is local and small. Thread: any. */
#ifndef LB_PROXY_CHALLENGE_H
#define LB_PROXY_CHALLENGE_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/base/view.h"

#define CHALLENGE_PATH            "/.well-known/acme-challenge/"
#define CHALLENGE_TOKEN_BYTES_MAX 128u
#define CHALLENGE_FILE_BYTES_MAX  4096u

/* Where they are. Borrows. */
struct challenge_places {
    const char *acme_dir; /* of lb-acme: challenges/TOKEN in it; NULL: there is none */
    /* In each of them, or below it in .well-known/acme-challenge. */
    const char *const *webroots;
    unsigned webroot_count;
};

/* Whether there can be any. */
static inline bool challenge_is_served(const struct challenge_places *places)
{
    return places->acme_dir || places->webroot_count > 0;
}

/* The token that a request's target asks for; empty: it asks for none. */
struct view challenge_token(struct view target);

/* Appends the key authorization, "TOKEN.THUMBPRINT", of a regular file of at most CHALLENGE_FILE_BYTES_MAX bytes. False: there
 * is none, and the request is like any other. */
bool challenge_read(const struct challenge_places *places, struct view token, struct text *out);

#endif
