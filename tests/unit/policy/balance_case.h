/* A service with a policy of its own, all of its endpoints ready. Includes cmocka. */
#ifndef TESTS_UNIT_POLICY_BALANCE_CASE_H
#define TESTS_UNIT_POLICY_BALANCE_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "lb/policy/balance.h"
#include "lb/pool/pool_build.h"

#define CASE_COUNT_MAX    128u
#define CASE_WORKER_COUNT 2u

static inline void case_ignore(void *owner, struct endpoint *endpoint, enum endpoint_state before)
{
    (void)owner, (void)endpoint, (void)before;
}

/* The next snapshot, with the endpoints 0 to count - 1 but for `missing`, each with weight 1, or
 * weights[i]. Drops `before`. */
static inline struct pool *case_build(struct pool *before, const char *balance, unsigned count,
                                      unsigned missing, const unsigned *weights)
{
    char names[CASE_COUNT_MAX][16];
    struct pool_wanted_endpoint endpoints[CASE_COUNT_MAX];
    struct pool_wanted_service said = {.name = "app",
                                       .options.values[SERVICE_OPTION_BALANCE] = view_str(balance)};
    struct pool_wanted wanted = {
        .endpoints = endpoints, .services = &said, .service_count = 1, .is_trusted = true};
    for (unsigned i = 0; i < count; i++) {
        if (i == missing)
            continue;
        snprintf(names[i], sizeof(names[i]), "%03u", i);
        endpoints[wanted.endpoint_count++] =
            (struct pool_wanted_endpoint){.service = "app",
                                          .id = names[i],
                                          .name = names[i],
                                          .weight = weights ? weights[i] : 1,
                                          .state = ENDPOINT_READY,
                                          .cause = "list"};
    }
    struct pool_rules rules = {.worker_count = CASE_WORKER_COUNT};
    struct pool *pool = pool_build(before, &wanted, &rules);
    pool_build_settle(pool, before, case_ignore, NULL);
    pool_unref(before);
    return pool;
}

static inline unsigned case_index(const struct endpoint *endpoint)
{
    return (unsigned)strtoul(endpoint->name, NULL, 10);
}

/* A request more, or less, of one of the workers. */
static inline void case_count(const struct endpoint *endpoint, unsigned worker, int change)
{
    endpoint_count_inflight(&endpoint->locals[worker], change);
}

#endif
