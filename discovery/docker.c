#include "discovery/docker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "discovery/backoff.h"
#include "discovery/event_stream.h"
#include "discovery/inspector.h"
#include "discovery/locator.h"
#include "discovery/remarks.h"
#include "discovery/remedy.h"
#include "discovery/resync.h"
#include "discovery/roster.h"
#include "discovery/survey.h"
#include "discovery/vantage.h"
#include "discovery/way_out.h"
#include "lb/base/clock.h"
#include "lb/base/memory.h"

#define API_MAJOR          1
#define API_MINOR_MAX      47
#define BACKOFF_FIRST_MS   100
#define BACKOFF_CAP_MS     5000
#define PING_EVERY_MS      10000
#define PING_TIMEOUT_MS    5000
#define PING_MAX_BYTES     4096
#define ASK_AGAIN_AFTER_MS 2000
/* Containers that the engine cannot tell about hold up the first line no longer than this after
 * the last one that it could; then they are left out, with that reason. */
#define SETTLE_AFTER_MS 2000

enum phase {
    PHASE_AWAY,        /* waits for the next attempt */
    PHASE_PINGING,     /* asks which API version the engine speaks */
    PHASE_SUBSCRIBING, /* asked for events, the headers have not come */
    PHASE_FOLLOWING,   /* events come; lists are taken in beside them */
};

struct docker {
    struct docker_options options;
    struct report report;
    struct fetch_pool *pool; /* borrowed */
    enum phase phase;
    struct backoff backoff;
    unsigned random_seed;
    uint64_t retry_at_ms;
    uint64_t ping_at_ms;
    uint64_t resync_at_ms;
    char prefix[16]; /* "/v1.41", or "" when the engine told no version */
    struct fetch *ping;
    struct event_stream stream;
    struct locator locator;
    struct resync resync;
    struct inspector inspector;
    struct roster roster;
    struct vantage vantage;
    struct way_out way_out;
    struct alive alive;
    struct remarks remarks;
    uint64_t asked; /* events that had come when the lists were asked for */
    uint64_t settle_until_ms;
    bool must_ask;    /* events were missed: inspect all again */
    bool is_settling; /* lists were taken in, inspects about them are on their way */
    bool is_complete; /* everything was read once: there is a state to tell */
    bool is_dirty;
};

static uint64_t now_ms(void)
{
    return clock_mono_ns() / 1000000;
}

static void start_ping(struct docker *docker, void (*on_done)(void *, const struct fetch_answer *))
{
    docker->ping_at_ms = now_ms() + PING_EVERY_MS;
    docker->ping = fetch_start(docker->pool, &(struct fetch_request){.target = "/_ping",
                                                                     .timeout_ms = PING_TIMEOUT_MS,
                                                                     .max_bytes = PING_MAX_BYTES,
                                                                     .owner = docker,
                                                                     .on_done = on_done});
}

static void stop_all(struct docker *docker)
{
    if (docker->ping)
        fetch_cancel(docker->ping);
    docker->ping = NULL;
    event_stream_close(&docker->stream);
    way_out_reset(&docker->way_out);
    locator_stop(&docker->locator);
    resync_stop(&docker->resync);
    inspector_forget_all(&docker->inspector);
}

static void tell_obstacle(const struct docker *docker, const char *why)
{
    struct text what = TEXT_INIT, remedy = TEXT_INIT;
    struct remedy_facts facts;
    text_appendf(&what, "the engine at %s: %s%s", docker->options.endpoint->text, why,
                 docker->is_complete ? "; the last state is kept" : "");
    remedy_look(docker->options.endpoint, &facts);
    remedy_append(docker->options.endpoint, fetch_pool_failure(docker->pool), &facts, &remedy);
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
    docker->must_ask = true;
    docker->is_settling = false;
    docker->retry_at_ms = now_ms() + wait_ms;
    tell_obstacle(docker, why);
}

/* ---- the lists and the inspects that follow from them --------------------------------------- */

static void take_step(struct docker *docker, struct member *member, enum roster_step step,
                      bool is_urgent)
{
    switch (step) {
    case ROSTER_IGNORE:
        return;
    case ROSTER_ASK:
        inspector_ask(&docker->inspector, member, is_urgent);
        break;
    case ROSTER_SHOW:
        inspector_forget(&docker->inspector, member);
        break;
    case ROSTER_GONE:
        inspector_forget(&docker->inspector, member);
        roster_remove(&docker->roster, member);
        break;
    }
    docker->is_dirty = true;
}

