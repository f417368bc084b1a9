/* All certificates there are, by name: an immutable picture, counted, that control gives to all workers as a whole. 10 000
 * names cost one look into a hash. Thread: any. */
#ifndef LB_TLS_TLS_STORE_H
#define LB_TLS_TLS_STORE_H

#include "lb/tls/tls_host.h"

struct tls_store;

enum tls_match {
    TLS_MATCH_NONE,
    TLS_MATCH_EXACT,
    TLS_MATCH_WILDCARD,
    TLS_MATCH_PARENT_FILE,
    TLS_MATCH_DEFAULT
};

/* For a name in lower case (a name of a server, or a Host without its port): first what is filed under it, then a
 * certificate with that name in it, then one with a wildcard for it, then the file of its parent (nginx-proxy: exactly one label
 * up, and that must have two labels). NULL: none, and the default's is not given: see tls_store_default. `match` may be NULL. */
const struct tls_host *tls_store_find(const struct tls_store *store, struct view name,
                                      enum tls_match *match);

/* What is filed under this name alone (CERT_NAME); NULL: nothing. */
const struct tls_host *tls_store_named(const struct tls_store *store, struct view file_name);

/* NULL: there is none. */
const struct tls_host *tls_store_default(const struct tls_store *store);

/* All of them, in the order of their names, then the default. */
unsigned tls_store_count(const struct tls_store *store);
const struct tls_host *tls_store_at(const struct tls_store *store, unsigned index);

struct tls_store *tls_store_ref(struct tls_store *store);
void tls_store_unref(struct tls_store *store); /* NULL is allowed */

#endif
