/* Why a session failed, in a sentence for a log. For lb/tls alone. Thread: worker. */
#ifndef LB_TLS_TLS_PROBLEM_H
#define LB_TLS_TLS_PROBLEM_H

#include "lb/tls/tls_session_state.h"

/* By what OpenSSL has queued; a sentence that is there already stays. */
void tls_problem_note(struct tls_session *session);

#endif
