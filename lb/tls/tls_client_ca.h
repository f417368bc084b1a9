/* Who may sign certificates of clients (mTLS): CAs with their revocation lists. Immutable, counted. Thread: any. */
#ifndef LB_TLS_TLS_CLIENT_CA_H
#define LB_TLS_TLS_CLIENT_CA_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/text.h"
#include "lb/base/view.h"

#define TLS_CLIENT_CA_BYTES_MAX                                                                    \
    ((size_t)4 << 20)               /* of each of its files: revocation lists can be long */
#define TLS_CLIENT_CA_COUNT_MAX 64u /* of CAs, and of lists */

struct tls_client_ca;

/* Reads PEM; `crl` may be empty. Each CA of it is believed, also one that another has signed; where there are lists, each CA of
 * a client's chain must have one. Gives one reference. Fails: NULL with `problem`, and whether it is with `crl`. */
struct tls_client_ca *tls_client_ca_read(struct view certificates, struct view crl,
                                         struct text *problem, bool *is_with_crl);

/* When the first of its revocation lists is over: from then on nobody is let in. INT64_MAX: none ever is. */
int64_t tls_client_ca_list_end_s(const struct tls_client_ca *ca);

/* One that signs for nobody, in place of one that cannot be read: who is to be asked is not let in unasked. */
struct tls_client_ca *tls_client_ca_nobody(void);

struct tls_client_ca *tls_client_ca_ref(struct tls_client_ca *ca);
void tls_client_ca_unref(struct tls_client_ca *ca); /* NULL is allowed */

#endif
