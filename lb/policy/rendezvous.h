/* The endpoint of a key: each key puts the endpoints into an order of its own, by a hash of both, and
 * goes to the first one. One that comes or goes takes or leaves its own keys only. Weights count. It
 * costs some instructions for each endpoint of the service, and a logarithm where weights differ. Pure: no
 * clock, no I/O, nothing is written. */
#ifndef LB_POLICY_RENDEZVOUS_H
#define LB_POLICY_RENDEZVOUS_H

#include "lb/policy/balance.h"

/* One with more requests in flight than so much of the mean gets no further ones of a key, but the
 * next in the key's order does. Not of a UDP service: there whoever looks finds the same one. */
#define RENDEZVOUS_LOAD_MAX_PERCENT 125u

/* Up to so many nobody is too busy: a browser alone asks for six things at once. */
#define RENDEZVOUS_LOAD_FREE 8u

/* A request that has tried some goes to the next in the order, and last to those on which the latest
 * attempt failed. NULL: there is none. Thread: worker. */
struct endpoint *rendezvous_pick(const struct pool_service *service,
                                 const struct balance_tried *tried, uint64_t key);

#endif
