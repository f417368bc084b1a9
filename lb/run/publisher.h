/* From what discovery wants and what health observed to the pool that the workers use: builds each
 * next snapshot, hands it to every worker, watches what it lists, and says in the log what changed.
 */
#ifndef LB_RUN_PUBLISHER_H
#define LB_RUN_PUBLISHER_H

#include "lb/run/announce.h"
#include "lb/run/backends.h"
#include "lb/run/health.h"
#include "lb/run/membership.h"
#include "lb/run/orders.h"
#include "lb/run/orders_file.h"
#include "lb/run/recent.h"
#include "lb/run/worker.h"

struct publisher {
    struct worker **workers; /* borrowed */
    unsigned worker_count;
    struct pool *pool; /* the published snapshot; one reference; NULL before the first */
    struct membership membership;
    struct pool_rules rules;
    struct health health;
    struct orders orders;
    char *state_path; /* where orders are kept; NULL: nowhere */
    struct announce announce;
    struct recent recent;                 /* what was announced */
    struct metrics_histogram activations; /* from a container's start to its being ready */
    uint64_t published_ns;                /* wall clock of the snapshot; 0: none yet */
    uv_async_t rebuild;                   /* the pool is to be built again */
    uv_async_t suspect;                   /* a worker met an endpoint that fails too often */
    void (*on_published)(void *owner);    /* NULL: nobody wants to know */
    void *published_owner;
    bool is_frozen; /* lb is leaving: the pool stays as it is */
};

struct publisher_options {
    struct loop *loop;
    const char *service;
    const char *state_path;          /* of --state, read by publisher_init; NULL: none */
    unsigned connect_timeout_ms;     /* of probes, to private addresses */
    unsigned far_connect_timeout_ms; /* to all others */
    struct check check;
    struct outlier_rules outlier;
    unsigned slow_start_ms;
    unsigned panic_below_percent;
    bool panic_includes_unhealthy;
};

/* Copies the options, borrows what they point to. Thread: control, as for all of this module. */
void publisher_init(struct publisher *publisher, const struct publisher_options *options);

/* The workers, which do not run yet: they get snapshots from now on, and tell of endpoints that
 * fail too often. Borrows the array. */
void publisher_serve(struct publisher *publisher, struct worker **workers, unsigned worker_count);

/* Other options from now on. Publishes when they change the pool; an endpoint that would be the
 * only one is then believed to be ready, so that no request meets an empty pool. Borrows. */
void publisher_configure(struct publisher *publisher, const struct publisher_options *options);

/* What --backend names, in place of what it named before. `is_trusted`: as above. Takes what
 * `backends` owns. */
void publisher_take_backends(struct publisher *publisher, struct backends *backends,
                             bool is_trusted);

/* The orders have changed: they are kept and take effect. False: they could not be kept, said in
 * the log. */
bool publisher_obey(struct publisher *publisher);

/* Takes a line of lb-discovery: publishes what it wants, or says in the log why it is refused.
 * Refuses all of them, silently, once lb is leaving. */
enum membership_news publisher_take_line(struct publisher *publisher, struct view line);

/* Builds the next snapshot from what is known and gives it to the workers. */
void publisher_publish(struct publisher *publisher);

/* Whether any endpoint of the routed service gets requests. */
bool publisher_has_usable(const struct publisher *publisher);

/* Ends probes and closes handles; the loop must run once more. Idempotent. */
void publisher_close(struct publisher *publisher);

/* Frees what is left, after the loop has run. */
void publisher_fini(struct publisher *publisher);

#endif
