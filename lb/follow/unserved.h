/* Why an endpoint gets no requests, connections or datagrams whatever its state is. */
#ifndef LB_FOLLOW_UNSERVED_H
#define LB_FOLLOW_UNSERVED_H

#include "lb/follow/reach.h"
#include "lb/follow/serving.h"

/* The reason's word for an endpoint of a line of discovery, and in `why` (unless NULL) a sentence
 * about this one, but for `other_service`; NULL: it may get some. `serving` is what its service is served as.
 * Static. */
const char *unserved_reason(const struct reach *reach, const struct serving *serving,
                            const json_t *endpoint, struct text *why);

#endif
