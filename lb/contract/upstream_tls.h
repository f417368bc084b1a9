/* How servers that speak https are spoken to, and whether they are believed: the values of words that labels
 * (lb.backend-verify), files, lines and flags (--backend-verify) share. Plain values without pointers; zeroed memory
 * says nothing: whoever answers is believed. Pure. Thread: any. */
#ifndef LB_CONTRACT_UPSTREAM_TLS_H
#define LB_CONTRACT_UPSTREAM_TLS_H

#include <stdbool.h>

#include "lb/base/view.h"

#define UPSTREAM_TLS_FILE_BYTES 256u
#define UPSTREAM_TLS_NAME_BYTES 256u

enum upstream_tls_verify {
    UPSTREAM_TLS_UNSAID, /* yes where a CA or a name is given, else no */
    UPSTREAM_TLS_BELIEVES,
    UPSTREAM_TLS_VERIFIES,
    UPSTREAM_TLS_REFUSES, /* something else that was said of it cannot be used: no server is good enough */
};

/* Files are of the operator's --backend-certificates; "": none. */
struct upstream_tls {
    unsigned verify; /* enum upstream_tls_verify */
    char ca[UPSTREAM_TLS_FILE_BYTES];
    char name[UPSTREAM_TLS_NAME_BYTES]; /* in lower case; or an IP address, without brackets */
    char certificate[UPSTREAM_TLS_FILE_BYTES]; /* lb's own, with its key, for who asks for one */
};

#define UPSTREAM_TLS_VERIFY_ACCEPTED "yes or no"
#define UPSTREAM_TLS_FILE_ACCEPTED                                                                 \
    "the name of a PEM file in the operator's --backend-certificates, without a path,"
#define UPSTREAM_TLS_NAME_ACCEPTED "a host's name such as app.example.com, or an IP address,"

/* Fail: false, and nothing has changed. */
bool upstream_tls_set_verify(struct upstream_tls *tls, struct view value);
bool upstream_tls_set_ca(struct upstream_tls *tls, struct view value);
bool upstream_tls_set_name(struct upstream_tls *tls, struct view value);
bool upstream_tls_set_certificate(struct upstream_tls *tls, struct view value);

/* Whether what a server shows is verified. */
static inline bool upstream_tls_verifies(const struct upstream_tls *tls)
{
    if (tls->verify == UPSTREAM_TLS_UNSAID)
        return tls->ca[0] || tls->name[0];
    return tls->verify != UPSTREAM_TLS_BELIEVES;
}

#endif
