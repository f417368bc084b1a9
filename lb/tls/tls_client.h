/* lb's side of TLS towards backends: whom it trusts there, of one worker and one policy. Thread: worker, but for new and free. */
#ifndef LB_TLS_TLS_CLIENT_H
#define LB_TLS_TLS_CLIENT_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/base/view.h"

struct tls_client_options {
    bool verifies;        /* false: whoever answers is believed */
    struct view ca;       /* PEM; empty: the system's */
    struct view identity; /* PEM of a certificate and its key, for who asks for one; empty: none */
    /* Which the certificate must have, and which is asked for (SNI); an IP address is compared, and not asked for. Empty:
     * neither. */
    struct view name;
};

struct tls_client;

/* Copies. Fails: NULL with `problem`. */
struct tls_client *tls_client_new(const struct tls_client_options *options, struct text *problem);
struct tls_client *tls_client_ref(struct tls_client *client);
void tls_client_unref(struct tls_client *client); /* NULL is allowed */

#endif
