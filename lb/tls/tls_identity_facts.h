/* What a certificate with its key says of itself. */
#ifndef LB_TLS_TLS_IDENTITY_FACTS_H
#define LB_TLS_TLS_IDENTITY_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/view.h"

#define TLS_IDENTITY_NAMES_MAX 1000u

enum tls_key_type { TLS_KEY_RSA, TLS_KEY_ECDSA, TLS_KEY_TYPE_COUNT };

/* For people; views are the identity's. */
struct tls_identity_facts {
    enum tls_key_type key_type;
    unsigned key_bits;
    int64_t not_before_s, not_after_s; /* seconds since 1970 */
    struct view subject, issuer;       /* the common name, or all of it; cleaned */
    struct view fingerprint;           /* SHA-256, lower case hex */
    bool is_self_signed;
    unsigned chain_count; /* of intermediates */
};

#endif
