/* How a ticket is sealed and opened: for lb/tls alone. Thread: any. */
#ifndef LB_TLS_TLS_TICKETS_STATE_H
#define LB_TLS_TLS_TICKETS_STATE_H

#include <openssl/evp.h>
#include <stdbool.h>

struct tls_tickets;

/* What SSL_CTX_set_tlsext_ticket_key_evp_cb wants to be told. */
#define TLS_TICKETS_FAILED  (-1)
#define TLS_TICKETS_UNKNOWN 0
#define TLS_TICKETS_USED    1
#define TLS_TICKETS_RENEWED 2 /* it is good, and the client gets another */

/* `name` and `iv` are written where it seals. `is_used_once`: as clients of TLS 1.3 use them (RFC 8446 § C.4). */
int tls_tickets_choose(struct tls_tickets *tickets, unsigned char *name, unsigned char *iv,
                       EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, bool seals, bool is_used_once);

#endif
