/* Private keys: made, read and written. The account's is of P-256, those of certificates of P-256 or RSA. */
#ifndef ACME_PRIVATE_KEY_H
#define ACME_PRIVATE_KEY_H

#include <openssl/evp.h>

#include "lb/base/text.h"

enum private_key_kind { PRIVATE_KEY_ECDSA, PRIVATE_KEY_RSA };

/* Gives: EVP_PKEY_free. Fails: NULL. */
EVP_PKEY *private_key_make(enum private_key_kind kind);

/* PEM (PKCS #8). Fails: NULL where it is none, or has a pass phrase. */
EVP_PKEY *private_key_parse(struct view pem);

/* Appends it. Fails: false. */
bool private_key_append(const EVP_PKEY *key, struct text *out);

/* Frees what has a key in it, and its bytes before. */
void private_key_forget(struct text *text);

#endif
