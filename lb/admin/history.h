/* What was, for ten minutes: of each service its rate, that of its errors, and its 99th percentile, every five seconds,
 * whether anybody looks or not. Of TCP and UDP: connections or flows, and those that failed. At most 200 services,
 * the busiest: 1.8 kB of each, 360 kB in all. */
#ifndef LB_ADMIN_HISTORY_H
#define LB_ADMIN_HISTORY_H

#include <uv.h>

#include "lb/admin/live_differ.h"
#include "lb/follow/recent.h"
#include "lb/net/loop.h"
#include "lb/pool/pool.h"
#include "lb/pool/service_tally.h"

#define HISTORY_STEP_MS      5000u
#define HISTORY_SAMPLE_COUNT 120u
#define HISTORY_SERVICE_MAX  200u

enum history_line { HISTORY_RATE, HISTORY_RATE_5XX, HISTORY_P99_MS, HISTORY_LINE_COUNT };

struct history_service;

struct history {
    uv_timer_t step;
    struct loop *loop;
    const struct pool *(*pool)(const void *owner); /* the latest one; NULL: there is none yet */
    void (*on_step)(void *owner);                  /* called behind each sample */
    void *owner;
    struct history_service *services[HISTORY_SERVICE_MAX];
    unsigned count;
    unsigned more_count; /* services that found no place */
    uint64_t number;     /* of the latest sample; 0: none yet */
    uint64_t sample_ms;  /* when it was taken, by the loop's clock */
    uint64_t sample_ns;  /* and by the wall clock */
};

/* Begins. Thread: control, as for all of this module. */
void history_init(struct history *history, struct loop *loop,
                  const struct pool *(*pool)(const void *owner), void (*on_step)(void *owner),
                  void *owner);

/* Takes a sample of what came since the one before. */
void history_take(struct history *history, const struct pool *pool, uint64_t now_ms);

/* The page. */
void history_write(const struct history *history, const struct recent *recent, struct text *out);

/* "history" and "sample" of /events. */
void history_look(const struct history *history, struct live_differ *differ);

/* Closes the timer and forgets everything; the loop must run once more. Idempotent. */
void history_close(struct history *history);

#endif
