/* Requests that wait because every usable endpoint of their service has as many as it takes at a time:
 * in order of arrival, those of one worker strictly, and of several workers the one goes first whose
 * first has waited longest. A place that is given back wakes them, another snapshot, or a connection
 * that is idle; no clock does. Their patience (service_policy.queue_timeout_ms) is for all waits of a
 * request together. Where nobody is usable, lb/proxy/hold takes over. Thread: worker. */
#ifndef LB_PROXY_QUEUE_H
#define LB_PROXY_QUEUE_H

#include "lb/net/deadline.h"
#include "lb/proxy/attempt.h"

/* What waits on this worker for one service, while anything does. */
struct queue {
    struct list node;            /* in env->queues */
    struct service_local *local; /* in use */
    struct list waits;           /* struct queue_wait, by ticket */
};

/* The waits of one request. */
struct queue_wait {
    struct list node;
    struct queue *queue; /* while it waits, else NULL */
    struct deadline deadline;
    struct attempt *attempt;
    /* The wait is over: ERR_OK where it is to try again, else what the client is to be told. */
    void (*on_over)(void *owner, enum err err);
    void *owner;
    enum err why;                  /* what the try before it had failed with */
    const struct service *service; /* of the ticket; compared, never followed */
    uint64_t ticket;
    uint64_t called_turn; /* of the loop, in which it last went; 0: it has not */
    uint64_t began_ns;    /* the running wait, monotonic clock */
    uint64_t waited_ns;   /* in the waits before it */
};

/* Nobody waits; this worker is the only one until env->fleet.office is that of several. */
void queue_init(struct env *env);

/* Lets a request wait for which attempt_start found no place: on_over follows. `*wait` is NULL at its
 * first wait; queue_end frees it. Fails: what the client is to be told. */
enum err queue_begin(struct queue_wait **wait, struct attempt *attempt, enum err last_failure,
                     void (*on_over)(void *owner, enum err err), void *owner);

/* The request is over, or does not wait any more. NULL is allowed. */
void queue_end(struct queue_wait *wait, struct env *env);

/* How long it has waited in all; 0 for NULL. */
uint64_t queue_waited_ns(const struct queue_wait *wait, struct env *env);

/* There may be a place, or another snapshot: whoever waited longest goes first. */
void queue_wake(struct env *env);

/* Ends all waits with `err`. */
void queue_give_up(struct env *env, enum err err);

#endif
