/* What one worker keeps of the requests that people ask about when they are over: the latest that failed, the latest that
 * were retried, the slowest of the last ten minutes, and, while somebody looks on, a few of all. The worker puts
 * them in, control copies them out: both for as long as that takes, so neither waits for long. At most 125 kB. */
#ifndef LB_OBSERVE_NOTABLES_H
#define LB_OBSERVE_NOTABLES_H

#include <stdatomic.h>

#include "lb/observe/noted.h"

#define NOTABLES_KEPT_MAX 50u /* of each of the three */
#define NOTABLES_SEEN_MAX 20u
#define NOTABLES_SLOW_NS  (UINT64_C(600) * 1000000000)

enum notable { NOTABLE_FAILED, NOTABLE_RETRIED, NOTABLE_SLOWEST, NOTABLE_SEEN, NOTABLE_COUNT };

struct notables;

/* `told_from_ns` is where the worker looks for how long a request that ended well must have taken for
 * notables_take to be called; both sides write to it. Borrowed. Gives; to be handed to notables_free. */
struct notables *notables_new(_Atomic uint64_t *told_from_ns);
void notables_free(struct notables *notables);

/* Keeps what is to be kept of it. `is_told_all`: it is called for all requests, whatever these take. Thread: the
 * worker. */
void notables_take(struct notables *notables, const struct record *record, bool is_told_all);

/* Whether that is how something fails: by lb or its backends, not by what the client sent, nor as it went away. Pure. */
bool notables_is_failure(enum err end);

/* How many were kept in all, but for those that are only seen. Thread: any, as for the rest. */
uint64_t notables_number(const struct notables *notables);

/* Copies those of that kind, in no order. Gives how many: at most NOTABLES_KEPT_MAX. */
unsigned notables_copy(struct notables *notables, enum notable kind, struct noted *out);

/* The same with those seen since the last call, which it forgets; `wants_more`: others are to be noted. */
unsigned notables_take_seen(struct notables *notables, bool wants_more, struct noted *out);

/* Forgets the slow ones that are too old. */
void notables_forget_old(struct notables *notables, uint64_t wall_ns);

#endif