static void remove_unlisted(struct docker *docker)
{
    for (size_t i = docker->roster.count; i > 0; i--) {
        struct member *member = docker->roster.members[i - 1];
        if (roster_is_unlisted(member, docker->asked))
            take_step(docker, member, ROSTER_GONE, false);
    }
}

static void note_progress(struct docker *docker)
{
    docker->is_dirty = true;
    docker->settle_until_ms = now_ms() + SETTLE_AFTER_MS;
}

static void take_lists(void *owner, const json_t *containers, const json_t *networks)
{
    struct docker *docker = owner;
    size_t refused_count = 0;
    vantage_take_networks(&docker->vantage, networks);
    way_out_reset(&docker->way_out);
    for (size_t i = 0; i < docker->roster.count; i++)
        docker->roster.members[i]->is_listed = false;
    for (size_t i = 0; i < json_array_size(containers); i++) {
        struct listing entry;
        struct member *member = NULL;
        if (!listing_read(json_array_get(containers, i), &entry)) {
            refused_count++;
            continue;
        }
        enum roster_step step =
            roster_take_listing(&docker->roster, &entry, docker->asked, docker->must_ask, &member);
        take_step(docker, member, step, false);
    }
    remove_unlisted(docker);
    docker->must_ask = false;
    docker->is_settling = true;
    docker->alive.last_sync_ns = clock_wall_ns();
    note_progress(docker);
    docker->resync_at_ms = now_ms() + docker->options.resync_ms;
    if (refused_count > 0)
        report_say(&docker->report, REPORT_TROUBLE, "%zu entries of the list have no valid id",
                   refused_count);
    if (json_array_size(containers) > ROSTER_MAX)
        report_say(&docker->report, REPORT_TROUBLE,
                   "the engine has %zu containers; only %d of them are looked at",
                   json_array_size(containers), ROSTER_MAX);
}

static void take_lists_failure(void *owner, const char *why)
{
    lose(owner, why);
}

static void start_resync(struct docker *docker, enum alive_resync reason)
{
    docker->alive.resyncs[reason]++;
    docker->asked = docker->roster.event_count;
    resync_start(&docker->resync, docker->pool, docker->prefix,
                 &(struct resync_handler){
                     .owner = docker, .on_lists = take_lists, .on_failure = take_lists_failure});
}

static void settle(struct docker *docker, uint64_t time_ms)
{
    if (!docker->is_settling ||
        (!inspector_is_idle(&docker->inspector) && time_ms < docker->settle_until_ms))
        return;
    docker->is_settling = false;
    for (size_t i = 0; !docker->is_complete && i < docker->roster.count; i++)
        if (docker->roster.members[i]->is_hidden)
            roster_take_failure(&docker->roster, docker->roster.members[i], 0);
    if (!docker->is_complete || docker->backoff.next_ms != BACKOFF_FIRST_MS)
        report_say(&docker->report, REPORT_NEWS,
                   "following the engine at %s, API %s, %zu containers",
                   docker->options.endpoint->text,
                   docker->prefix[0] ? docker->prefix + 2 : "unknown", docker->roster.count);
    docker->is_complete = true;
    docker->is_dirty = true;
    report_clear(&docker->report);
    backoff_reset(&docker->backoff);
}

static void tell_remark(struct docker *docker, const struct container *container)
{
    const struct settings *settings = &container->settings;
    if (settings->remark && remarks_is_new(&docker->remarks, settings->service, settings->remark))
        report_say(&docker->report, REPORT_REMARK, "container %s: %s%s%s", container->name,
                   settings->remark, settings->disabled_by ? "; it is left out for " : "",
                   settings->disabled_by ? settings->disabled_by : "");
}

static void take_container(void *owner, struct member *member, struct container *container)
{
    struct docker *docker = owner;
    roster_take_container(&docker->roster, member, container, now_ms());
    tell_remark(docker, container);
    note_progress(docker);
    if (engine_id_eq(&container->id, &docker->vantage.network_id) && container->running &&
        vantage_take_container(&docker->vantage, container)) {
        way_out_reset(&docker->way_out);
        roster_note_all(&docker->roster, member);
        docker->resync_at_ms = now_ms(); /* which of the networks are internal, the lists tell */
    }
}

