/* The names of --backend: asked for at the start, again and again, and at once when all addresses
 * of one fail. One that is not known, or is not known any more, costs nothing: the others serve,
 * and the last addresses stay. Thread: control. */
#ifndef LB_FOLLOW_RESOLVER_H
#define LB_FOLLOW_RESOLVER_H

#include <uv.h>

#include "lb/config/config.h"
#include "lb/follow/backends.h"
#include "lb/net/loop.h"
#include "lb/pool/pool.h"

struct resolver_name;

struct resolver {
    struct loop *loop;
    /* resolver_describe gives something else than before; `is_replaced`: other names are followed.
     */
    void (*on_change)(void *owner, bool is_replaced);
    void *owner;
    uv_timer_t timer;             /* until the next name is due */
    struct resolver_name **names; /* one for each --backend */
    unsigned count;
    unsigned asking_count;
    unsigned interval_ms; /* 0: a name that is known is not asked for again */
    bool is_replacing;    /* others serve until all of the new names have been answered */
    bool is_closed;
};

void resolver_init(struct resolver *resolver, struct loop *loop,
                   void (*on_change)(void *owner, bool is_replaced), void *owner);

/* These are the backends from now on. What was known of a name stays; on_change comes, perhaps at
 * once, when there is an address or all have been asked for; when others were there before, when
 * all new ones have been asked for and any has an address. Copies. */
void resolver_follow(struct resolver *resolver, const struct config *config);

/* Appends what is known now. */
void resolver_describe(const struct resolver *resolver, struct backends *backends);

/* Looks at what became of the addresses in the snapshot; `service` is the default one. */
void resolver_judge(struct resolver *resolver, const struct pool *pool, const char *service);

/* Idempotent; the loop must run once more. */
void resolver_close(struct resolver *resolver);

/* Frees what is left, after the loop has run. */
void resolver_fini(struct resolver *resolver);

#endif
