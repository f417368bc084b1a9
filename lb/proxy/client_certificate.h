/* What a backend is told of the certificate that a client has shown: X-SSL-Client-Verify, -S-DN and -Fingerprint, in
 * nginx's words. No client can say them itself (lb/http/claim.h). Thread: worker. */
#ifndef LB_PROXY_CLIENT_CERTIFICATE_H
#define LB_PROXY_CLIENT_CERTIFICATE_H

#include "lb/base/block.h"
#include "lb/tls/tls_session.h"

/* The lines, to be handed to block_give; NULL: it was asked for none. */
struct block *client_certificate_lines(const struct tls_session_facts *facts,
                                       struct block_pool *blocks);

#endif
