/* Which files of a directory are certificates, by the names that nginx-proxy, certbot, lego, dehydrated and haproxy give
 * them. Thread: any. */
#ifndef LB_CERTS_CERTS_LAYOUT_H
#define LB_CERTS_CERTS_LAYOUT_H

#include <stdbool.h>

#include "lb/base/arena.h"

#define CERTS_LAYOUT_FILES_MAX 20000u /* certificates, of all directories */
#define CERTS_LAYOUT_NAMES_MAX 65536u /* files of one directory that are looked through */

struct certs_spot {
    const char *path; /* of the certificate */
    const char *key;  /* of its key, or of a CA's revocation list; NULL: there is no such file */
    const char *name; /* "a.test" of a.test.crt, a.test.rsa.crt and live/a.test/ */
    bool is_client_ca;
    bool is_default; /* default.crt; of a client CA: default.ca.crt */
    bool is_filed;   /* shown for the host of its name whatever is in it */
    bool is_for_all; /* ca.crt */
};

struct certs_blind {
    const char *path;
    int error; /* of errno */
};

/* Zeroed memory is an empty one. */
struct certs_layout {
    struct arena arena;
    struct certs_spot *spots;
    size_t count, capacity;
    bool is_cut;               /* there were more than CERTS_LAYOUT_FILES_MAX */
    struct certs_blind *blind; /* directories that cannot be listed */
    size_t blind_count, blind_capacity;
};

/* Adds what is in that directory and in its folders. */
void certs_layout_add(struct certs_layout *layout, const char *directory);

void certs_layout_fini(struct certs_layout *layout);

#endif
