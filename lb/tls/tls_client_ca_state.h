/* What a tls_client_ca is made of: for lb/tls alone. Immutable once it was given. */
#ifndef LB_TLS_TLS_CLIENT_CA_STATE_H
#define LB_TLS_TLS_CLIENT_CA_STATE_H

#include <openssl/x509.h>
#include <stdatomic.h>
#include <stdint.h>

struct tls_client_ca {
    atomic_uint ref_count;
    X509_STORE *store;           /* with the flags that clients are to be verified by */
    STACK_OF(X509_NAME) * names; /* to be sent to clients; may be empty, is never NULL */
    unsigned certificate_count, list_count;
    int64_t list_end_s;       /* when the first of the lists is over; INT64_MAX: never */
    unsigned char digest[32]; /* of what it was read from: sessions of others are not taken up */
};

#endif
