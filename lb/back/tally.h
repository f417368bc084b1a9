/* What attempts count, on the service and on the endpoint. The service's counters stay when the
 * endpoint goes, so sums over all endpoints never step back. Thread: worker. */
#ifndef LB_BACK_TALLY_H
#define LB_BACK_TALLY_H

#include "lb/back/fleet_state.h"
#include "lb/pool/endpoint.h"

/* A connection was made after so long. */
void tally_connect(struct fleet *fleet, struct service_local *service, struct endpoint *endpoint,
                   uint64_t connect_ns);

/* An attempt failed for a reason that the endpoint is to blame for. */
void tally_failure(struct fleet *fleet, struct service_local *service, struct endpoint *endpoint,
                   enum err err);

/* A request was answered with `status`, or a tunnel (101) ended. */
void tally_answer(struct fleet *fleet, struct endpoint *endpoint, unsigned status);

/* So long it took, from the beginning of the attempt to the end of the answer. */
void tally_duration(struct fleet *fleet, struct endpoint *endpoint, uint64_t duration_ns);

#endif
