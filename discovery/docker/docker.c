#include "discovery/docker/docker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "discovery/net/backoff.h"
#include "discovery/docker/enroller.h"
#include "discovery/docker/event_stream.h"
#include "discovery/docker/intake.h"
#include "discovery/docker/locator.h"
#include "discovery/docker/pinger.h"
#include "discovery/docker/remedy.h"
#include "lb/base/clock.h"
#include "lb/base/memory.h"

#define BACKOFF_FIRST_MS 100
#define BACKOFF_CAP_MS   5000

enum phase {
    PHASE_AWAY,        /* waits for the next attempt */
    PHASE_PINGING,     /* asks which API version the engine speaks */
    PHASE_SUBSCRIBING, /* asked for events, the headers have not come */
    PHASE_FOLLOWING,   /* events come; lists are taken in beside them */
};

struct docker {
    struct docker_options options;
    struct report report;
    struct fetch_pool *pool;
    enum phase phase;
    struct backoff backoff;
    unsigned random_seed;
    uint64_t retry_at_ms;
    struct pinger pinger;
    struct event_stream stream;
    struct locator locator;
    struct text told_place; /* where lb stands, as it was last said */
    struct intake intake;
    struct enroller enroller;
    struct alive alive;
    bool was_settled; /* once at least */
    bool is_locating;
    bool is_located;   /* since events come */
    bool needs_a_look; /* lb's container may be another one */
};

static uint64_t now_ms(void)
{
    return clock_mono_ns() / 1000000;
}

static void stop_all(struct docker *docker)
{
    pinger_stop(&docker->pinger);
    event_stream_close(&docker->stream);
    locator_stop(&docker->locator);
    intake_stop(&docker->intake);
    enroller_stop(&docker->enroller);
}

static void tell_obstacle(const struct docker *docker, const char *why)
{
    struct text what = TEXT_INIT, remedy = TEXT_INIT;
    struct remedy_facts facts;
    text_appendf(&what, "the engine at %s: %s%s", docker->options.server->text, why,
                 docker->intake.is_complete ? "; the last state is kept" : "");
    remedy_look(docker->options.server, &facts);
    remedy_append(docker->options.server, fetch_pool_failure(docker->pool), &facts, &remedy);
    report_obstruct(&docker->report, text_str(&what), text_str(&remedy));
    text_fini(&what);
    text_fini(&remedy);
}

/* Keeps the state and tries again after a while: whatever was missed, the lists will tell. */
static void lose(struct docker *docker, const char *why)
{
    stop_all(docker);
    uint32_t wait_ms = backoff_next_ms(&docker->backoff, (uint32_t)rand_r(&docker->random_seed));
    docker->phase = PHASE_AWAY;
    docker->alive.is_connected = false;
    docker->retry_at_ms = now_ms() + wait_ms;
    tell_obstacle(docker, why);
}

static void take_end(void *owner, const char *why)
{
    lose(owner, why);
}

/* ---- where lb stands ------------------------------------------------------------------------ */

/* Said when it is news: an engine that cannot be followed is come back to again and again. */
static void tell_place(struct docker *docker, const char *beginning, const char *rest)
{
    struct text place = TEXT_INIT;
    text_appendf(&place, "%s%s", beginning, rest);
    if (!view_eq(text_view(&place), text_view(&docker->told_place)))
        report_say(&docker->report, REPORT_NEWS, "%s", text_str(&place));
    text_fini(&docker->told_place);
    docker->told_place = place;
}

