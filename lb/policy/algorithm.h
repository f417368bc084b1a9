/* The ways to choose that a service can have instead of turns: one row of a table for each. Pure: no clock,
 * no I/O; the only thing written is the service's cursor. */
#ifndef LB_POLICY_ALGORITHM_H
#define LB_POLICY_ALGORITHM_H

#include "lb/policy/balance.h"

/* What a request says to a service that goes by it. */
struct algorithm_key {
    uint64_t hash;
    bool is_given; /* it has what the service asks for */
};

/* What the address of a client of TCP or UDP says: all clients of one network of IPv6 count as one, and only
 * BALANCE_HASH_CONNECTION looks at the port. Nothing of this process is in it: all workers agree, and so does the
 * next lb. */
struct algorithm_key algorithm_key_of(const struct address *client,
                                      enum balance_algorithm algorithm);

/* Which endpoint gets the request, by the service's policy; by turns where the key is not given that it
 * asks for. NULL: there is none. The endpoint is borrowed from the snapshot. Thread: worker. */
struct endpoint *algorithm_pick(const struct pool_service *service, struct balance_tried *tried,
                                const struct algorithm_key *key);

#endif
