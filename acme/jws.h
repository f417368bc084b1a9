/* What is signed: JSON Web Keys and Signatures (RFC 7515, 7517, 7518, 7638), as ACME has them. Pure. */
#ifndef ACME_JWS_H
#define ACME_JWS_H

#include <openssl/evp.h>

#include "lb/base/text.h"

/* "ES256" or "RS256"; NULL: of a key of another kind. */
const char *jws_algorithm(const EVP_PKEY *key);

/* The public key as JSON, its members in order and without blanks, as the thumbprint wants it. Fails: false. */
bool jws_append_key(const EVP_PKEY *key, struct text *out);

/* Of this public key, in base64 for URLs. Fails: false. */
bool jws_append_thumbprint(const EVP_PKEY *key, struct text *out);

/* Appends {"protected":…,"payload":…,"signature":…}. `head` is the protected header as JSON. Fails: false. */
bool jws_sign(EVP_PKEY *key, struct view head, struct view payload, struct text *out);

/* The same by HMAC with SHA-256 (HS256), for an external account binding. */
bool jws_sign_by_secret(struct view secret, struct view head, struct view payload,
                        struct text *out);

#endif
