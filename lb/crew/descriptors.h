/* How the descriptors that the process may have are divided, so that none of those who take some
 * can leave the others without: clients, connections to backends and pipes of each worker; the admin
 * listener and the looks at backends, which have theirs for themselves; and all the rest. */
#ifndef LB_CREW_DESCRIPTORS_H
#define LB_CREW_DESCRIPTORS_H

#include "lb/net/listener.h"

/* What they are to be divided among. */
struct descriptors_need {
    unsigned worker_count;
    unsigned
        listen_count;     /* of the operator's, HTTP, TCP and UDP: each takes one of every worker */
    bool has_flows;       /* there are UDP listeners, or may be */
    unsigned dynamic_max; /* listeners that containers may ask for; 0: none */
};

struct descriptors {
    /* of one worker */
    unsigned client_max;
    unsigned refused_max;  /* clients beyond these that are told so at the same time */
    unsigned upstream_max; /* busy and idle */
    unsigned pipe_max;     /* two descriptors each */
    unsigned flow_max;     /* 0: there are none */
    unsigned dynamic_max;  /* listeners of containers, in all workers at once */
    /* of control */
    unsigned admin_max;
    unsigned check_max;
    unsigned probe_max;
};

/* Raises the soft limit of open files to the hard one, or to DESCRIPTORS_MAX where that is more. */
void descriptors_raise(void);

#define DESCRIPTORS_MAX (1u << 20)

/* Connections of the admin listener, where there are enough for all: all that one turn of the loop
 * accepts, twice, so that each has been read from once before its place is needed; and those who
 * follow. */
#define DESCRIPTORS_ADMIN_MAX (2u * LISTENER_ACCEPTS_MAX + 16u)

/* Divides `limit` descriptors. */
struct descriptors descriptors_divide(unsigned limit, const struct descriptors_need *need);

/* The soft limit of open files, at most DESCRIPTORS_MAX. */
unsigned descriptors_limit(void);

#endif
