/* Where an ACME server has what (RFC 8555 § 7.1.1). */
#ifndef ACME_DIRECTORY_H
#define ACME_DIRECTORY_H

#include "acme/exchange.h"
#include "acme/trouble.h"

#define DIRECTORY_PRODUCTION "https://acme-v02.api.letsencrypt.org/directory"
#define DIRECTORY_STAGING    "https://acme-staging-v02.api.letsencrypt.org/directory"

struct directory {
    char host[EXCHANGE_FIELD_BYTES]; /* for people */
    char new_nonce[EXCHANGE_URL_BYTES], new_account[EXCHANGE_URL_BYTES],
        new_order[EXCHANGE_URL_BYTES], key_change[EXCHANGE_URL_BYTES],
        renewal_info[EXCHANGE_URL_BYTES]; /* "": it has none */
    char terms[EXCHANGE_URL_BYTES];
    bool needs_binding; /* accounts come from elsewhere (EAB) */
};

/* Asks for it. Fails: false, with `trouble`. */
bool directory_get(struct exchange *exchange, const char *url, struct directory *out,
                   struct trouble *trouble);

/* Reads one. Pure. Fails: false, with `trouble`: it is none, or has a URL that is neither https nor of this machine. */
bool directory_read(struct view body, const char *url, struct directory *out,
                    struct trouble *trouble);

#endif