static void take_gone(void *owner, struct member *member)
{
    struct docker *docker = owner;
    roster_remove(&docker->roster, member);
    note_progress(docker);
}

static void take_failure(void *owner, struct member *member, const char *why)
{
    struct docker *docker = owner;
    report_say(&docker->report, REPORT_DETAIL, "asking for container %s: %s",
               member->container->name, why);
    roster_take_failure(&docker->roster, member, now_ms() + ASK_AGAIN_AFTER_MS);
    note_progress(docker);
}

static void start_first_resync(struct docker *docker)
{
    start_resync(docker, docker->is_complete ? ALIVE_RESYNC_RECONNECT : ALIVE_RESYNC_START);
}

/* ---- where lb stands ------------------------------------------------------------------------ */

static void take_own_container(void *owner, const struct engine_id *id,
                               const struct container *network)
{
    struct docker *docker = owner;
    docker->vantage.id = *id;
    docker->vantage.network_id = network->id;
    vantage_take_container(&docker->vantage, network);
    report_say(&docker->report, REPORT_NEWS, "lb runs in container %.12s, on: %s", id->text,
               docker->vantage.on_host ? "the host's network"
                                       : text_str(&docker->vantage.network_names));
    start_first_resync(docker);
}

static void take_own_host(void *owner, const char *why)
{
    struct docker *docker = owner;
    docker->vantage.id = docker->vantage.network_id = (struct engine_id){""};
    vantage_take_host(&docker->vantage);
    report_say(&docker->report, REPORT_NEWS, "lb runs on the engine's host: %s", why);
    start_first_resync(docker);
}

static void take_other_gateway(void *owner, const char *old, const char *now)
{
    struct docker *docker = owner;
    docker->is_dirty = true;
    report_say(&docker->report, REPORT_NEWS,
               "the host does not answer at %s: ports published on it are reached at %s", old, now);
}

/* ---- events --------------------------------------------------------------------------------- */

static void take_open(void *owner)
{
    struct docker *docker = owner;
    docker->phase = PHASE_FOLLOWING;
    docker->alive.is_connected = true;
    docker->ping_at_ms = now_ms() + PING_EVERY_MS;
    locator_start(&docker->locator, docker->pool, docker->prefix, docker->options.self,
                  &(struct locator_handler){.owner = docker,
                                            .on_container = take_own_container,
                                            .on_host = take_own_host,
                                            .on_failure = take_lists_failure});
}

static void take_event(void *owner, const struct docker_event *event)
{
    struct docker *docker = owner;
    struct member *member;
    alive_note_event(&docker->alive, event->action, event->time_ns);
    report_say(&docker->report, REPORT_DETAIL, "event %s of %.12s", event->action,
               event->container.text);
    if (event->kind == DOCKER_EVENT_CONNECT && network_id_is_set(&event->network))
        vantage_note_driver(&docker->vantage, &event->network, event->driver);
    enum roster_step step = roster_take_event(&docker->roster, event, now_ms(), &member);
    take_step(docker, member, step, true);
}

static void take_end(void *owner, const char *why)
{
    lose(owner, why);
}

/* ---- the connection ------------------------------------------------------------------------- */

/* The engine's own version or ours, whichever is smaller: newer engines refuse old versions, older
 * ones refuse new versions. Without a version the engine takes its own. */
static void negotiate(struct docker *docker, const char *version)
{
    struct view rest = view_str(version);
    uint64_t major, minor;
    docker->prefix[0] = '\0';
    if (!view_parse_u64(view_cut(&rest, '.'), 99, &major) || !view_parse_u64(rest, 999, &minor))
        return;
    if (major > API_MAJOR || (major == API_MAJOR && minor > API_MINOR_MAX)) {
        major = API_MAJOR;
        minor = API_MINOR_MAX;
    }
    snprintf(docker->prefix, sizeof(docker->prefix), "/v%u.%u", (unsigned)major, (unsigned)minor);
}

