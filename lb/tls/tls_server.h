/* lb's side of TLS towards clients, of one worker: protocols, ciphers, groups (Mozilla's guideline 6.0), tickets, and who is
 * shown for a name. Thread: worker, but for new and free. */
#ifndef LB_TLS_TLS_SERVER_H
#define LB_TLS_TLS_SERVER_H

#include "lb/tls/tls_policy.h"
#include "lb/tls/tls_store.h"

struct tls_tickets; /* lb/tls/tls_tickets.h: keys that all workers share */

struct tls_server_options {
    enum tls_policy policy;
    struct tls_tickets *tickets; /* borrowed; NULL: no tickets */
    /* Who is shown for that name (lower case, without a final dot; empty: none was given); it is borrowed until the handshake's call is over, and kept by
     * references of its parts. No host: the client gets the alert unrecognized_name. */
    struct tls_choice (*choose)(void *owner, struct view server_name);
    /* For TLS-ALPN-01 (RFC 8737), asked only where the client offers acme-tls/1 alone: gives a reference; NULL: none is waited for. */
    struct tls_identity *(*find_challenge)(void *owner, struct view server_name);
    void *owner;
};

struct tls_server;

/* Fails: NULL with `problem`. */
struct tls_server *tls_server_new(const struct tls_server_options *options, struct text *problem);
void tls_server_free(
    struct tls_server *server); /* NULL is allowed; sessions that run keep what they need */

#endif
