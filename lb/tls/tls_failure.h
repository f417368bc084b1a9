/* The kinds of failures of a handshake, to be counted. */
#ifndef LB_TLS_TLS_FAILURE_H
#define LB_TLS_TLS_FAILURE_H

enum tls_failure {
    TLS_FAILURE_NONE,
    TLS_FAILURE_GONE,     /* the peer is, in the middle of it */
    TLS_FAILURE_NO_TLS,   /* what came is none */
    TLS_FAILURE_HTTP,     /* but HTTP */
    TLS_FAILURE_NAME,     /* there is no certificate for the name */
    TLS_FAILURE_VERSION,  /* none in common */
    TLS_FAILURE_CIPHER,   /* no cipher, group or signature in common */
    TLS_FAILURE_PROTOCOL, /* no protocol (ALPN) in common */
    TLS_FAILURE_REFUSED,  /* by an alert of the peer */
    TLS_FAILURE_OTHER,
};

#endif
