/* A server with hosts, and clients for it. Included by each test of its own. */
#ifndef TESTS_UNIT_TLS_TLS_ENDS_H
#define TESTS_UNIT_TLS_TLS_ENDS_H

#include "tls_pair.h"

struct ends {
    struct made_certificate ecdsa, rsa, client_authority, client_certificate;
    struct tls_host host, other; /* a.test, b.test; other asks for certificates of clients */
    struct tls_tickets *tickets;
    struct tls_server *server;
    unsigned choose_count;
};

extern struct ends ends;

void ends_open(enum tls_policy policy, bool has_tickets);
void ends_close(void);

/* Empty: no name. */
struct tls_client *ends_client(const char *name);

#endif
