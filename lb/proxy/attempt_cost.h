/* What another try may cost, and what is known of those that refuse: a refusal costs no backend anything.
 * For the other files of attempt. Thread: worker. */
#ifndef LB_PROXY_ATTEMPT_COST_H
#define LB_PROXY_ATTEMPT_COST_H

#include "lb/proxy/attempt_state.h"

/* When another try may follow: as its route says, or else its service. */
struct retry_rules attempt_cost_rules(const struct attempt *attempt);

/* Whether the next try may be: by its rules, the retry budget, and its patience with those that refuse.
 * Takes from the budget what it costs. */
bool attempt_cost_is_bearable(struct attempt *attempt, enum err last_failure);

/* What the next try costs, and how long news of the endpoint may be waited for. */
void attempt_cost_note_refusal(struct attempt *attempt, struct endpoint *endpoint);

/* The endpoint took a connection, after some that it had refused. */
void attempt_cost_note_listens(struct env *env, struct endpoint_local *local);

#endif
