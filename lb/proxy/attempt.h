/* The tries to have one request answered: which endpoint, over which connection, how far it got,
 * and whether another try may follow. Knows nothing of clients. */
#ifndef LB_PROXY_ATTEMPT_H
#define LB_PROXY_ATTEMPT_H

#include "lb/proxy/attempt_aim.h"
#include "lb/proxy/attempt_cost.h"
#include "lb/proxy/attempt_try.h"

/* No try yet; of zeroed memory, but for `asker`, `request`, `forwarded` and what they set. `target`: where the request
 * goes by the snapshot in use; NULL: there is none yet, or it goes nowhere. `now_ns`: when it came. */
static inline void attempt_init(struct attempt *attempt, struct env *env,
                                const struct routes_target *target, uint64_t now_ns)
{
    attempt->env = env;
    attempt->began_ns = now_ns;
    attempt_aim_begin(attempt, target);
    retry_budget_earn(&attempt->service->retry_budget);
}

/* Starts a try: with an idle connection (`back` can be written at once) or a new one (on_ready
 * or on_failed of the handler follow). `last_failure`: of the try before, ERR_OK at first. Fails:
 * why the request cannot be answered; `back` is NULL then. ERR_QUEUE_FULL: whoever it could go to
 * has as many as it takes; nothing was tried. */
enum err attempt_start(struct attempt *attempt, enum err last_failure,
                       const struct back_handler *handler, void *owner);

/* The request has waited for an endpoint, and now tries again. */
void attempt_resume(struct attempt *attempt);

/* The same in the queue, where its turn has come. */
void attempt_call(struct attempt *attempt);

/* A new connection stands. */
void attempt_note_connected(struct attempt *attempt);

/* The request is over: closes what runs and drops the endpoint. */
void attempt_fini(struct attempt *attempt);

#endif
