/* What a handshake led to. For lb/tls alone. Thread: worker. */
#ifndef LB_TLS_TLS_FACTS_H
#define LB_TLS_TLS_FACTS_H

#include "lb/tls/tls_session_state.h"

/* Fills session->facts, once hands were shaken. */
void tls_facts_fill(struct tls_session *session);

#endif