/* False when the ping failed; then everything was given up. */
static bool take_pong(struct docker *docker, const struct fetch_answer *answer)
{
    char why[400];
    docker->ping = NULL;
    if (!answer->problem && answer->status == 200)
        return true;
    if (answer->problem)
        snprintf(why, sizeof(why), "%s", answer->problem);
    else
        snprintf(why, sizeof(why), "/_ping has status %d: %s", answer->status,
                 fetch_pool_failure(docker->pool)->sample);
    lose(docker, why);
    return false;
}

static void take_first_pong(void *owner, const struct fetch_answer *answer)
{
    struct docker *docker = owner;
    if (!take_pong(docker, answer))
        return;
    negotiate(docker, fetch_header(answer->fetch, "Api-Version"));
    docker->phase = PHASE_SUBSCRIBING;
    event_stream_open(
        &docker->stream, docker->pool, docker->prefix,
        &(struct event_stream_handler){
            .owner = docker, .on_open = take_open, .on_event = take_event, .on_end = take_end});
}

static void take_later_pong(void *owner, const struct fetch_answer *answer)
{
    take_pong(owner, answer);
}

static void follow(struct docker *docker, uint64_t time_ms)
{
    if (time_ms >= docker->ping_at_ms && !docker->ping)
        start_ping(docker, take_later_pong);
    if (docker->resync_at_ms > 0 && time_ms >= docker->resync_at_ms) {
        docker->resync_at_ms = 0; /* set again when the lists are there */
        start_resync(docker, ALIVE_RESYNC_TIMER);
    }
    for (struct member *due; (due = roster_take_due(&docker->roster, time_ms)) != NULL;)
        inspector_ask(&docker->inspector, due, true);
    settle(docker, time_ms);
}

void docker_tick(struct docker *docker, uint64_t time_ms)
{
    if (docker->phase == PHASE_FOLLOWING)
        follow(docker, time_ms);
    if (docker->phase == PHASE_AWAY && time_ms >= docker->retry_at_ms) {
        docker->phase = PHASE_PINGING;
        docker->resync_at_ms = 0;
        start_ping(docker, take_first_pong);
    }
}

static void pull_in(uint64_t *next_ms, uint64_t at_ms)
{
    if (at_ms > 0 && at_ms < *next_ms)
        *next_ms = at_ms;
}

uint64_t docker_next_tick_ms(const struct docker *docker)
{
    uint64_t next_ms = UINT64_MAX;
    if (docker->phase == PHASE_AWAY)
        return docker->retry_at_ms;
    if (docker->phase == PHASE_FOLLOWING) {
        if (!docker->ping)
            pull_in(&next_ms, docker->ping_at_ms);
        pull_in(&next_ms, docker->resync_at_ms);
        pull_in(&next_ms, docker->roster.next_ask_at_ms);
        if (docker->is_settling)
            pull_in(&next_ms, docker->settle_until_ms);
    }
    return next_ms;
}

const struct alive *docker_alive(const struct docker *docker)
{
    return &docker->alive;
}

bool docker_collect(struct docker *docker, struct set *set)
{
    if (!docker->is_complete || !docker->is_dirty)
        return false;
    docker->is_dirty = false;
    survey_take(&docker->roster, &docker->vantage, clock_wall_ns(), set);
    way_out_check(&docker->way_out);
    return true;
}

struct docker *docker_open(struct fetch_pool *pool, const struct docker_options *options,
                           const struct report *report)
{
    struct docker *docker = memory_new(sizeof(*docker));
    docker->options = *options;
    docker->report = *report;
    docker->pool = pool;
    docker->random_seed = (unsigned)clock_mono_ns();
    backoff_init(&docker->backoff, BACKOFF_FIRST_MS, BACKOFF_CAP_MS);
    vantage_init(&docker->vantage);
    docker->way_out = (struct way_out){.pool = pool,
                                       .vantage = &docker->vantage,
                                       .roster = &docker->roster,
                                       .owner = docker,
                                       .on_change = take_other_gateway};
    inspector_init(&docker->inspector, pool, docker->prefix,
                   &(struct inspector_handler){.owner = docker,
                                               .on_container = take_container,
                                               .on_gone = take_gone,
                                               .on_failure = take_failure});
    return docker;
}

void docker_close(struct docker *docker)
{
    if (!docker)
        return;
    stop_all(docker);
    roster_fini(&docker->roster);
    vantage_fini(&docker->vantage);
    free(docker);
}
