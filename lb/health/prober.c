#include "lb/health/prober.h"

#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/health/question.h"

#define FIRST_PAUSE_MS   5u
#define EAGER_PAUSE_MS   80u
#define EAGER_FOR_MS     60000u
#define LATER_PAUSE_MS   1000u
#define PACE_MS          1u /* of all probes together: one a millisecond at most, on average */
#define AT_THE_SAME_TIME 128u

/* Where connects have no limit, a first contact still has to end to be tried again. */
#define UNLIMITED_CONNECT_MS 5000u

struct probe {
    struct list node;
    struct prober *prober;
    struct endpoint_tie tie; /* cut: it has ended, a look still runs */
    struct check check;      /* as it was at the latest try */
    struct look look;
    struct deadline deadline; /* the pause between two tries */
    uint64_t started_ms;
    unsigned pause_ms;
    bool is_told;
};

void prober_init(struct prober *prober, const struct prober_options *options)
{
    *prober = (struct prober){.options = *options};
    look_queue_init(&prober->queue, options->loop, AT_THE_SAME_TIME);
    list_init(&prober->probes);
}

/* Leaves the list; the memory goes once nothing runs. */
static void end(struct probe *probe)
{
    list_unlink(&probe->node);
    probe->prober->probe_count--;
    endpoint_untie(ENDPOINT_PROBE, &probe->tie);
    deadline_disarm(&probe->deadline);
    if (look_cancel(&probe->look))
        free(probe);
}

static unsigned next_pause_ms(const struct probe *probe)
{
    const struct prober *prober = probe->prober;
    uint64_t age_ms = loop_now_ms(prober->options.loop) - probe->started_ms;
    unsigned pause_ms = probe->pause_ms * 2;
    if (pause_ms > EAGER_PAUSE_MS)
        pause_ms = age_ms < EAGER_FOR_MS ? EAGER_PAUSE_MS : LATER_PAUSE_MS;
    unsigned paced_ms = prober->probe_count * PACE_MS;
    return pause_ms > paced_ms ? pause_ms : paced_ms;
}

static void pause_then_try(struct probe *probe)
{
    probe->pause_ms = next_pause_ms(probe);
    deadline_arm(&probe->prober->options.loop->deadlines, &probe->deadline, probe->pause_ms);
}

/* Requests of before have all places, tunnels for example: it could take no others. */
static bool enter(struct probe *probe, struct endpoint *endpoint)
{
    bool is_soon;
    if (look_admit(&probe->look, endpoint, &is_soon))
        return true;
    endpoint_note_problem(endpoint, "it still has as many requests as it takes at a time");
    pause_then_try(probe);
    return false;
}

/* How long a connect may take, and nothing that is answered. */
static unsigned connect_timeout_ms(const struct endpoint *endpoint)
{
    const struct service_policy *policy = endpoint->policy;
    unsigned limit_ms = address_is_private(&endpoint->address) ? policy->connect_timeout_ms
                                                               : policy->far_connect_timeout_ms;
    return limit_ms > 0 ? limit_ms : UNLIMITED_CONNECT_MS;
}

static void look_at(struct probe *probe, struct endpoint *endpoint)
{
    probe->check = question_check(endpoint);
    enum check_mode mode = check_choice_first(&probe->check, endpoint->protocol == PROTOCOL_UDP);
    bool wants_nothing = talk_wants_nothing(mode, &probe->check);
    if (wants_nothing)
        probe->check.port = 0; /* it is to be able to take requests */
    if (!enter(probe, endpoint))
        return;
    probe->look.proxy_version = question_proxy_version(endpoint, &probe->check);
    look_secure(&probe->look, endpoint, &probe->check, mode);
    bool is_connect =
        wants_nothing && !probe->look.client; /* a handshake takes the server's time */
    look_start(&probe->look, &endpoint->address, &probe->check, mode,
               is_connect ? connect_timeout_ms(endpoint) : probe->check.timeout_ms);
}

static void try_once(struct probe *probe)
{
    struct endpoint *endpoint = probe->tie.endpoint;
    if (endpoint_wants_probe(endpoint, loop_now_ms(probe->prober->options.loop)))
        look_at(probe, endpoint);
    else
        end(probe);
}

static void on_pause_over(struct deadline *deadline)
{
    try_once(list_entry(deadline, struct probe, deadline));
}

static void on_done(struct look *look)
{
    struct probe *probe = list_entry(look, struct probe, look);
    struct prober *prober = probe->prober;
    if (!probe->tie.endpoint) {
        free(probe);
        return;
    }
    struct endpoint *endpoint = probe->tie.endpoint;
    bool is_wanted = endpoint_wants_probe(endpoint, loop_now_ms(prober->options.loop));
    if (look->problem[0] && is_wanted) {
        endpoint_note_problem(endpoint, look->problem);
        if (prober->options.on_failed && !probe->is_told)
            probe->is_told = prober->options.on_failed(prober->options.owner, endpoint);
        pause_then_try(probe);
        return;
    }
    endpoint_ref(endpoint);
    end(probe);
    if (is_wanted)
        prober->options.on_admitted(prober->options.owner, endpoint);
    endpoint_unref(endpoint);
}

void prober_start(struct prober *prober, struct endpoint *endpoint)
{
    if (endpoint->ties[ENDPOINT_PROBE])
        return;
    struct probe *probe = memory_new(sizeof(*probe));
    probe->prober = prober;
    endpoint_tie(endpoint, ENDPOINT_PROBE, &probe->tie);
    probe->started_ms = loop_now_ms(prober->options.loop);
    probe->pause_ms = FIRST_PAUSE_MS;
    look_init(&probe->look, &prober->queue, on_done);
    deadline_init(&probe->deadline, on_pause_over);
    list_append(&prober->probes, &probe->node);
    prober->probe_count++;
    try_once(probe);
}

void prober_follow(struct prober *prober)
{
    uint64_t now_ms = loop_now_ms(prober->options.loop);
    list_for_each_safe (node, &prober->probes) {
        struct probe *probe = list_entry(node, struct probe, node);
        if (!endpoint_wants_probe(probe->tie.endpoint, now_ms) ||
            look_is_outdated(&probe->look, probe->tie.endpoint))
            end(probe);
    }
}

void prober_close(struct prober *prober)
{
    while (!list_is_empty(&prober->probes))
        end(list_entry(prober->probes.next, struct probe, node));
}
