/* What was found in the directories, when it was looked last and something had changed. Immutable. Thread: any. */
#ifndef LB_CERTS_CERTS_PICTURE_H
#define LB_CERTS_CERTS_PICTURE_H

#include <stdint.h>

#include "lb/base/arena.h"
#include "lb/tls/tls_store.h"

#define CERTS_PICTURE_FAULTS_MAX 200u

/* What cannot be used. */
struct certs_fault {
    struct view path;
    struct view why; /* with the remedy */
    bool has_old;    /* the one before is in use */
    int64_t since_s;
};

struct certs_picture {
    struct arena arena;
    struct tls_store *store; /* one reference */
    struct certs_fault *faults;
    unsigned fault_count;   /* of those that are kept here */
    unsigned refused_count; /* of all */
    uint64_t read_count;    /* certificates that were read, in all */
    int64_t changed_s;
};

/* NULL is allowed. */
void certs_picture_free(struct certs_picture *picture);

#endif
