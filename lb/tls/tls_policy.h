/* What lb offers and takes: Mozilla's guideline 6.0 (https://wiki.mozilla.org/Security/Server_Side_TLS).
 * The kernel's TLS (kTLS) is left out: OpenSSL would have to have the socket. Thread: any. */
#ifndef LB_TLS_TLS_POLICY_H
#define LB_TLS_TLS_POLICY_H

#include <stdbool.h>

enum tls_policy { TLS_POLICY_INTERMEDIATE, TLS_POLICY_MODERN };

struct ssl_ctx_st;

/* For lb/tls alone. Protocols, ciphers, groups, and what is never wanted: renegotiation, compression, early data, a cache of sessions. Fails:
 * false, OpenSSL lacks what it takes. */
bool tls_policy_apply(struct ssl_ctx_st *context, enum tls_policy policy);

#endif
