/* The certificates of this process: watched, given to the workers, and told of when they run out. Thread: control. */
#ifndef LB_RUN_CERTIFICATES_H
#define LB_RUN_CERTIFICATES_H

#include "lb/admin/pages.h"
#include "lb/certs/certs.h"
#include "lb/certs/certs_expiry.h"
#include "lb/crew/crew.h"
#include "lb/follow/incidents.h"

#define CERTIFICATES_EXPIRY_MS 600000u /* from one look at what runs out to the next */
#define CERTIFICATES_SOON_MS   1000u
#define CERTIFICATES_LACKS_MAX 64u

/* Whom it serves; all borrowed. */
struct certificates_audience {
    struct loop *loop;
    struct crew *crew;
    struct pages *pages;
    struct incidents *incidents;
    const bool *is_serving; /* else it is another one that tells what runs out */
};

struct certificates {
    struct certificates_audience audience;
    struct certs certs;
    struct certs_expiry expiry;
    struct deadline look;
    uint64_t lacks
        [CERTIFICATES_LACKS_MAX]; /* routes' certificates that are not there, and were told: a hash of each */
    unsigned lack_count;
};

/* Reads them and gives them to the workers, before these begin. */
void certificates_open(struct certificates *certificates,
                       const struct certificates_audience *audience, const struct config *config);

void certificates_configure(struct certificates *certificates, const struct config *config);

/* Other routes: what of them wants a certificate that is not there is told once. */
void certificates_follow(struct certificates *certificates);

/* Idempotent; harmless on zeroed memory. */
void certificates_close(struct certificates *certificates);

/* Once the loop is over. */
void certificates_fini(struct certificates *certificates);

#endif
