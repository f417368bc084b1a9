/* Certificates that run out: told 14 days before, 3 days before and when it is so (of one that is valid for less than six
 * weeks: a third and an eighth of its time before), and when they were renewed. Of those alone that clients are shown.
 * Thread: control. */
#ifndef LB_CERTS_CERTS_EXPIRY_H
#define LB_CERTS_CERTS_EXPIRY_H

#include "lb/base/text.h"
#include "lb/tls/tls_store.h"

enum certs_stage {
    CERTS_STAGE_FAR,
    CERTS_STAGE_SOON, /* 14 days */
    CERTS_STAGE_NEAR, /* 3 days */
    CERTS_STAGE_OVER,
};

struct certs_running_out {
    char *place, *name; /* of its file, and what that is called */
    enum certs_stage stage;
    int64_t not_after_s, since_s;
};

/* Zeroed memory: nothing was told. */
struct certs_expiry {
    struct certs_running_out *items; /* by their places */
    size_t count;
    /* `item`: FAR where it runs out no more, as it was renewed or taken away. `sentence`: what it is, and the remedy. Both are borrowed. */
    void (*tell)(void *owner, const struct certs_running_out *item, const char *sentence);
    void *owner;
};

/* Tells what is new since the last look. */
void certs_expiry_look(struct certs_expiry *expiry, const struct tls_store *store, int64_t now_s);

void certs_expiry_fini(struct certs_expiry *expiry);

enum certs_stage certs_expiry_stage(const struct tls_identity_facts *facts, int64_t now_s);

/* Whether any client is shown this identity of the host. */
bool certs_expiry_is_shown(const struct tls_store *store, const struct tls_host *host,
                           enum tls_key_type type);

#endif
