#include "tests/fuzz/support/pool_sequence_checks.h"

#include <string.h>

#include "lb/contract/check_choice.h"
#include "tests/fuzz/support/target.h"

#define RECOVERY_STEP_MS 2000u
#define RECOVERY_MS      400000u /* ejected twice in a row, for a minute each, and some checks */
#define QUICK_MS         10000u  /* checks that take longer are not waited for */

typedef void each(struct pool_sequence_checks *checks, const struct publisher *publisher,
                  struct endpoint *endpoint);

static void for_each(struct pool_sequence_checks *checks, const struct publisher *publisher,
                     each *call)
{
    const struct pool *pool = publisher->pool;
    for (unsigned i = 0; pool && i < pool->service_count; i++)
        for (unsigned j = 0; j < pool->services[i].endpoint_count; j++)
            call(checks, publisher, pool->services[i].endpoints[j]);
}

/* ---- causes ---------------------------------------------------------------------------------- */

static void check_order(const struct publisher *publisher, const struct endpoint *endpoint)
{
    enum endpoint_order order = ENDPOINT_ORDER_NONE;
    unsigned weight = 0;
    for (unsigned i = 0; i < publisher->orders.count; i++) {
        if (strcmp(publisher->orders.orders[i].id, endpoint->id) != 0)
            continue;
        order = publisher->orders.orders[i].order;
        weight = publisher->orders.orders[i].weight;
    }
    TARGET_CHECK(endpoint->order == order && endpoint->ordered_weight == weight);
}

static struct check check_of(const struct publisher *publisher, const struct endpoint *endpoint)
{
    struct check check = publisher->rules.policy.check;
    check_choice_narrow(&check, endpoint->protocol);
    if (endpoint->check)
        check_merge(&check, endpoint->check);
    return check;
}

static void check_endpoint(struct pool_sequence_checks *checks, const struct publisher *publisher,
                           struct endpoint *endpoint)
{
    struct check check = check_of(publisher, endpoint);
    bool is_checked =
        endpoint->source_state == ENDPOINT_READY && endpoint->is_admitted &&
        check_choice_repeated(&check, endpoint->protocol == PROTOCOL_UDP) != CHECK_OFF;
    (void)checks;
    TARGET_CHECK(endpoint_state(endpoint) == endpoint_judge(endpoint));
    TARGET_CHECK(endpoint->told_state == endpoint_state(endpoint));
    check_order(publisher, endpoint);
    TARGET_CHECK(is_checked == (endpoint->ties[ENDPOINT_WATCH] != NULL));
    TARGET_CHECK(is_checked || !endpoint->is_failing);
    if (endpoint_state(endpoint) == ENDPOINT_PROBING)
        TARGET_CHECK(endpoint->ties[ENDPOINT_PROBE]);
    for (unsigned i = 0; i < ENDPOINT_TIE_COUNT; i++)
        TARGET_CHECK(!endpoint->ties[i] || endpoint->ties[i]->endpoint == endpoint);
}

/* ---- what stays ------------------------------------------------------------------------------ */

static struct endpoint *find_before(const struct pool_sequence_checks *checks,
                                    const struct endpoint *endpoint)
{
    const struct pool *pool = checks->before;
    for (unsigned i = 0; pool && i < pool->service_count; i++) {
        for (unsigned j = 0; j < pool->services[i].endpoint_count; j++) {
            struct endpoint *before = pool->services[i].endpoints[j];
            if (strcmp(before->id, endpoint->id) == 0 &&
                strcmp(before->service, endpoint->service) == 0 &&
                address_eq(&before->address, &endpoint->address))
                return before;
        }
    }
    return NULL;
}

static void check_kept(struct pool_sequence_checks *checks, const struct publisher *publisher,
                       struct endpoint *endpoint)
{
    const struct endpoint *before = find_before(checks, endpoint);
    (void)publisher;
    if (!before || before == endpoint)
        return;
    TARGET_CHECK(atomic_load(&endpoint->idle_limit_ms) == atomic_load(&before->idle_limit_ms));
    TARGET_CHECK(endpoint_request_count(endpoint) == endpoint_request_count(before));
    TARGET_CHECK(endpoint_failure_count(endpoint) == endpoint_failure_count(before));
    TARGET_CHECK(endpoint_inflight_count(endpoint) == endpoint_inflight_count(before));
    TARGET_CHECK(endpoint_state(before) == ENDPOINT_GONE);
    TARGET_CHECK(!before->ties[ENDPOINT_WATCH] && !before->ties[ENDPOINT_PROBE]);
    if (before->source_state != ENDPOINT_READY || endpoint->source_state != ENDPOINT_READY)
        return;
    TARGET_CHECK(endpoint->is_admitted || !before->is_admitted);
    TARGET_CHECK(endpoint->ejection_count == before->ejection_count ||
                 endpoint->ejected_until_ms != before->ejected_until_ms);
    TARGET_CHECK(endpoint->returned_ms >= before->returned_ms &&
                 endpoint->ready_ms >= before->ready_ms);
}

void pool_sequence_checks_step(struct pool_sequence_checks *checks,
                               const struct publisher *publisher)
{
    if (publisher->pool == checks->before)
        return;
    for_each(checks, publisher, check_endpoint);
    for_each(checks, publisher, check_kept);
    pool_unref(checks->before);
    checks->before = pool_ref(publisher->pool);
}

/* ---- how it ends ----------------------------------------------------------------------------- */

/* Whether it could be ready by now, and is not. */
static bool is_waiting(const struct publisher *publisher, const struct endpoint *endpoint)
{
    struct check check = check_of(publisher, endpoint);
    bool can_pass = check_takes_status(&check, 200) && !check.text[0] &&
                    check.interval_ms <= QUICK_MS && check.rise < 10;
    return endpoint->source_state == ENDPOINT_READY && endpoint->order == ENDPOINT_ORDER_NONE &&
           can_pass && endpoint_state(endpoint) != ENDPOINT_READY;
}

static bool is_recovered(const struct publisher *publisher)
{
    const struct pool *pool = publisher->pool;
    for (unsigned i = 0; pool && i < pool->service_count; i++)
        for (unsigned j = 0; j < pool->services[i].endpoint_count; j++)
            if (is_waiting(publisher, pool->services[i].endpoints[j]))
                return false;
    return true;
}

void pool_sequence_checks_recovery(struct pool_sequence_checks *checks,
                                   const struct publisher *publisher, void (*pass)(uint64_t ms))
{
    for (unsigned ms = 0; !is_recovered(publisher); ms += RECOVERY_STEP_MS) {
        TARGET_CHECK(ms < RECOVERY_MS);
        pass(RECOVERY_STEP_MS);
        pool_sequence_checks_step(checks, publisher);
    }
}

void pool_sequence_checks_fini(struct pool_sequence_checks *checks)
{
    pool_unref(checks->before);
    checks->before = NULL;
}
