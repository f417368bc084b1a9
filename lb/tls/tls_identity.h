/* What lb shows of itself: a certificate with its chain and its key. Immutable, counted. Thread: any. */
#ifndef LB_TLS_TLS_IDENTITY_H
#define LB_TLS_TLS_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/text.h"
#include "lb/base/view.h"
#include "lb/tls/tls_identity_facts.h"

#define TLS_IDENTITY_BYTES_MAX ((size_t)256 << 10) /* of each of its files */

/* X509, chain and EVP_PKEY of OpenSSL. */
struct tls_identity;

/* Reads PEM: the certificate, then its chain, in `certificate`; the key there or in `key` (may be empty). The key must fit,
 * each link of the chain must have signed the one before, and it must not be over at `now_s`; one that is not valid yet is
 * taken. A key with a passphrase is refused. Gives one reference. Fails: NULL, `problem` gets what is wrong and the remedy; it never
 * has bytes of the key. */
struct tls_identity *tls_identity_read(struct view certificate, struct view key, int64_t now_s,
                                       struct text *problem);

const struct tls_identity_facts *tls_identity_facts(const struct tls_identity *identity);

/* Its DNS names (of the subjectAltName; the common name where there is none), in lower case, "*.a.test" among them. */
unsigned tls_identity_name_count(const struct tls_identity *identity);
struct view tls_identity_name(const struct tls_identity *identity, unsigned index);

/* Whether a client that asked for this host (lower case, or an IP address) would accept it: RFC 6125, a wildcard stands
 * for one label. */
bool tls_identity_covers(const struct tls_identity *identity, struct view host);

struct tls_identity *tls_identity_ref(struct tls_identity *identity);
void tls_identity_unref(struct tls_identity *identity); /* NULL is allowed */

#endif
