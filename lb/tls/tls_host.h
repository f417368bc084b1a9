/* What is shown for a name, and who may come in by it. Thread: any. */
#ifndef LB_TLS_TLS_HOST_H
#define LB_TLS_TLS_HOST_H

#include "lb/tls/tls_client_ca.h"
#include "lb/tls/tls_identity.h"

/* Lives as long as its store. */
struct tls_host {
    /* What it is called in its directory: "a.test" of a.test.crt or live/a.test/. */
    struct view file_name;
    struct view place; /* the path of the certificate, for people */
    /* One for each type of key; NULL: there is none. They may come from two files, each with its path. */
    struct tls_identity *identities[TLS_KEY_TYPE_COUNT];
    struct view places[TLS_KEY_TYPE_COUNT];
    /* Who signs certificates of clients: NAME.ca.crt of its file, else ca.crt. NULL: none is asked for. */
    struct tls_client_ca *client_ca;
    bool is_default; /* default.crt */
    bool is_filed;   /* shown for the host that its file is named after, whatever names are in it */
};

/* What one client is shown, and by whom its own certificate is judged. Borrowed of the store. */
struct tls_choice {
    const struct tls_host *host;     /* NULL: nobody is shown */
    struct tls_client_ca *client_ca; /* NULL: none is asked for */
};

#endif
