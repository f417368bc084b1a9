#include "discovery/swarm/swarm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "discovery/docker/locator.h"
#include "discovery/docker/pinger.h"
#include "discovery/docker/remarks.h"
#include "discovery/docker/remedy.h"
#include "discovery/net/backoff.h"
#include "discovery/swarm/doorbell.h"
#include "discovery/swarm/ledger.h"
#include "discovery/swarm/manager_info.h"
#include "discovery/swarm/round.h"
#include "discovery/swarm/tempo.h"
#include "lb/base/clock.h"
#include "lb/base/memory.h"

#define BACKOFF_FIRST_MS    100
#define BACKOFF_CAP_MS      5000
#define LOCATE_AGAIN_MS     15000
#define NO_MANAGER_OF_LISTS "not a swarm manager" /* as managers that were say it */

enum phase {
    PHASE_AWAY,      /* waits for the next attempt */
    PHASE_BEGINNING, /* asks who it is, and where lb stands */
    PHASE_FOLLOWING, /* asks for the lists, again and again */
};

struct swarm {
    struct swarm_options options;
    struct report report;
    struct fetch_pool *pool;
    enum phase phase;
    struct backoff backoff;
    unsigned random_seed;
    uint64_t retry_at_ms;
    uint64_t locate_at_ms; /* again; 0: it is on its way */
    struct pinger pinger;
    struct manager_info info;
    struct locator locator;
    struct doorbell doorbell;
    struct round round;
    struct tempo tempo;
    struct ledger ledger;
    struct remarks remarks;
    struct text told_place; /* where lb stands, as it was last said */
    struct alive alive;
    bool is_complete; /* all was read once */
    bool is_settled;  /* since it was last away */
};

static uint64_t now_ms(void)
{
    return clock_mono_ns() / 1000000;
}

/* ---- losses --------------------------------------------------------------------------------- */

static void stop_all(struct swarm *swarm)
{
    pinger_stop(&swarm->pinger);
    manager_info_stop(&swarm->info);
    locator_stop(&swarm->locator);
    doorbell_close(&swarm->doorbell);
    round_stop(&swarm->round);
    swarm_images_stop(&swarm->ledger.images);
}

static void append_remedy(const struct swarm *swarm, const char *why, struct text *remedy)
{
    struct remedy_facts facts;
    if (strstr(why, MANAGER_INFO_NO_MANAGER) || strstr(why, NO_MANAGER_OF_LISTS)) {
        text_append_str(remedy, "Run lb on a manager, point --swarm at one (unix:///path or "
                                "tcp://host:port, for example of a socket proxy there), or make "
                                "this node one: docker swarm init, docker node promote.");
    } else if (strstr(why, "is refused with status")) {
        text_append_str(remedy, "Let the proxy before the engine allow GET /services, /tasks, "
                                "/nodes, /networks, /info and /events.");
    } else {
        remedy_look(swarm->options.server, &facts);
        remedy_append(swarm->options.server, fetch_pool_failure(swarm->pool), &facts, remedy);
    }
}

/* Keeps the state and tries again after a while: whatever was missed, the lists will tell. */
static void lose(struct swarm *swarm, const char *why)
{
    struct text what = TEXT_INIT, remedy = TEXT_INIT;
    append_remedy(swarm, why, &remedy);
    text_appendf(&what, "the swarm at %s: %s%s", swarm->options.server->text, why,
                 swarm->is_complete ? "; the last state is kept" : "");
    stop_all(swarm);
    swarm->phase = PHASE_AWAY;
    swarm->is_settled = false;
    swarm->alive.is_connected = false;
    swarm->retry_at_ms =
        now_ms() + backoff_next_ms(&swarm->backoff, (uint32_t)rand_r(&swarm->random_seed));
    report_obstruct(&swarm->report, text_str(&what), text_str(&remedy));
    text_fini(&what);
    text_fini(&remedy);
}

static void take_failure(void *owner, const char *why)
{
    lose(owner, why);
}

/* ---- rounds --------------------------------------------------------------------------------- */

static void begin_round(struct swarm *swarm)
{
    round_start(&swarm->round, tempo_begin(&swarm->tempo, now_ms()));
}

static void tell_lost(struct swarm *swarm)
{
    size_t lost = swarm->ledger.lost_count + swarm->ledger.services.lost_count;
    if (lost > 0)
        report_say(&swarm->report, REPORT_TROUBLE,
                   "the swarm at %s: %zu services and tasks are too many, and are left out",
                   swarm->options.server->text, lost);
}

