/* Why a container gets no requests and what would change it: one table of sentences. */
#ifndef LB_FOLLOW_REASONS_H
#define LB_FOLLOW_REASONS_H

#include "lb/contract/left_out_reason.h"
#include "lb/pool/endpoint.h"

struct reason {
    const char *why;    /* "it …", without a full stop; for a state or reason without a detail */
    const char *remedy; /* a sentence */
};

/* Of an endpoint that is not ready; `order` outranks the state that it brings about. */
const struct reason *reasons_of_state(enum endpoint_state state, enum endpoint_order order);

/* Of an endpoint as it is: what brought its state about, where it comes from, and what its last
 * probe met. */
const struct reason *reasons_of_endpoint(const struct endpoint *endpoint);

/* Whether its last probe met a certificate that is not trusted. */
bool reasons_is_of_distrust(const struct endpoint *endpoint);

/* Of a container that was left out, by its word (lb/contract/left_out_reason.h); never NULL: a word
 * that is not known yet gets a sentence for all such. */
const struct reason *reasons_of_left_out(const char *word);

/* Whether what would change that has nothing to do with the service that is routed. */
bool reasons_is_of_any_service(const char *word);

#endif
