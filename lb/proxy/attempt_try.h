/* One try of an attempt, as it is counted: begun, taken back, over. For the other files of attempt.
 * Thread: worker. */
#ifndef LB_PROXY_ATTEMPT_TRY_H
#define LB_PROXY_ATTEMPT_TRY_H

#include "lb/proxy/attempt_state.h"

/* The running try failed with `err`, its upstream is closing. `facts` has method, is_kept and
 * has_answered; the rest is filled in. Gives whether another try may follow. */
bool attempt_try_fail(struct attempt *attempt, enum err err, struct retry_facts *facts);

/* To that endpoint, after a try that failed with `last_failure`. */
void attempt_try_begin(struct attempt *attempt, struct endpoint *endpoint, enum err last_failure);

/* Another worker was quicker to take the endpoint's last place: nothing was tried. `was_free`: as it was
 * before the try began. */
void attempt_try_take_back(struct attempt *attempt, bool was_free);

/* The running try is over, its upstream closed or put to the cache. Idempotent. */
void attempt_try_end(struct attempt *attempt);

/* The latest try goes to that one. Takes a reference. */
void attempt_try_note_endpoint(struct attempt *attempt, struct endpoint *endpoint);

/* The deadlines that its route gives it; NULL: none. */
const unsigned *attempt_try_waits(const struct attempt *attempt);

#endif
