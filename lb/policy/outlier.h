/* Passive health: which endpoints do requests fail on, and for how long are they left out? Pure but
 * for the endpoint's own numbers. */
#ifndef LB_POLICY_OUTLIER_H
#define LB_POLICY_OUTLIER_H

#include "lb/pool/pool.h"

/* No ejection is longer; an endpoint that was in for as long begins with the shortest again. */
#define OUTLIER_LONGEST_MS 60000u

/* An attempt on the endpoint failed. True: it is one too many just now, and control is to be told.
 * Lock-free. Thread: worker. */
bool outlier_note_failure(struct endpoint *endpoint, const struct outlier_rules *rules);

/* The same for an answer 5xx; it ends a row of failed attempts. Thread: worker. */
bool outlier_note_error(struct endpoint *endpoint, const struct outlier_rules *rules);

/* An answer that is none of 5xx. One relaxed load where nothing had failed. Thread: worker. */
static inline void outlier_note_success(struct endpoint *endpoint)
{
    if (atomic_load_explicit(&endpoint->streaks, memory_order_relaxed) != 0)
        atomic_store_explicit(&endpoint->streaks, 0, memory_order_relaxed);
}

/* Whether the latest attempt on it failed, while failures count. Lock-free. Thread: any. */
static inline bool outlier_is_doubtful(const struct endpoint *endpoint)
{
    return (atomic_load_explicit(&endpoint->streaks, memory_order_relaxed) & 0xFFFFu) != 0;
}

/* Why the endpoint is to be ejected by what was noted ("3 attempts in a row failed"), written to
 * `reason`. False: there is no cause. Thread: control. */
bool outlier_is_suspect(const struct endpoint *endpoint, const struct outlier_rules *rules,
                        char reason[static 80]);

/* Whether one more of these endpoints may be ejected: another one has to be ready, and only one may
 * go above the share. Thread: control. */
bool outlier_may_eject(const struct pool_service *service, const struct outlier_rules *rules);

/* Ejects a suspect, for a time that grows. Thread: control. */
void outlier_eject(struct endpoint *endpoint, const struct outlier_rules *rules, uint64_t now_ms);

/* Its time was over and a probe has succeeded. Thread: control. */
void outlier_return(struct endpoint *endpoint, uint64_t now_ms);

#endif
