#include "lb/follow/health.h"

#include <inttypes.h>
#include <stdio.h>

#include "lb/base/log.h"
#include "lb/base/log_about.h"
#include "lb/base/shown.h"
#include "lb/follow/reasons.h"
#include "lb/net/own_fault.h"

/* How often shares are computed again while slow starts run: in as many steps, but not too quick.
 */
#define WARMING_STEPS   32u
#define WARMING_TICK_MS 200u

/* How often it is looked whether suspects have recovered: nobody tells control of successes. */
#define SUSPECT_TICK_MS 500u

static uint64_t now_ms(const struct health *health)
{
    return loop_now_ms(health->options.loop);
}

static void tell(struct health *health)
{
    health->options.on_change(health->options.owner);
}

static void on_admitted(void *owner, struct endpoint *endpoint)
{
    struct health *health = owner;
    if (endpoint->is_ejected)
        outlier_return(endpoint, now_ms(health));
    endpoint->is_admitted = true;
    endpoint_note_problem(endpoint, NULL);
    tell(health);
}

/* No request would tell of it, as none is sent there. */
static bool on_failed(void *owner, const struct endpoint *endpoint)
{
    struct text problem = TEXT_INIT;
    (void)owner;
    if (!reasons_is_of_distrust(endpoint))
        return false;
    shown_append(&problem, view_str(endpoint->problem));
    log_say(LOG_LEVEL_WARN,
            &(struct log_about){.action = "endpoint-distrusted",
                                .service = endpoint->service,
                                .name = endpoint->name,
                                .id = endpoint->container,
                                .address = endpoint->address_text,
                                .state = endpoint_state_word(endpoint_state(endpoint))},
            "%s (%s) gets no requests: %s; %s", endpoint->name, endpoint->address_text,
            text_str(&problem), reasons_of_endpoint(endpoint)->remedy);
    text_fini(&problem);
    return true;
}

/* ---- requests that fail ---------------------------------------------------------------------- */

static void note_ejection(struct health *health, struct endpoint *endpoint, const char *reason)
{
    char problem[sizeof(endpoint->problem)];
    outlier_eject(endpoint, &endpoint->policy->outlier, now_ms(health));
    snprintf(problem, sizeof(problem), "%s, so it is left out for %" PRIu64 " ms", reason,
             endpoint->ejected_until_ms - now_ms(health));
    endpoint_note_problem(endpoint, problem);
}

static void note_suspect(struct endpoint *endpoint, const char *reason)
{
    char problem[sizeof(endpoint->problem)];
    endpoint->is_suspect = true;
    snprintf(problem, sizeof(problem), "%s; it stays in, because too many would be out", reason);
    endpoint_note_problem(endpoint, problem);
}

/* True: something has changed. */
static bool judge_suspect(struct health *health, const struct pool_service *service,
                          struct endpoint *endpoint)
{
    char reason[80];
    bool was_suspect = endpoint->is_suspect;
    if (endpoint_judge(endpoint) != ENDPOINT_READY)
        return false;
    if (!outlier_is_suspect(endpoint, &service->policy->outlier, reason)) {
        endpoint->is_suspect = false;
        if (was_suspect)
            endpoint_note_problem(endpoint, NULL);
        return was_suspect;
    }
    if (outlier_may_eject(service, &service->policy->outlier)) {
        note_ejection(health, endpoint, reason);
        return true;
    }
    note_suspect(endpoint, reason);
    return !was_suspect;
}

void health_judge_suspects(struct health *health)
{
    bool has_changed = false;
    for (unsigned i = 0; health->pool && i < health->pool->service_count; i++) {
        const struct pool_service *service = &health->pool->services[i];
        for (unsigned j = 0; j < service->endpoint_count; j++)
            has_changed |= judge_suspect(health, service, service->endpoints[j]);
    }
    if (has_changed)
        tell(health);
}

/* ---- time ------------------------------------------------------------------------------------ */

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Starts what is due for this endpoint; gives in how many ms to look again. */
static uint64_t look_at(struct health *health, struct endpoint *endpoint)
{
    uint64_t now = now_ms(health), delay_ms = UINT64_MAX;
    if (endpoint_wants_probe(endpoint, now))
        prober_start(&health->prober, endpoint);
    else if (endpoint_state(endpoint) == ENDPOINT_EJECTED)
        delay_ms = endpoint->ejected_until_ms - now;
    if (endpoint->is_suspect)
        delay_ms = least(delay_ms, SUSPECT_TICK_MS);
    if (endpoint_share_percent(endpoint, now) < 100)
        delay_ms = least(delay_ms, endpoint->slow_start_ms / WARMING_STEPS + WARMING_TICK_MS);
    return delay_ms;
}

static void look_at_all(struct health *health)
{
    uint64_t delay_ms = UINT64_MAX;
    for (unsigned i = 0; i < health->pool->service_count; i++) {
        const struct pool_service *service = &health->pool->services[i];
        for (unsigned j = 0; j < service->endpoint_count; j++)
            delay_ms = least(delay_ms, look_at(health, service->endpoints[j]));
    }
    if (delay_ms != UINT64_MAX)
        deadline_arm(&health->options.loop->deadlines, &health->tick, delay_ms);
}

static bool is_warming(const struct pool *pool)
{
    for (unsigned i = 0; i < pool->service_count; i++)
        if (pool->services[i].is_warming)
            return true;
    return false;
}

static void on_tick(struct deadline *deadline)
{
    struct health *health = list_entry(deadline, struct health, tick);
    health_judge_suspects(health);
    look_at_all(health);
    if (is_warming(health->pool))
        tell(health);
}

void health_follow(struct health *health, const struct pool *pool)
{
    health->pool = pool;
    deadline_disarm(&health->tick);
    prober_follow(&health->prober);
    checker_follow(&health->checker, pool);
    look_at_all(health);
}

/* ---- birth and death ------------------------------------------------------------------------- */

void health_init(struct health *health, const struct health_options *options)
{
    *health = (struct health){.options = *options};
    prober_init(&health->prober, &(struct prober_options){.loop = options->loop,
                                                          .on_admitted = on_admitted,
                                                          .on_failed = on_failed,
                                                          .owner = health});
    checker_init(&health->checker, &(struct checker_options){.loop = options->loop,
                                                             .on_change = options->on_change,
                                                             .owner = options->owner});
    health->prober.queue.tls = &health->tls;
    health->checker.queue.tls = &health->tls;
    health->prober.queue.on_own_fault = own_fault_in_checking;
    health->checker.queue.on_own_fault = own_fault_in_checking;
    deadline_init(&health->tick, on_tick);
}

void health_limit(struct health *health, unsigned check_max, unsigned probe_max)
{
    health->checker.queue.max_count = check_max;
    health->prober.queue.max_count = probe_max;
}

void health_admit(struct health *health, struct admit_office *office)
{
    health->checker.queue.office = office;
    health->prober.queue.office = office;
}

void health_take_library(struct health *health, struct library *library)
{
    backend_tls_take_library(&health->tls, library);
}

void health_close(struct health *health)
{
    deadline_disarm(&health->tick);
    prober_close(&health->prober);
    checker_close(&health->checker);
    backend_tls_fini(&health->tls);
    health->pool = NULL;
}
