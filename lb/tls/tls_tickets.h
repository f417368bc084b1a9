/* The keys of session tickets (RFC 5077, RFC 8446 § 4.6.1), shared by all workers: a new one each hour, the two before are still
 * read, and what they sealed is issued anew. From a file where several hosts are to have the same. Thread: any. */
#ifndef LB_TLS_TLS_TICKETS_H
#define LB_TLS_TLS_TICKETS_H

#include "lb/base/text.h"
#include "lb/base/view.h"

#define TLS_TICKETS_ROTATION_S 3600u
#define TLS_TICKETS_KEY_BYTES  80u /* name 16, AES-256 32, HMAC-SHA-256 32 */

struct tls_tickets;

/* Random ones. Fails: NULL, the system has no random bytes. */
struct tls_tickets *tls_tickets_new(void);

/* Those of a file, newest first, 1 to 3 of TLS_TICKETS_KEY_BYTES each, in place of all that there are; from then on none is made. Fails: false
 * with `problem`, and they stay. */
bool tls_tickets_set(struct tls_tickets *tickets, struct view keys, struct text *problem);

/* Makes a new key where the newest is an hour old. Thread: control, once a minute or so. */
void tls_tickets_rotate(struct tls_tickets *tickets, uint64_t now_ns);

void tls_tickets_free(
    struct tls_tickets *tickets); /* no server may have it any more; NULL is allowed */

#endif
