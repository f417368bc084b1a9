/* What is shown for a name, and who may come in by it. Thread: any. */
#ifndef LB_TLS_TLS_HOST_H
#define LB_TLS_TLS_HOST_H

#include "lb/tls/tls_client_ca.h"
#include "lb/tls/tls_identity.h"

/* Lives as long as its store. */
struct tls_host {
    struct view
        file_name; /* what it is called in its directory: "a.test" of a.test.crt or live/a.test/ */
    struct view place; /* the path of the certificate, for people */
    struct tls_identity
        *identities[TLS_KEY_TYPE_COUNT];    /* one for each type of key; NULL: there is none */
    struct view places[TLS_KEY_TYPE_COUNT]; /* whose path each has; they may come from two files */
    struct tls_client_ca *
        client_ca; /* who signs certificates of clients (NAME.ca.crt, else ca.crt); NULL: none is asked for */
    bool is_default; /* default.crt */
    bool is_filed;   /* shown for the host that its file is named after, whatever names are in it */
};

/* Whether an identity of it is good for that host, so that no client would have been warned. */
bool tls_host_covers(const struct tls_host *host, struct view name);

/* When the last of its identities is over: seconds since 1970; 0: it has none. */
int64_t tls_host_not_after_s(const struct tls_host *host);

#endif
