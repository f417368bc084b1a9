/* Keeps an eye on the directories of --certificates, and hands on all certificates there are (tls_store) when something
 * has changed. It looks on a thread of its own, so often that this takes about 2 % of one CPU at most. A change counts once it was
 * seen twice alike, or at once where another file is in the place and all of it fits; until then, and where it
 * cannot be used, what was there before stays. Thread: control. */
#ifndef LB_CERTS_CERTS_H
#define LB_CERTS_CERTS_H

#include "lb/certs/certs_keeper.h"
#include "lb/config/config.h"
#include "lb/net/errand.h"

#define CERTS_LOOK_MS     1000u  /* at least between two looks */
#define CERTS_LOOK_MAX_MS 60000u /* at most */

struct certs_options {
    struct loop *loop;
    /* Gets all that there are; to be kept by a reference of its own. */
    void (*on_change)(void *owner, const struct certs_picture *picture);
    void *owner;
    unsigned first_reader_count; /* threads that read at the first look; 0: it does so alone */
};

struct certs {
    struct certs_options options;
    struct certs_keeper keeper; /* the errand's while it is under way */
    struct errand errand;
    struct deadline look;
    struct certs_picture *picture; /* the newest; NULL: nothing was looked at yet */
    struct certs_picture *next;    /* of the errand */
    uint64_t look_cpu_ns;          /* of the last one */
    char **directories;            /* that are to be followed */
    unsigned directory_count;
    bool is_looking, is_to_follow, is_closed;
    atomic_bool is_called_off;
};

/* Looks at once, and hands on what it finds. */
void certs_open(struct certs *certs, const struct certs_options *options,
                const struct config *config);

/* SIGHUP: looks again, perhaps elsewhere. */
void certs_configure(struct certs *certs, const struct config *config);

/* No more. Idempotent; harmless on zeroed memory. */
void certs_close(struct certs *certs);

/* Frees; the loop is over. */
void certs_fini(struct certs *certs);

#endif
