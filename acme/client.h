/* Speaks with an ACME server: signed requests, each with a nonce of its own (RFC 8555 § 6). */
#ifndef ACME_CLIENT_H
#define ACME_CLIENT_H

#include <jansson.h>
#include <openssl/evp.h>

#include "acme/directory.h"

struct client {
    struct exchange *exchange; /* borrowed */
    struct directory directory;
    EVP_PKEY *key;                /* of the account; borrowed */
    char kid[EXCHANGE_URL_BYTES]; /* the account's URL; "": it is not known yet */
    char nonce[EXCHANGE_FIELD_BYTES];
};

struct client_request {
    const char *url;
    const char *what;   /* it is about, for people */
    const char *accept; /* NULL: JSON */
    json_t *payload;    /* borrowed; NULL: only asks (POST-as-GET) */
    EVP_PKEY *key;      /* that signs, and shows itself; NULL: the account's */
};

/* Fails: false, with `trouble`: no answer, or one of 400 and above. A nonce that is refused is replaced, up to CLIENT_TRIES_MAX times.
 * `answer` is zeroed or of an earlier call. */
#define CLIENT_TRIES_MAX 20u
bool client_post(struct client *client, const struct client_request *request,
                 struct exchange_answer *answer, struct trouble *trouble);

/* The same, of which the answer is an object. Gives. Fails: NULL, with `trouble`. */
json_t *client_post_json(struct client *client, const struct client_request *request,
                         struct exchange_answer *answer, struct trouble *trouble);

/* Appends the inner part of a key change (RFC 8555 § 7.3.5): signed by `key`, without a nonce. Fails: false. */
bool client_append_inner(EVP_PKEY *key, const char *url, const json_t *payload, struct text *out);

#endif