static void settle(struct swarm *swarm)
{
    if (!swarm->is_settled)
        report_say(&swarm->report, REPORT_NEWS,
                   "following the swarm at %s, API %s, %zu services, %zu tasks",
                   swarm->options.server->text,
                   swarm->pinger.prefix[0] ? swarm->pinger.prefix + 2 : "unknown",
                   swarm->ledger.services.count, swarm->ledger.count);
    swarm->is_settled = swarm->is_complete = swarm->alive.is_connected = true;
    report_clear(&swarm->report);
    backoff_reset(&swarm->backoff);
}

static void take_round(void *owner)
{
    struct swarm *swarm = owner;
    struct ledger *ledger = &swarm->ledger;
    struct tempo_found found = {
        .has_moved = ledger->has_moved,
        .is_in_motion = ledger->leaving_count > 0 || ledger->services.is_updating,
        .lacks_service = ledger->lacks_service,
    };
    ledger->has_moved = false;
    tempo_end(&swarm->tempo, &found, now_ms());
    if (swarm->tempo.is_whole)
        swarm->alive.last_sync_ns = clock_wall_ns();
    tell_lost(swarm);
    settle(swarm);
    swarm_images_ask(&ledger->images, swarm->pool, swarm->pinger.prefix, now_ms());
}

/* What an image says, is read with the next list. */
static void take_image(void *owner, bool is_news)
{
    struct swarm *swarm = owner;
    if (is_news)
        swarm->tempo.due_at_ms = 0;
    swarm_images_ask(&swarm->ledger.images, swarm->pool, swarm->pinger.prefix, now_ms());
}

static void follow(struct swarm *swarm)
{
    swarm->phase = PHASE_FOLLOWING;
    swarm->tempo = (struct tempo){.moved_at_ms = now_ms()};
    swarm->alive.resyncs[swarm->is_complete ? ALIVE_RESYNC_RECONNECT : ALIVE_RESYNC_START]++;
    begin_round(swarm);
}

/* ---- what happens --------------------------------------------------------------------------- */

static void take_open(void *owner)
{
    follow(owner);
}

static void take_ring(void *owner, const char *word, uint64_t time_ns)
{
    struct swarm *swarm = owner;
    alive_note_event(&swarm->alive, word, time_ns);
    tempo_ring(&swarm->tempo, now_ms());
}

/* Then the lists alone tell. */
static void take_bell_refused(void *owner, int status)
{
    struct swarm *swarm = owner;
    report_say(&swarm->report, REPORT_REMARK,
               "the swarm at %s: /events is refused with status %d: what changes is seen up to 2 s "
               "later",
               swarm->options.server->text, status);
    follow(swarm);
}

static void open_bell(struct swarm *swarm)
{
    doorbell_open(&swarm->doorbell, swarm->pool, swarm->pinger.prefix,
                  &(struct doorbell_handler){.owner = swarm,
                                             .on_open = take_open,
                                             .on_ring = take_ring,
                                             .on_refused = take_bell_refused,
                                             .on_end = take_failure});
}

/* ---- where lb stands ------------------------------------------------------------------------ */

static void go_on(struct swarm *swarm, const char *beginning, const char *rest)
{
    struct text place = TEXT_INIT;
    text_appendf(&place, "%s%s", beginning, rest);
    if (!view_eq(text_view(&place), text_view(&swarm->told_place))) {
        report_say(&swarm->report, REPORT_NEWS, "%s", text_str(&place));
        swarm->ledger.is_dirty = true;
    }
    text_fini(&swarm->told_place);
    swarm->told_place = place;
    swarm->locate_at_ms = now_ms() + LOCATE_AGAIN_MS;
    if (swarm->phase == PHASE_BEGINNING)
        open_bell(swarm);
}

static void take_own_container(void *owner, const struct engine_id *id,
                               const struct container *network)
{
    struct swarm *swarm = owner;
    struct vantage *vantage = &swarm->ledger.vantage;
    vantage->id = *id;
    vantage->network_id = network->id;
    swarm->ledger.is_dirty |= vantage_take_container(vantage, network);
    char beginning[128];
    snprintf(beginning, sizeof(beginning), "lb runs in container %.12s, on: ",
             engine_id_is_set(id) ? id->text : network->id.text);
    go_on(swarm, beginning,
          vantage->on_host ? "the host's network" : text_str(&vantage->network_names));
}

static void take_own_host(void *owner, const char *why)
{
    struct swarm *swarm = owner;
    struct vantage *vantage = &swarm->ledger.vantage;
    vantage->id = vantage->network_id = (struct engine_id){""};
    vantage_take_host(vantage);
    go_on(swarm, "lb runs on the engine's host: ", why);
}

