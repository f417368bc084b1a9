/* Requests that wait while their service has nobody for a moment: first come, first served. A new
 * snapshot wakes them, and a clock only where all who are ready refused; their patience
 * (service_policy.hold_ms) counts from the first wait on. Thread: worker. */
#ifndef LB_PROXY_HOLD_H
#define LB_PROXY_HOLD_H

#include "lb/net/deadline.h"
#include "lb/proxy/attempt.h"

/* So long after its last member a service is expected to get others. */
#define HOLD_MEMORY_MS 60000u

/* All refused, though their source calls them ready: most likely their containers die, and a busy
 * engine takes many seconds to say so. So news are waited for with all patience, from the moment on
 * at which the latest of them began to refuse. */

/* Those that have refused for longer are no news: the container lives, and what listened in it does
 * not. The client is to be told soon. */
#define HOLD_OLD_NEWS_MS 2000u

/* Meanwhile each of them is asked again so often, by one of those that wait for all: no source
 * tells when a port is open again. Where they are many it takes longer: so much for each. */
#define HOLD_KNOCK_MS      1000u
#define HOLD_KNOCK_EACH_MS 2u

/* Looks who is to be asked. Whoever listens again, as it took any connection, is told to all. */
#define HOLD_LOOK_MS 250u

/* A pause ends by a snapshot, which may come a little late. */
#define HOLD_PAUSE_LATE_MS 5000u

/* The waits of one request. */
struct hold {
    struct list node; /* in env->held while it waits */
    struct deadline deadline;
    struct attempt *attempt;
    /* The wait is over: ERR_OK where an endpoint is there that is worth a try, else what the client
     * is to be told. */
    void (*on_over)(void *owner, enum err err);
    void *owner;
    enum err why;           /* what it failed with before the wait */
    uint64_t until_ms;      /* the end of its patience, by the loop's clock */
    uint64_t own_until_ms;  /* the same, if its service were not paused */
    uint64_t news_until_ms; /* until when it waits for news; 0: it does not */
    uint64_t began_ms;      /* the running wait, by the loop's clock */
    uint64_t began_ns;      /* the same, monotonic clock */
    uint64_t waited_ns;     /* in the waits before it */
    bool is_waiting;
    bool is_for_news; /* all that are ready have failed it: somebody else must come */
};

/* Nobody waits. */
void hold_init(struct env *env);

/* Lets the request wait that failed with `err` if somebody may come: on_over follows. `*hold` is
 * NULL at its first wait; hold_end frees it. False: it cannot wait, or not any longer. */
bool hold_begin(struct hold **hold, struct attempt *attempt, enum err err,
                void (*on_over)(void *owner, enum err err), void *owner);

/* What the client is told of a request that could not wait, which failed with `err`. */
enum err hold_refusal(const struct attempt *attempt, enum err err);

/* After how long a client may come again whose service is paused; 0: it is not. */
unsigned hold_retry_after_s(const struct attempt *attempt);

/* The request is over, or does not wait any more. NULL is allowed. */
void hold_end(struct hold *hold, struct env *env);

/* How long it has waited in all; 0 for NULL. */
uint64_t hold_waited_ns(const struct hold *hold, struct env *env);

/* The pool may have changed: whoever waited longest goes first. */
void hold_wake(struct env *env);

/* Ends all waits with `err`. */
void hold_give_up(struct env *env, enum err err);

#endif
