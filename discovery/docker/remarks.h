/* Which remarks about containers were said already, so that ten replicas with the same mistake are
 * one line of the log, and none is said again with each event and list. Pure. */
#ifndef DISCOVERY_DOCKER_REMARKS_H
#define DISCOVERY_DOCKER_REMARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* When so many were said, all are forgotten. */
#define REMARKS_MAX 65536

/* Zeroed memory has said nothing. */
struct remarks {
    uint64_t *said; /* hashes, each at its place or in the next free ones; 0: free */
    size_t count;
    size_t capacity; /* a power of two */
};

void remarks_fini(struct remarks *remarks);

/* True the first time for a remark about the containers of a service. */
bool remarks_is_new(struct remarks *remarks, const char *service, const char *remark);

#endif
