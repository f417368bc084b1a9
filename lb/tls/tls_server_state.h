/* What sessions need of their server: for lb/tls alone. Thread: worker. */
#ifndef LB_TLS_TLS_SERVER_STATE_H
#define LB_TLS_TLS_SERVER_STATE_H

#include "lb/tls/tls_session_state.h"

/* Gives session->ssl its SSL, with its ends; tls_server_leave is due then. False: out of memory. */
bool tls_server_enter(struct tls_server *server, struct tls_session *session);
void tls_server_leave(struct tls_server *server);

#endif
