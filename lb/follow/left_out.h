/* The containers that get no requests, with their reasons: discovery's own and, as
 * `other_service`, the endpoints of services that nothing is routed to, as `other_protocol` and
 * `bad_address` those that unserved.h names, and as `unresolved` names of --backend. */
#ifndef LB_FOLLOW_LEFT_OUT_H
#define LB_FOLLOW_LEFT_OUT_H

#include "lb/base/json_writer.h"
#include "lb/follow/membership.h"

struct left_out {
    const char *id;        /* its own; that of a container, or of one port of it */
    const char *container; /* its id, as people are told */
    const char *name, *service, *reason, *detail; /* borrowed; NULL where the line has none */
    uint64_t since_ns;                            /* wall clock; 0: unknown */
    const json_t *object; /* of the line, for more; NULL: it is not from there */
};

/* Calls for each of them, in the order of left_out_write. Thread: control, as for all of these. */
void left_out_each(const struct membership *membership,
                   void (*call)(void *owner, const struct left_out *left_out), void *owner);

/* Writes them as a JSON array. */
void left_out_write(const struct membership *membership, struct json_writer *json);

/* Whether a container of that id is known, as an endpoint of any service or left out, or a port of
 * one: a port is known as long as its container is, whichever ports of that the line tells. */
bool left_out_or_member(const struct membership *membership, const char *id);

#endif
