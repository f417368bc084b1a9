/* What a catalog gets of one container: an entry for each port that counts. Made anew only when what it is
 * made of has changed. Pure. */
#ifndef DISCOVERY_DOCKER_ENLISTED_H
#define DISCOVERY_DOCKER_ENLISTED_H

#include "discovery/dialect/registrator_check_entry.h"
#include "discovery/docker/container.h"
#include "discovery/docker/enlistment_settings.h"
#include "discovery/docker/vantage.h"

struct enlisted_port {
    char *id, *name;
    json_t *tags, *meta;
    struct registrator_check_entry check; /* by its words */
    char *probe_url;                      /* where that is a probe, as lb reaches it; or NULL */
    char address[ADDRESS_TEXT_BYTES];     /* "": that of the agent's node */
    uint16_t port, outer;                 /* inside, and where others find it */
    bool is_udp;
};

struct enlisted {
    uint64_t made_of; /* a hash; 0: nothing */
    struct enlisted_port *ports;
    size_t count;
    char *remark;         /* what it asks for and does not get: a sentence; or NULL */
    const char *why_none; /* there is no entry: the reason and the remedy, a constant; or NULL */
    bool is_why_told;
};

/* All is borrowed. */
struct enlisted_subject {
    const struct container *container; /* has papers */
    const struct container *owner;     /* whose network it uses, mostly itself */
    const struct vantage *vantage;
    const struct enlistment_settings *settings;
    const char *host;
    bool is_self; /* it is lb's own */
};

/* `enlisted` is NULL, or what it was before, which is taken. Gives. */
struct enlisted *enlisted_make(struct enlisted *enlisted, const struct enlisted_subject *subject);

/* NULL is fine. */
void enlisted_free(struct enlisted *enlisted);

#endif
