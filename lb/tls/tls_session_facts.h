/* What a handshake led to: tls_session_facts gives it. */
#ifndef LB_TLS_TLS_SESSION_FACTS_H
#define LB_TLS_TLS_SESSION_FACTS_H

#include <stdbool.h>

#include "lb/base/view.h"

enum tls_client_verdict {
    TLS_CLIENT_NOT_ASKED, /* the host has no client CA */
    TLS_CLIENT_NONE,      /* asked, and sent no certificate */
    TLS_CLIENT_VALID,
    TLS_CLIENT_INVALID, /* unknown CA, over, revoked: facts.client_problem */
};

/* Views are the session's. */
struct tls_session_facts {
    struct view server_name; /* that the client asked for, lower case; empty: none */
    struct view protocol;    /* "TLSv1.3" */
    struct view cipher;      /* "TLS_AES_128_GCM_SHA256" */
    struct view group;       /* "X25519"; empty: not known */
    bool is_resumed;
    bool is_challenge; /* it was acme-tls/1: nothing is said on it */
    enum tls_client_verdict client;
    struct view client_subject; /* RFC 2253, cleaned; empty: none */
    struct view client_fingerprint;
    struct view client_problem;
};

#endif
