/* What the owner of a container asks for, by labels and environment. Pure. */
#ifndef DISCOVERY_DIALECT_LB_LABELS_H
#define DISCOVERY_DIALECT_LB_LABELS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lb/base/address.h"
#include "lb/contract/check.h"
#include "lb/contract/waits.h"

struct lb_labels {
    char *service;         /* never NULL */
    char *service_from;    /* who says so: "label lb.service", "its image"; never NULL */
    bool is_named;         /* by the label lb.service itself */
    bool is_enabled;       /* lb.enable=true */
    char *disabled_by;     /* "lb.enable=false" or what else leaves it out, or NULL */
    uint16_t port;         /* 0: not given, or wrong */
    const char *port_from; /* who gave it: "lb.port" or "SERVICE_PORT"; a constant, or NULL */
    unsigned weight;
    char *network;                    /* lb.network, or NULL */
    char address[ADDRESS_TEXT_BYTES]; /* lb.address, or "" */
    bool drains;                      /* lb.drain=true or lb.weight=0 */
    bool ignores_health;              /* lb.health=ignore: its HEALTHCHECK says nothing to lb */
    bool has_check;                   /* some lb.check.* is given */
    struct check check;
    bool has_slow_start;
    unsigned slow_start_ms;
    struct waits waits;
    char *port_problem;  /* a sentence when the port given is none, else NULL */
    char *label_problem; /* the same for the other labels */
    char *remark;        /* a sentence about labels that are not known, or NULL */
};

/* All borrowed; zeroed memory says nothing. */
struct lb_labels_source {
    const json_t *labels;      /* an object or NULL */
    const json_t *environment; /* an array of "NAME=value" or NULL */
    const char *image;
    const char *container_name;
    uint16_t exposed_port;  /* what registrator_choose_port() gave */
    bool are_ports_ignored; /* the same */
};

/* Values of other types than expected are passed over. The service is the label lb.service, else
 * SERVICE_<port>_NAME, else SERVICE_NAME (label, then environment), else the image's base name,
 * else (image given by id) the container's name. Gives: lb_labels_fini() it. */
void lb_labels_read(struct lb_labels *asked, const struct lb_labels_source *source);

void lb_labels_fini(struct lb_labels *asked);

/* The name of each label beginning with "lb." that is known; NULL after the last. */
const char *lb_labels_at(size_t index);

#endif
