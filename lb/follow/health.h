/* What is observed of the endpoints of a pool, brought together: first contacts, checks, failing
 * requests, slow starts. Sets their causes (pool/endpoint.h) and says when the pool is to be built
 * again. Thread: control. */
#ifndef LB_FOLLOW_HEALTH_H
#define LB_FOLLOW_HEALTH_H

#include "lb/health/checker.h"
#include "lb/health/prober.h"
#include "lb/policy/outlier.h"

struct health_options {
    struct loop *loop;
    void (*on_change)(void *owner); /* the pool is to be built again; not at once */
    void *owner;
};

struct health {
    struct health_options options;
    struct prober prober;
    struct checker checker;
    struct backend_tls tls;  /* of both */
    struct deadline tick;    /* something changes with time */
    const struct pool *pool; /* the published one; borrowed; NULL before the first */
};

/* Copies the options. The object may not move afterwards. */
void health_init(struct health *health, const struct health_options *options);

/* At most so many checks and first contacts run at the same time. */
void health_limit(struct health *health, unsigned check_max, unsigned probe_max);

/* Checks and first contacts take places of endpoints as the workers' requests do. Borrows it. */
void health_admit(struct health *health, struct admit_office *office);

/* What certificates of servers are compared with. Takes a reference. */
void health_take_library(struct health *health, struct library *library);

/* A snapshot was published and settled: it is watched until the next one is. Borrows it. */
void health_follow(struct health *health, const struct pool *pool);

/* Looks for endpoints on which too many requests failed. */
void health_judge_suspects(struct health *health);

/* Ends all that runs; the loop must run once more. Idempotent. */
void health_close(struct health *health);

#endif
