/* What a tls_identity is made of: for lb/tls alone. Immutable once tls_identity_read has given it. */
#ifndef LB_TLS_TLS_IDENTITY_STATE_H
#define LB_TLS_TLS_IDENTITY_STATE_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdatomic.h>

#include "lb/base/arena.h"
#include "lb/tls/tls_identity_facts.h"

struct tls_identity {
    atomic_uint ref_count;
    X509 *certificate;
    STACK_OF(X509) * chain; /* without the certificate; may be empty, is never NULL */
    EVP_PKEY *key;
    struct arena arena; /* of all bytes that views of it lead to */
    struct tls_identity_facts facts;
    struct view *names;
    unsigned name_count;
};

#endif
