/* All certificates there are, by name: an immutable picture, counted, that control gives to all workers as a whole. 10 000
 * names cost one look into a hash. Thread: any. */
#ifndef LB_TLS_TLS_STORE_H
#define LB_TLS_TLS_STORE_H

#include "lb/tls/tls_host.h"

struct tls_store;

/* Two certificates with the same type of key are there for a name; of those that are valid the one that is so longer is shown. */
struct tls_store_clash {
    struct view name;
    const struct tls_host *shown, *hidden;
    bool is_early; /* the hidden one is not valid yet */
};

struct tls_store_parts {
    /* One for each certificate (or two of one name, by type of key) of a file. One without identities says whose certificates of clients are
     * asked for by the host of its file_name. Their client_ca is not looked at elsewhere. */
    const struct tls_host *hosts;
    unsigned count;
    struct tls_client_ca *client_ca; /* of hosts that have none of their own; NULL: none */
    int64_t
        now_s; /* what is over by then, or not valid yet, is shown only where there is nothing else */
    void (*on_clash)(void *owner, const struct tls_store_clash *clash); /* NULL: nobody is told */
    void *owner;
};

/* Copies, and takes references of its own. Gives one reference. In linear time. */
struct tls_store *tls_store_new(const struct tls_store_parts *parts);

enum tls_match {
    TLS_MATCH_NONE,
    TLS_MATCH_EXACT,
    TLS_MATCH_WILDCARD,
    TLS_MATCH_PARENT_FILE,
    TLS_MATCH_ROUTE, /* the route names its file: of no look into the store (shown_certificate.h) */
    TLS_MATCH_DEFAULT
};

/* For a name in lower case (a name of a server, or a Host without its port): first what is filed under it, then a
 * certificate with that name in it, then one with a wildcard for it, then the file of its parent (nginx-proxy: exactly one label
 * up, and that must have two labels). NULL: none, and the default's is not given (see tls_store_default). `match` may be NULL. */
const struct tls_host *tls_store_find(const struct tls_store *store, struct view name,
                                      enum tls_match *match);

/* What is filed under this name alone (CERT_NAME); NULL: nothing. */
const struct tls_host *tls_store_named(const struct tls_store *store, struct view file_name);

/* NAME.ca.crt of a name in lower case: it judges this host's clients, whatever certificate they are shown. NULL: there is none. */
struct tls_client_ca *tls_store_client_ca(const struct tls_store *store, struct view name);

/* NULL: there is none. */
const struct tls_host *tls_store_default(const struct tls_store *store);

/* All of them, in the order of their names, then the default. */
unsigned tls_store_count(const struct tls_store *store);
const struct tls_host *tls_store_at(const struct tls_store *store, unsigned index);

struct tls_store *tls_store_ref(struct tls_store *store);
void tls_store_unref(struct tls_store *store); /* NULL is allowed */

#endif
