/* What a ClientHello asks for, as OpenSSL has it before it decides anything. For lb/tls alone. Thread: any. */
#ifndef LB_TLS_TLS_HELLO_H
#define LB_TLS_TLS_HELLO_H

#include <stdbool.h>
#include <stddef.h>

#define TLS_HELLO_NAME_BYTES 256u

struct ssl_st;

struct tls_hello {
    char name[TLS_HELLO_NAME_BYTES]; /* lower case, without a final dot */
    size_t name_len;                 /* 0: none was given */
    bool is_challenge;               /* acme-tls/1 is all that it offers to speak (RFC 8737 § 3) */
};

/* In SSL_CTX_set_client_hello_cb. False: the name is none that a host can have. */
bool tls_hello_read(struct ssl_st *ssl, struct tls_hello *hello);

#endif