static void take_own_container(void *owner, const struct engine_id *id,
                               const struct container *network)
{
    struct docker *docker = owner;
    docker->is_locating = false;
    bool is_same = engine_id_is_set(id) && engine_id_eq(id, &docker->intake.vantage.id) &&
                   engine_id_eq(&network->id, &docker->intake.vantage.network_id);
    bool is_first = !docker->is_located;
    if (is_same && !is_first)
        return;
    docker->is_located = true;
    docker->intake.vantage.id = *id;
    docker->intake.vantage.network_id = network->id;
    vantage_take_container(&docker->intake.vantage, network);
    char beginning[128];
    if (engine_id_is_set(id))
        snprintf(beginning, sizeof(beginning), "lb runs in container %.12s, on: ", id->text);
    else
        snprintf(
            beginning, sizeof(beginning),
            "lb runs in one of the containers that use the network of %.64s, on: ", network->name);
    tell_place(docker, beginning,
               docker->intake.vantage.on_host ? "the host's network"
                                              : text_str(&docker->intake.vantage.network_names));
    if (is_first)
        intake_start(&docker->intake);
    else
        intake_take_move(&docker->intake);
}

/* One that is not there any more may be replaced: until then it stands where it stood. */
static void take_own_host(void *owner, const char *why)
{
    struct docker *docker = owner;
    docker->is_locating = false;
    if (docker->is_located)
        return;
    docker->is_located = true;
    docker->intake.vantage.id = docker->intake.vantage.network_id = (struct engine_id){""};
    vantage_take_host(&docker->intake.vantage);
    tell_place(docker, "lb runs on the engine's host: ", why);
    intake_start(&docker->intake);
}

static void locate(struct docker *docker)
{
    docker->is_locating = true;
    docker->needs_a_look = false;
    locator_start(&docker->locator, docker->pool, docker->pinger.prefix, docker->options.self,
                  &(struct locator_handler){.owner = docker,
                                            .on_container = take_own_container,
                                            .on_host = take_own_host,
                                            .on_failure = take_end});
}

/* ---- events --------------------------------------------------------------------------------- */

static void take_open(void *owner)
{
    struct docker *docker = owner;
    docker->phase = PHASE_FOLLOWING;
    docker->alive.is_connected = true;
    pinger_postpone(&docker->pinger, now_ms());
    enroller_start(&docker->enroller);
    docker->is_located = false;
    locate(docker);
}

static void take_event(void *owner, const struct docker_event *event)
{
    struct docker *docker = owner;
    alive_note_event(&docker->alive, event->action, event->time_ns);
    report_say(&docker->report, REPORT_DETAIL, "event %s of %.12s", event->action,
               event->container.text);
    intake_take_event(&docker->intake, event);
    if (event->kind == DOCKER_EVENT_START || event->kind == DOCKER_EVENT_RENAME)
        docker->needs_a_look |= locator_is_name(docker->options.self);
}

static void take_gap(void *owner, const char *why)
{
    struct docker *docker = owner;
    report_say(&docker->report, REPORT_TROUBLE, "the engine at %s: %s; all is asked for again",
               docker->options.server->text, why);
    intake_ask_all_again(&docker->intake);
}

static void take_events_refused(void *owner, int status)
{
    struct docker *docker = owner;
    intake_note_loss(&docker->intake, LOSS_EVENTS, status);
    take_open(docker);
}

/* ---- the connection ------------------------------------------------------------------------- */

static void take_pong(void *owner, int refusal)
{
    struct docker *docker = owner;
    if (refusal > 0)
        intake_note_loss(&docker->intake, LOSS_PING, refusal);
    if (docker->phase != PHASE_PINGING)
        return;
    docker->phase = PHASE_SUBSCRIBING;
    event_stream_open(&docker->stream, docker->pool, docker->pinger.prefix,
                      &(struct event_stream_handler){.owner = docker,
                                                     .on_open = take_open,
                                                     .on_event = take_event,
                                                     .on_gap = take_gap,
                                                     .on_refused = take_events_refused,
                                                     .on_end = take_end});
}

static void tick(void *state, uint64_t time_ms)
{
    struct docker *docker = state;
    if (docker->phase == PHASE_FOLLOWING) {
        pinger_tick(&docker->pinger, time_ms);
        intake_tick(&docker->intake, time_ms);
        enroller_tick(&docker->enroller, time_ms);
        if (docker->needs_a_look && !docker->is_locating)
            locate(docker);
    }
    if (docker->phase == PHASE_AWAY && time_ms >= docker->retry_at_ms) {
        docker->phase = PHASE_PINGING;
        pinger_ask(&docker->pinger, time_ms);
    }
}

