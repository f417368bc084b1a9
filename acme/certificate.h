/* What stands in a certificate, and what is made for one: a request, and the one of TLS-ALPN-01. */
#ifndef ACME_CERTIFICATE_H
#define ACME_CERTIFICATE_H

#include <openssl/evp.h>

#include "acme/names.h"

#define CERTIFICATE_ID_BYTES 256u

struct certificate {
    struct names names;
    int64_t not_before_s, not_after_s;
    char id[CERTIFICATE_ID_BYTES]; /* of RFC 9773 § 4.1; "": it has none */
};

/* Reads the first certificate of a chain as PEM; each of the others must be one, too. `key` NULL: not asked about, else it must fit.
 * Fails: false, and `problem` says what is wrong, without a remedy. certificate_fini in either case. */
bool certificate_read(struct view chain, const EVP_PKEY *key, struct certificate *out,
                      struct text *problem);
void certificate_fini(struct certificate *certificate);

/* A request for these names (PKCS #10) as DER. Fails: false. */
bool certificate_append_request(EVP_PKEY *key, const struct names *names, struct text *out);

/* The certificate by which a server shows that it has `name` (RFC 8737 § 3), with its key, as PEM. `digest` is the SHA-256 of the key
 * authorization. Fails: false. */
bool certificate_append_alpn(const char *name, const unsigned char digest[32], struct text *out);

#endif
