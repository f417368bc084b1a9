/* Who may sign certificates of clients (mTLS): CAs with their revocation lists. Immutable, counted. Thread: any. */
#ifndef LB_TLS_TLS_CLIENT_CA_H
#define LB_TLS_TLS_CLIENT_CA_H

#include "lb/base/text.h"
#include "lb/base/view.h"

struct tls_client_ca;

/* Reads PEM; `crl` may be empty. Gives one reference. Fails: NULL with `problem`. */
struct tls_client_ca *tls_client_ca_read(struct view certificates, struct view crl,
                                         struct text *problem);

struct tls_client_ca *tls_client_ca_ref(struct tls_client_ca *ca);
void tls_client_ca_unref(struct tls_client_ca *ca); /* NULL is allowed */

#endif
