/* From what discovery wants and what health observed to the pool that the workers use: builds each
 * next snapshot, hands it to every worker, watches what it lists, and says in the log what changed.
 */
#ifndef LB_FOLLOW_PUBLISHER_H
#define LB_FOLLOW_PUBLISHER_H

#include "lb/contract/listener_rule.h"
#include "lb/follow/announce.h"
#include "lb/follow/backends.h"
#include "lb/follow/certificate_wishes.h"
#include "lb/follow/health.h"
#include "lb/follow/incidents.h"
#include "lb/follow/legacy.h"
#include "lb/follow/membership.h"
#include "lb/follow/orders.h"
#include "lb/follow/orders_file.h"
#include "lb/follow/recent.h"
#include "lb/follow/refusals.h"
#include "lb/net/deadline.h"
#include "lb/observe/histogram.h"

/* Who gets each snapshot: all of them hold it before any of them is rung for. */
struct publisher_audience {
    void (*offer)(void *owner, struct pool *pool); /* borrows */
    void (*ring)(void *owner);
    void *owner;
    unsigned worker_count;
};

struct publisher {
    struct publisher_audience audience;
    struct pool *pool; /* the published snapshot; one reference; NULL before the first */
    struct membership membership;
    struct pool_rules rules;
    bool has_sticky_key; /* in the rules' policy */
    const char *sticky_secret;
    struct health health;
    struct orders orders;
    char *state_path; /* where orders are kept; NULL: nowhere */
    struct legacy *
        legacy; /* where they and the world are kept for the next process; NULL: nowhere; borrowed */
    struct incidents *incidents; /* told of all that changes; NULL: nobody is; borrowed */
    struct announce announce;
    struct recent recent;              /* what was announced */
    struct histogram activations;      /* from a container's start to its being ready */
    uint64_t published_ns;             /* wall clock of the snapshot; 0: none yet */
    struct deadline expiry;            /* of routes that are lost */
    uv_async_t rebuild;                /* the pool is to be built again */
    uv_async_t suspect;                /* a worker met an endpoint that fails too often */
    void (*on_published)(void *owner); /* NULL: nobody wants to know */
    void *published_owner;
    struct certificate_wishes certificates; /* for lb-acme */
    struct refusals refusals;
    uint64_t passed_over_hash; /* of what was told last of lines; 0: nothing */
    uint64_t refused_hash;     /* the same of listeners that are refused */
    bool is_frozen;            /* lb is leaving: the pool stays as it is */
    bool is_yielded;           /* another process takes lines and orders, and keeps them */
};

struct publisher_options {
    struct loop *loop;
    const char *service; /* the default one */
    enum membership_unrouted unrouted;
    const char *state_path;       /* of --state, read by publisher_init; NULL: none */
    const char *sticky_secret;    /* of --sticky-secret; NULL: none */
    struct service_policy policy; /* of all services; its sticky_key is found when it is needed */
    /* The operator's own TCP and UDP listeners, with the ports that they have; borrowed until others are
     * given. */
    const struct listener_rule *listeners;
    unsigned listener_count;
    struct listener_range dynamic; /* where containers may have some opened */
};

/* Copies the options, borrows what they point to. Thread: control, as for all of this module. */
void publisher_init(struct publisher *publisher, const struct publisher_options *options);

/* The workers, which do not run yet: they get snapshots from now on. */
void publisher_serve(struct publisher *publisher, const struct publisher_audience *audience);

/* A worker met an endpoint on which too many requests fail. `owner` is the struct publisher.
 * Thread: any. */
void publisher_note_suspect(void *owner);

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

/* From now on all that changes is kept there, once it is to be (legacy_keep). Borrows it. */
void publisher_leave_to(struct publisher *publisher, struct legacy *legacy);

/* The orders that an lb-proxy before this one had, instead of those of --state; and the world as it knew it (empty: it
 * did not), whose endpoints are in use at once but for those that were not, which are contacted first. `doubts` as
 * legacy_read_rest gave them; NULL: all are contacted first. Takes the orders; NULL: there are none, those of --state hold. False: it is refused, said in
 * the log. */
bool publisher_recall(struct publisher *publisher, struct orders *orders, struct view line,
                      const struct legacy_doubts *doubts);

/* From now on the certificates that are wished for are posted there (certificate_wishes_open). Borrows it. */
void publisher_post_wishes(struct publisher *publisher, int fd);

/* Builds the next snapshot from what is known and gives it to the workers. */
void publisher_publish(struct publisher *publisher);

/* Whether any endpoint gets requests. */
bool publisher_has_usable(const struct publisher *publisher);

/* Ends probes and closes handles; the loop must run once more. Idempotent. */
void publisher_close(struct publisher *publisher);

/* Frees what is left, after the loop has run. */
void publisher_fini(struct publisher *publisher);

#endif
