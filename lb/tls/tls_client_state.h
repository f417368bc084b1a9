/* What sessions need of their client: for lb/tls alone. Thread: worker. */
#ifndef LB_TLS_TLS_CLIENT_STATE_H
#define LB_TLS_TLS_CLIENT_STATE_H

#include "lb/tls/tls_session_state.h"

/* Gives session->ssl its SSL, with its ends, the name that is asked for and verified, and what is remembered of
 * `peer`. False: out of memory. */
bool tls_client_enter(struct tls_client *client, struct tls_session *session, struct view peer);

/* The handshake is done: a ticket that came with a session of TLS 1.2 that was taken up is remembered, of which OpenSSL tells
 * nobody. */
void tls_client_shaken(struct tls_session *session);

#endif