static uint64_t next_tick_ms(const void *state)
{
    const struct docker *docker = state;
    if (docker->phase == PHASE_AWAY)
        return docker->retry_at_ms;
    if (docker->phase != PHASE_FOLLOWING)
        return UINT64_MAX;
    uint64_t next_ms = intake_next_tick_ms(&docker->intake);
    uint64_t asking_ms = enroller_next_tick_ms(&docker->enroller);
    next_ms = asking_ms < next_ms ? asking_ms : next_ms;
    bool is_ping_next = !docker->pinger.fetch && docker->pinger.due_at_ms < next_ms;
    return is_ping_next ? docker->pinger.due_at_ms : next_ms;
}

static const struct alive *tell_alive(const void *state)
{
    return &((const struct docker *)state)->alive;
}

static bool collect(void *state, bool is_wanted, struct set *set)
{
    struct docker *docker = state;
    return intake_collect(&docker->intake, is_wanted, set);
}

static bool enlist(void *state, struct registrations *out)
{
    struct docker *docker = state;
    return enroller_enlist(&docker->enroller, out);
}

static void take_settled(void *owner)
{
    struct docker *docker = owner;
    if (!docker->was_settled || docker->backoff.next_ms != BACKOFF_FIRST_MS)
        report_say(&docker->report, REPORT_NEWS,
                   "following the engine at %s, API %s, %zu containers",
                   docker->options.server->text,
                   docker->pinger.prefix[0] ? docker->pinger.prefix + 2 : "unknown",
                   docker->intake.roster.count);
    docker->was_settled = true;
    report_clear(&docker->report);
    backoff_reset(&docker->backoff);
}

static void *open_source(const void *given, struct fetch_loop *loop, const struct report *report,
                         int *fd)
{
    const struct docker_options *options = given;
    *fd = -1;
    struct docker *docker = memory_new(sizeof(*docker));
    docker->options = *options;
    docker->report = *report;
    docker->pool = fetch_pool_open(loop, options->server);
    docker->random_seed = (unsigned)clock_mono_ns();
    backoff_init(&docker->backoff, BACKOFF_FIRST_MS, BACKOFF_CAP_MS);
    docker->pinger = (struct pinger){
        .pool = docker->pool, .owner = docker, .on_pong = take_pong, .on_failure = take_end};
    intake_init(&docker->intake, &(struct intake_options){.pool = docker->pool,
                                                          .prefix = docker->pinger.prefix,
                                                          .server = docker->options.server->text,
                                                          .resync_ms = options->resync_ms,
                                                          .dialects = options->dialects,
                                                          .registers = options->enlistment &&
                                                                       options->enlistment->is_on,
                                                          .report = &docker->report,
                                                          .alive = &docker->alive,
                                                          .owner = docker,
                                                          .on_failure = take_end,
                                                          .on_settled = take_settled});
    enroller_init(&docker->enroller, &(struct enroller_options){.pool = docker->pool,
                                                                .prefix = docker->pinger.prefix,
                                                                .settings = options->enlistment,
                                                                .report = &docker->report,
                                                                .intake = &docker->intake});
    return docker;
}

static void close_source(void *state)
{
    struct docker *docker = state;
    stop_all(docker);
    enroller_fini(&docker->enroller);
    intake_fini(&docker->intake);
    fetch_pool_close(docker->pool);
    text_fini(&docker->told_place);
    free(docker);
}

const struct source_kind docker_source = {
    .word = "docker",
    .asks_by_http = true,
    .open = open_source,
    .tick = tick,
    .next_tick_ms = next_tick_ms,
    .collect = collect,
    .alive = tell_alive,
    .close = close_source,
    .enlist = enlist,
};
