/* The blocks of a PEM file (RFC 7468), one after another. Nobody is ever asked for a passphrase. Pure. Thread: any. */
#ifndef LB_TLS_TLS_PEM_H
#define LB_TLS_TLS_PEM_H

#include <stdbool.h>

#include "lb/base/view.h"

enum tls_pem_kind {
    TLS_PEM_CERTIFICATE,
    TLS_PEM_CRL,
    TLS_PEM_KEY,
    TLS_PEM_LOCKED_KEY, /* with a passphrase */
    TLS_PEM_OTHER,
};

struct tls_pem_block {
    enum tls_pem_kind kind;
    unsigned char *der;
    long len;
};

struct tls_pem;

/* Borrows the bytes. NULL: out of memory. */
struct tls_pem *tls_pem_open(struct view bytes);

/* Gives the next block, to be handed to tls_pem_drop. Fails: false, at the end, or at one that is damaged. */
bool tls_pem_next(struct tls_pem *pem, struct tls_pem_block *out);

/* Whether it ended before its end. */
bool tls_pem_is_damaged(const struct tls_pem *pem);

/* Frees the bytes of a block, and nothing of them stays in memory. */
void tls_pem_drop(struct tls_pem_block *block);

void tls_pem_close(struct tls_pem *pem); /* NULL is allowed */

#endif
