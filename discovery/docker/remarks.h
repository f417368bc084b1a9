/* Which remarks about containers were said already, so that ten replicas with the same mistake are
 * one line of the log. Pure. */
#ifndef DISCOVERY_DOCKER_REMARKS_H
#define DISCOVERY_DOCKER_REMARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REMARKS_MAX 256

/* Zeroed memory has said nothing. */
struct remarks {
    uint64_t said[REMARKS_MAX]; /* hashes; the oldest one goes first */
    size_t next;
};

/* True the first time for a remark about the containers of a service. */
bool remarks_is_new(struct remarks *remarks, const char *service, const char *remark);

#endif
