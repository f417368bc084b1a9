#include "lb/health/checker.h"

#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/health/question.h"

#define AT_THE_SAME_TIME 64u

/* So long an idle connection takes to make place. */
#define PLACE_MS 50u

struct endpoint_watch {
    struct list node;
    struct checker *checker;
    struct endpoint_tie tie; /* cut: it has ended, a look still runs */
    struct check check;
    struct look look;
    struct deadline deadline; /* the interval */
    bool awaits_place;        /* it has asked for one */
    unsigned streak;          /* answers in a row that speak against the present opinion */
    uint64_t round;
};

static void on_done(struct look *look);

void checker_init(struct checker *checker, const struct checker_options *options)
{
    *checker = (struct checker){.options = *options};
    look_queue_init(&checker->queue, options->loop, AT_THE_SAME_TIME);
    list_init(&checker->watches);
    rng_init(&checker->rng);
}

/* ---- one endpoint ---------------------------------------------------------------------------- */

static void wait_ms(struct endpoint_watch *watch, uint64_t delay_ms)
{
    deadline_arm(&watch->checker->options.loop->deadlines, &watch->deadline, delay_ms);
}

/* A tenth less or more than the interval, so that checks that began together drift apart. */
static uint64_t next_delay_ms(struct endpoint_watch *watch)
{
    uint64_t interval_ms = watch->check.interval_ms, spread_ms = interval_ms / 5 + 1;
    return interval_ms - interval_ms / 10 + rng_next(&watch->checker->rng) % spread_ms;
}

/* A check takes a place as a request does. Where requests have them all, it is left out: it would wait
 * behind them, and they tell themselves how the server is. */
static bool enter(struct endpoint_watch *watch, struct endpoint *endpoint)
{
    bool is_soon, has_waited = watch->awaits_place;
    bool is_elsewhere =
        watch->check.port > 0 && watch->check.port != address_port(&endpoint->address);
    watch->awaits_place = false;
    if (is_elsewhere || look_admit(&watch->look, endpoint, &is_soon))
        return true;
    watch->awaits_place = is_soon && !has_waited;
    wait_ms(watch, watch->awaits_place ? PLACE_MS : next_delay_ms(watch));
    return false;
}

static bool is_by_udp(const struct endpoint *endpoint)
{
    return endpoint->protocol == PROTOCOL_UDP;
}

static void on_interval(struct deadline *deadline)
{
    struct endpoint_watch *watch = list_entry(deadline, struct endpoint_watch, deadline);
    struct endpoint *endpoint = watch->tie.endpoint;
    watch->check = question_check(endpoint);
    if (!enter(watch, endpoint))
        return;
    enum check_mode mode = check_choice_repeated(&watch->check, is_by_udp(endpoint));
    watch->look.proxy_version = question_proxy_version(endpoint, &watch->check);
    look_secure(&watch->look, endpoint, &watch->check, mode);
    look_start(&watch->look, &endpoint->address, &watch->check, mode, watch->check.timeout_ms);
}

static void change_opinion(struct endpoint_watch *watch, bool is_failing)
{
    watch->streak = 0;
    watch->tie.endpoint->is_failing = is_failing;
    watch->checker->options.on_change(watch->checker->options.owner);
}

static void on_done(struct look *look)
{
    struct endpoint_watch *watch = list_entry(look, struct endpoint_watch, look);
    struct endpoint *endpoint = watch->tie.endpoint;
    bool is_bad = look->problem[0] != '\0';
    if (!endpoint) {
        free(watch);
        return;
    }
    wait_ms(watch, next_delay_ms(watch));
    if (look->is_own_fault)
        return; /* neither for nor against it */
    watch->streak = is_bad != endpoint->is_failing ? watch->streak + 1 : 0;
    bool has_changed = watch->streak >= (is_bad ? watch->check.fall : watch->check.rise);
    if (is_bad && (has_changed || endpoint->is_failing))
        endpoint_note_problem(endpoint, look->problem);
    else if (!is_bad && has_changed)
        endpoint_note_problem(endpoint, NULL);
    if (has_changed)
        change_opinion(watch, is_bad);
}

static void start(struct checker *checker, struct endpoint *endpoint)
{
    struct endpoint_watch *watch = memory_new(sizeof(*watch));
    watch->checker = checker;
    endpoint_tie(endpoint, ENDPOINT_WATCH, &watch->tie);
    look_init(&watch->look, &checker->queue, on_done);
    deadline_init(&watch->deadline, on_interval);
    list_append(&checker->watches, &watch->node);
}

static void end(struct endpoint_watch *watch)
{
    list_unlink(&watch->node);
    deadline_disarm(&watch->deadline);
    endpoint_untie(ENDPOINT_WATCH, &watch->tie);
    if (look_cancel(&watch->look))
        free(watch);
}

/* ---- the pool -------------------------------------------------------------------------------- */

static struct endpoint_watch *watch_of(const struct endpoint *endpoint)
{
    struct endpoint_tie *tie = endpoint->ties[ENDPOINT_WATCH];
    return tie ? list_entry(tie, struct endpoint_watch, tie) : NULL;
}

/* Other labels or flags: the next look is the first by these, and comes when their interval says. A
 * look that runs borrows what it began with. */
static void follow_check(struct endpoint_watch *watch, const struct check *check)
{
    bool is_other = watch->check.interval_ms != check->interval_ms;
    if (watch->look.state != LOOK_IDLE)
        return;
    watch->check = *check;
    if (is_other)
        wait_ms(watch, rng_next(&watch->checker->rng) % check->interval_ms);
}

static void follow_endpoint(struct checker *checker, struct endpoint *endpoint)
{
    if (endpoint->source_state != ENDPOINT_READY || !endpoint->is_admitted ||
        (!endpoint->check &&
         check_choice_repeated(&endpoint->policy->check, is_by_udp(endpoint)) == CHECK_OFF))
        return;
    struct check check = question_check(endpoint);
    if (check_choice_repeated(&check, is_by_udp(endpoint)) == CHECK_OFF)
        return;
    if (!watch_of(endpoint))
        start(checker, endpoint);
    struct endpoint_watch *watch = watch_of(endpoint);
    follow_check(watch, &check);
    watch->round = checker->round;
}

static void end_others(struct checker *checker)
{
    list_for_each_safe (node, &checker->watches) {
        struct endpoint_watch *watch = list_entry(node, struct endpoint_watch, node);
        struct endpoint *endpoint = watch->tie.endpoint;
        if (watch->round == checker->round)
            continue;
        bool was_failing = endpoint->is_failing;
        endpoint->is_failing = false; /* nobody would ever say that it is well again */
        end(watch);
        if (was_failing)
            checker->options.on_change(checker->options.owner);
    }
}

void checker_follow(struct checker *checker, const struct pool *pool)
{
    checker->round++;
    for (unsigned i = 0; i < pool->service_count; i++)
        for (unsigned j = 0; j < pool->services[i].endpoint_count; j++)
            follow_endpoint(checker, pool->services[i].endpoints[j]);
    end_others(checker);
}

void checker_close(struct checker *checker)
{
    while (!list_is_empty(&checker->watches))
        end(list_entry(checker->watches.next, struct endpoint_watch, node));
}
