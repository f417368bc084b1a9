/* One endpoint of a line of lb-discovery (discovery/FORMAT.md), as the pool wants it. */
#ifndef LB_FOLLOW_MEMBER_H
#define LB_FOLLOW_MEMBER_H

#include <jansson.h>

#include "lb/base/text.h"
#include "lb/pool/pool_build.h"

/* Where a problem is, for its message. */
struct member_place {
    struct text *problem;
    json_t *ids; /* of the line so far, with the latest service of each; NULL: known to differ */
    size_t service;
    size_t endpoint;
};

/* Reads the object into `*out`, which has its service; strings stay the object's. Either way
 * member_fini follows. Fails: false, `place->problem` names the JSON path and what is wrong. */
bool member_read(const struct member_place *place, const json_t *object,
                 struct pool_wanted_endpoint *out);

/* Frees what member_read has made. */
void member_fini(struct pool_wanted_endpoint *member);

/* The container that an endpoint or an entry of `left_out` belongs to: named, or its id. NULL: it has
 * neither. Borrowed from the object. */
const char *member_container(const json_t *object);

/* A member's string of 1 to 512 bytes; NULL: it has none. Borrowed from the object. */
const char *member_string(const json_t *object, const char *key);

/* A member's integer: `otherwise` where there is none, -1 where it is something else. */
json_int_t member_int(const json_t *object, const char *key, json_int_t otherwise);

#endif