static void locate(struct swarm *swarm)
{
    swarm->locate_at_ms = 0;
    locator_start(&swarm->locator, swarm->pool, swarm->pinger.prefix, swarm->options.self,
                  &(struct locator_handler){.owner = swarm,
                                            .on_container = take_own_container,
                                            .on_host = take_own_host,
                                            .on_failure = take_failure});
}

/* ---- who is asked --------------------------------------------------------------------------- */

static void take_node(void *owner, const struct swarm_id *node)
{
    struct swarm *swarm = owner;
    if (node)
        swarm->ledger.own_node = *node;
    locate(swarm);
}

static void take_pong(void *owner, int refusal)
{
    struct swarm *swarm = owner;
    (void)refusal;
    manager_info_ask(&swarm->info, swarm->pool, swarm->pinger.prefix,
                     &(struct manager_info_handler){
                         .owner = swarm, .on_known = take_node, .on_failure = take_failure});
}

/* ---- the source ----------------------------------------------------------------------------- */

static void *open_source(const void *given, struct fetch_loop *loop, const struct report *report,
                         int *fd)
{
    struct swarm *swarm = memory_new(sizeof(*swarm));
    swarm->options = *(const struct swarm_options *)given;
    swarm->report = *report;
    *fd = -1;
    swarm->pool = fetch_pool_open(loop, swarm->options.server);
    swarm->random_seed = (unsigned)clock_mono_ns();
    backoff_init(&swarm->backoff, BACKOFF_FIRST_MS, BACKOFF_CAP_MS);
    swarm->pinger = (struct pinger){
        .pool = swarm->pool, .owner = swarm, .on_pong = take_pong, .on_failure = take_failure};
    ledger_init(&swarm->ledger, swarm->options.dialects);
    swarm->ledger.images.owner = swarm;
    swarm->ledger.images.on_answer = take_image;
    swarm->round = (struct round){.handler = {swarm, take_round, take_failure},
                                  .pool = swarm->pool,
                                  .prefix = swarm->pinger.prefix,
                                  .ledger = &swarm->ledger};
    return swarm;
}

static void tick(void *state, uint64_t time_ms)
{
    struct swarm *swarm = state;
    if (swarm->phase == PHASE_AWAY && time_ms >= swarm->retry_at_ms) {
        swarm->phase = PHASE_BEGINNING;
        pinger_ask(&swarm->pinger, time_ms);
    }
    if (swarm->phase != PHASE_FOLLOWING)
        return;
    if (!swarm->round.is_running && time_ms >= swarm->tempo.due_at_ms)
        begin_round(swarm);
    if (swarm->phase == PHASE_FOLLOWING && swarm->locate_at_ms > 0 &&
        time_ms >= swarm->locate_at_ms)
        locate(swarm);
}

static uint64_t next_tick_ms(const void *state)
{
    const struct swarm *swarm = state;
    if (swarm->phase == PHASE_AWAY)
        return swarm->retry_at_ms;
    if (swarm->phase != PHASE_FOLLOWING)
        return UINT64_MAX;
    uint64_t next_ms = swarm->round.is_running ? UINT64_MAX : swarm->tempo.due_at_ms;
    bool is_locate_next = swarm->locate_at_ms > 0 && swarm->locate_at_ms < next_ms;
    return is_locate_next ? swarm->locate_at_ms : next_ms;
}

static void tell_contested(struct swarm *swarm)
{
    const struct roster *roster = &swarm->ledger.roster;
    for (size_t i = 0; i < roster->count; i++) {
        const struct member *member = roster->members[i];
        if (member->remark &&
            remarks_is_new(&swarm->remarks, member->container->offers.items[0].service,
                           member->remark))
            report_say(&swarm->report, REPORT_REMARK, "task %s: %s", member->container->name,
                       member->remark);
    }
}

static bool collect(void *state, bool is_wanted, struct set *set)
{
    struct swarm *swarm = state;
    if (!swarm->is_complete || !(swarm->ledger.is_dirty || is_wanted))
        return false;
    ledger_survey(&swarm->ledger, clock_wall_ns(), set);
    tell_contested(swarm);
    return true;
}

static const struct alive *tell_alive(const void *state)
{
    return &((const struct swarm *)state)->alive;
}

static void close_source(void *state)
{
    struct swarm *swarm = state;
    stop_all(swarm);
    ledger_fini(&swarm->ledger);
    remarks_fini(&swarm->remarks);
    fetch_pool_close(swarm->pool);
    text_fini(&swarm->told_place);
    free(swarm);
}

const struct source_kind swarm_source = {
    .word = "swarm",
    .asks_by_http = true,
    .open = open_source,
    .tick = tick,
    .next_tick_ms = next_tick_ms,
    .collect = collect,
    .alive = tell_alive,
    .close = close_source,
};
