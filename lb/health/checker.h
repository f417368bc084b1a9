/* Active health: looks at every admitted endpoint again and again, in the way that flags and
 * labels say. `fall` failures in a row make it failing, `rise` successes bring it back. One checker
 * on control's loop. */
#ifndef LB_HEALTH_CHECKER_H
#define LB_HEALTH_CHECKER_H

#include "lb/base/rng.h"
#include "lb/health/look.h"
#include "lb/pool/pool.h"

struct checker_options {
    struct loop *loop;
    /* An endpoint's is_failing has changed: the pool is to be built again. */
    void (*on_change)(void *owner);
    void *owner;
};

struct checker {
    struct checker_options options;
    struct look_queue queue;
    struct list watches;
    struct rng rng;
    uint64_t round; /* of checker_follow */
};

/* Copies the options. */
void checker_init(struct checker *checker, const struct checker_options *options);

/* Watches what that snapshot lists and nothing else. What goes on being watched keeps its row of
 * successes or failures, also under another name. Times are spread by chance. */
void checker_follow(struct checker *checker, const struct pool *pool);

/* Ends all; the loop must run once more. */
void checker_close(struct checker *checker);

#endif
