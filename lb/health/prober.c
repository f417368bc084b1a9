#include "lb/health/prober.h"

#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/net/stream.h"

#define FIRST_PAUSE_MS 5u
#define EAGER_PAUSE_MS 80u
#define EAGER_FOR_MS   60000u
#define LATER_PAUSE_MS 1000u

struct probe {
    struct list node;
    struct prober *prober;
    struct endpoint *endpoint;
    struct stream stream;
    struct deadline deadline;
    uint64_t started_ms;
    unsigned pause_ms;
    const char *problem;
    bool is_connecting;
    bool is_done; /* to be freed when the stream is closed */
};

static const struct stream_handler stream_handler;

void prober_init(struct prober *prober, const struct prober_options *options)
{
    *prober = (struct prober){.loop = options->loop,
                              .connect_timeout_ms = options->connect_timeout_ms,
                              .far_connect_timeout_ms = options->far_connect_timeout_ms,
                              .on_admitted = options->on_admitted,
                              .owner = options->owner};
    list_init(&prober->probes);
}

static void drop(struct probe *probe)
{
    endpoint_unref(probe->endpoint);
    free(probe);
}

static void end(struct probe *probe)
{
    list_unlink(&probe->node);
    deadline_disarm(&probe->deadline);
    probe->is_done = true;
    if (probe->is_connecting)
        stream_close(&probe->stream); /* dropped in on_closed */
    else
        drop(probe);
}

static void try_once(struct probe *probe)
{
    struct prober *prober = probe->prober;
    if (endpoint_state(probe->endpoint) != ENDPOINT_PROBING) {
        end(probe);
        return;
    }
    probe->is_connecting = true;
    deadline_arm(&prober->loop->deadlines, &probe->deadline,
                 address_is_private(&probe->endpoint->address) ? prober->connect_timeout_ms
                                                               : prober->far_connect_timeout_ms);
    if (stream_connect(&probe->stream, prober->loop, &probe->endpoint->address, &stream_handler,
                       probe) < 0)
        probe->problem = "it cannot be connected to";
}

static void on_deadline(struct deadline *deadline)
{
    struct probe *probe = list_entry(deadline, struct probe, deadline);
    if (!probe->is_connecting) {
        try_once(probe);
        return;
    }
    probe->problem = "connect timed out";
    stream_close(&probe->stream);
}

static void on_connected(void *owner, int status)
{
    struct probe *probe = owner;
    struct prober *prober = probe->prober;
    if (status < 0) {
        probe->problem = stream_status_text(status);
        stream_close(&probe->stream);
        return;
    }
    struct endpoint *endpoint = endpoint_ref(probe->endpoint);
    end(probe);
    if (endpoint_state(endpoint) == ENDPOINT_PROBING)
        prober->on_admitted(prober->owner, endpoint);
    endpoint_unref(endpoint);
}

/* A failed attempt has been cleared away: the next one follows after a pause. */
static void on_closed(void *owner)
{
    struct probe *probe = owner;
    struct prober *prober = probe->prober;
    uint64_t age_ms = loop_now_ms(prober->loop) - probe->started_ms;
    probe->is_connecting = false;
    if (probe->is_done) {
        drop(probe);
        return;
    }
    probe->pause_ms *= 2;
    if (probe->pause_ms > EAGER_PAUSE_MS)
        probe->pause_ms = age_ms < EAGER_FOR_MS ? EAGER_PAUSE_MS : LATER_PAUSE_MS;
    deadline_arm(&prober->loop->deadlines, &probe->deadline, probe->pause_ms);
}

static const struct stream_handler stream_handler = {
    .on_connected = on_connected,
    .on_closed = on_closed,
};

void prober_start(struct prober *prober, struct endpoint *endpoint)
{
    struct probe *probe = memory_new(sizeof(*probe));
    probe->prober = prober;
    probe->endpoint = endpoint_ref(endpoint);
    probe->started_ms = loop_now_ms(prober->loop);
    probe->pause_ms = FIRST_PAUSE_MS;
    deadline_init(&probe->deadline, on_deadline);
    list_append(&prober->probes, &probe->node);
    try_once(probe);
}

const char *prober_last_problem(const struct prober *prober, const struct endpoint *endpoint)
{
    list_for_each (node, &prober->probes) {
        const struct probe *probe = list_entry(node, struct probe, node);
        if (probe->endpoint == endpoint)
            return probe->problem;
    }
    return NULL;
}

void prober_close(struct prober *prober)
{
    while (!list_is_empty(&prober->probes))
        end(list_entry(prober->probes.next, struct probe, node));
}
