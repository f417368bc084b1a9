#include "discovery/docker/intake.h"

#include <stdlib.h>

#include "lb/base/clock.h"
#include "lb/contract/limits.h"

#define ASK_AGAIN_AFTER_MS 2000
/* After the engine said more of a container than is accepted. */
#define ASK_LATER_AFTER_MS 60000
/* Without events. */
#define POLL_EVERY_MS 2000
/* How often lists are asked for because something was missed, and in place of inspects. */
#define GAP_EVERY_MS      1000
#define NO_INSPECT_GAP_MS 200
/* Containers that the engine cannot tell about hold up the first line no longer than this after
 * the last one that it could; then they are left out, with that reason. */
#define SETTLE_AFTER_MS 2000

static uint64_t now_ms(void)
{
    return clock_mono_ns() / 1000000;
}

/* Goes on without something, and says so. */
void intake_note_loss(struct intake *intake, enum loss loss, int status)
{
    const char *sentence = losses_note(&intake->losses, loss, status);
    if (!sentence)
        return;
    intake->change_count++;
    report_say(intake->options.report, REPORT_TROUBLE, "the engine at %s: %s",
               intake->options.server, sentence);
}

/* Something was missed: the lists are to tell, and the inspects. */
void intake_ask_all_again(struct intake *intake)
{
    uint64_t pause_ms =
        losses_has(&intake->losses, LOSS_INSPECT) ? NO_INSPECT_GAP_MS : GAP_EVERY_MS;
    if (intake->gap_at_ms == 0)
        intake->gap_at_ms = intake->listed_at_ms + pause_ms;
}

void intake_take_move(struct intake *intake)
{
    intake->change_count++;
    way_out_reset(&intake->way_out);
    intake_ask_all_again(intake);
}

/* ---- the lists and the inspects that follow from them --------------------------------------- */

static void take_step(struct intake *intake, struct member *member, enum roster_step step,
                      bool is_urgent)
{
    switch (step) {
    case ROSTER_IGNORE:
        return;
    case ROSTER_ASK:
        if (losses_has(&intake->losses, LOSS_INSPECT))
            intake_ask_all_again(intake);
        else
            inspector_ask(&intake->inspector, member, is_urgent);
        break;
    case ROSTER_SHOW:
        inspector_forget(&intake->inspector, member);
        break;
    case ROSTER_GONE:
        inspector_forget(&intake->inspector, member);
        roster_remove(&intake->roster, member);
        break;
    }
    intake->change_count++;
}

static void remove_unlisted(struct intake *intake)
{
    for (size_t i = intake->roster.count; i > 0; i--) {
        struct member *member = intake->roster.members[i - 1];
        if (roster_is_unlisted(member, intake->asked))
            take_step(intake, member, ROSTER_GONE, false);
    }
}

static void note_progress(struct intake *intake)
{
    intake->change_count++;
    intake->settle_until_ms = now_ms() + SETTLE_AFTER_MS;
}

static void take_container(void *owner, struct member *member, struct container *container);

/* One entry; where nobody may inspect it is all that there is to know. */
static void take_entry(struct intake *intake, const json_t *json, const struct listing *entry)
{
    struct member *member = NULL;
    /* Without events the lists come too often for that. */
    bool must_ask = intake->must_ask || (!losses_has(&intake->losses, LOSS_EVENTS) &&
                                         !losses_has(&intake->losses, LOSS_INSPECT) &&
                                         roster_health_may_differ(&intake->roster, &entry->id));
    enum roster_step step =
        roster_take_listing(&intake->roster, entry, intake->asked, must_ask, &member);
    if (step != ROSTER_ASK || !losses_has(&intake->losses, LOSS_INSPECT)) {
        take_step(intake, member, step, false);
        return;
    }
    json_t *inspect = listing_as_inspect(json);
    struct container *container = container_from_inspect(inspect, &intake->interpreter.settings);
    json_decref(inspect);
    if (container)
        container->created_ns = entry->created_ns;
    if (container)
        take_container(intake, member, container);
}

static void take_entries(struct intake *intake, const json_t *containers)
{
    size_t refused_count = 0;
    struct listing entry;
    intake->roster.autopsy_count = 0;
    for (size_t i = 0; i < intake->roster.count; i++)
        intake->roster.members[i]->is_listed = false;
    for (size_t i = 0; i < json_array_size(containers); i++) {
        const json_t *json = json_array_get(containers, i);
        if (listing_read(json, &entry))
            take_entry(intake, json, &entry);
        else
            refused_count++;
    }
    if (refused_count > 0)
        report_say(intake->options.report, REPORT_TROUBLE,
                   "%zu entries of the list have no valid id", refused_count);
    if (json_array_size(containers) > LIMITS_ENDPOINTS_MAX)
        report_say(intake->options.report, REPORT_TROUBLE,
                   "the engine has %zu containers; only %d of them are looked at",
                   json_array_size(containers), LIMITS_ENDPOINTS_MAX);
}

static void take_lists(void *owner, const json_t *containers, const json_t *networks, int refusal)
{
    struct intake *intake = owner;
    uint32_t again_ms = intake->options.resync_ms;
    if (!networks)
        intake_note_loss(intake, LOSS_NETWORKS, refusal);
    vantage_take_networks(&intake->vantage, networks);
    way_out_reset(&intake->way_out);
    take_entries(intake, containers);
    remove_unlisted(intake);
    intake->must_ask = false;
    intake->is_settling = true;
    intake->options.alive->last_sync_ns = clock_wall_ns();
    note_progress(intake);
    if (losses_has(&intake->losses, LOSS_EVENTS) && again_ms > POLL_EVERY_MS)
        again_ms = POLL_EVERY_MS;
    intake->resync_at_ms = now_ms() + again_ms;
}

static void take_lists_failure(void *owner, const char *why)
{
    struct intake *intake = owner;
    intake->options.on_failure(intake->options.owner, why);
}

static void start_resync(struct intake *intake, enum alive_resync reason)
{
    intake->options.alive->resyncs[reason]++;
    intake->asked = intake->roster.event_count;
    intake->resync_at_ms = 0; /* set again when the lists are there */
    intake->listed_at_ms = now_ms();
    resync_start(&intake->resync, intake->options.pool, intake->options.prefix,
                 &(struct resync_handler){
                     .owner = intake, .on_lists = take_lists, .on_failure = take_lists_failure});
}

static void settle(struct intake *intake, uint64_t time_ms)
{
    if (!intake->is_settling ||
        (!inspector_is_idle(&intake->inspector) && time_ms < intake->settle_until_ms))
        return;
    intake->is_settling = false;
    for (size_t i = 0; !intake->is_complete && i < intake->roster.count; i++)
        if (intake->roster.members[i]->is_hidden)
            roster_take_failure(&intake->roster, intake->roster.members[i], 0, false);
    intake->is_complete = true;
    intake->change_count++;
    intake->options.on_settled(intake->options.owner);
}

static void tell_remark(struct intake *intake, const struct container *container)
{
    const struct offers *offers = &container->offers;
    if (offers->remark &&
        remarks_is_new(&intake->remarks, offers->items[0].service, offers->remark))
        report_say(intake->options.report, REPORT_REMARK, "container %s: %s%s%s", container->name,
                   offers->remark, offers->disabled_by ? "; it is left out for " : "",
                   offers->disabled_by ? offers->disabled_by : "");
}

static void take_container(void *owner, struct member *member, struct container *container)
{
    struct intake *intake = owner;
    bool is_taken = roster_take_container(&intake->roster, member, container, now_ms());
    note_progress(intake);
    if (!is_taken)
        return;
    if (!container->words)
        tell_remark(intake, container);
    if (engine_id_eq(&container->id, &intake->vantage.network_id) && container->running &&
        vantage_take_container(&intake->vantage, container)) {
        way_out_reset(&intake->way_out);
        roster_note_all(&intake->roster, member);
        intake_ask_all_again(intake); /* which of the networks are internal, the lists tell */
    }
}

static void take_gone(void *owner, struct member *member)
{
    struct intake *intake = owner;
    roster_remove(&intake->roster, member);
    note_progress(intake);
}

/* All are in the list that comes next, and nothing is told before it. */
static void take_inspect_refused(void *owner, int status)
{
    struct intake *intake = owner;
    intake_note_loss(intake, LOSS_INSPECT, status);
    inspector_forget_all(&intake->inspector);
    intake->is_settling = false;
    intake_ask_all_again(intake);
}

static void take_failure(void *owner, struct member *member, const char *why, bool is_too_large)
{
    struct intake *intake = owner;
    report_say(intake->options.report, REPORT_DETAIL, "asking for container %s: %s",
               member->container->name, why);
    roster_take_failure(&intake->roster, member,
                        now_ms() + (is_too_large ? ASK_LATER_AFTER_MS : ASK_AGAIN_AFTER_MS),
                        is_too_large);
    note_progress(intake);
}

/* ---- for the connection ---------------------------------------------------------------------- */

void intake_start(struct intake *intake)
{
    start_resync(intake, intake->is_complete ? ALIVE_RESYNC_RECONNECT : ALIVE_RESYNC_START);
}

void intake_stop(struct intake *intake)
{
    way_out_reset(&intake->way_out);
    resync_stop(&intake->resync);
    inspector_forget_all(&intake->inspector);
    losses_forget(&intake->losses);
    intake->must_ask = true;
    intake->is_settling = false;
    intake->gap_at_ms = intake->resync_at_ms = 0;
}

void intake_take_event(struct intake *intake, const struct docker_event *event)
{
    struct member *member;
    if (event->kind == DOCKER_EVENT_CONNECT && network_id_is_set(&event->network))
        vantage_note_driver(&intake->vantage, &event->network, event->driver);
    enum roster_step step = roster_take_event(&intake->roster, event, now_ms(), &member);
    take_step(intake, member, step, true);
}

static void start_due_resync(struct intake *intake, uint64_t time_ms)
{
    if (intake->resync_at_ms == 0)
        return; /* lists are on their way, or lb is not yet located */
    if (intake->gap_at_ms > 0 && time_ms >= intake->gap_at_ms) {
        intake->gap_at_ms = 0;
        intake->must_ask = true;
        start_resync(intake, ALIVE_RESYNC_RECONNECT);
    } else if (time_ms >= intake->resync_at_ms) {
        start_resync(intake, ALIVE_RESYNC_TIMER);
    }
}

void intake_tick(struct intake *intake, uint64_t time_ms)
{
    start_due_resync(intake, time_ms);
    for (struct member *due; (due = roster_take_due(&intake->roster, time_ms)) != NULL;)
        take_step(intake, due, ROSTER_ASK, due->container->running);
    settle(intake, time_ms);
}

static void pull_in(uint64_t *next_ms, uint64_t at_ms)
{
    if (at_ms > 0 && at_ms < *next_ms)
        *next_ms = at_ms;
}

uint64_t intake_next_tick_ms(const struct intake *intake)
{
    uint64_t next_ms = UINT64_MAX;
    pull_in(&next_ms, intake->resync_at_ms);
    pull_in(&next_ms, intake->resync_at_ms > 0 ? intake->gap_at_ms : 0);
    pull_in(&next_ms, intake->roster.next_ask_at_ms);
    pull_in(&next_ms, intake->is_settling ? intake->settle_until_ms : 0);
    return next_ms;
}

static void tell_read(void *owner, const struct container *container)
{
    tell_remark(owner, container);
}

static void tell_contested(struct intake *intake)
{
    for (size_t i = 0; i < intake->roster.count; i++) {
        const struct member *member = intake->roster.members[i];
        const char *service = member->container->offers.items[0].service;
        if (member->claimant.contested &&
            remarks_is_new(&intake->remarks, service, member->claimant.contested))
            report_say(intake->options.report, REPORT_REMARK, "container %s: %s",
                       member->container->name, member->claimant.contested);
    }
}

bool intake_collect(struct intake *intake, bool is_wanted, struct set *set)
{
    if (!intake->is_complete || (intake->told_count == intake->change_count && !is_wanted))
        return false;
    intake->told_count = intake->change_count;
    interpreter_follow(&intake->interpreter, &intake->roster, tell_read, intake);
    survey_take(&intake->roster, &intake->vantage, clock_wall_ns(), set);
    tell_contested(intake);
    set->losses = &intake->losses;
    way_out_check(&intake->way_out);
    return true;
}

static void take_other_gateway(void *owner, const char *old, const char *now)
{
    struct intake *intake = owner;
    intake->change_count++;
    report_say(intake->options.report, REPORT_NEWS,
               "the host does not answer at %s: ports published on it are reached at %s", old, now);
}

void intake_init(struct intake *intake, const struct intake_options *options)
{
    *intake = (struct intake){.options = *options};
    if (options->dialects)
        intake->interpreter.settings = *options->dialects;
    intake->interpreter.settings.registers |= options->registers;
    intake->roster.settings = &intake->interpreter.settings;
    vantage_init(&intake->vantage);
    intake->way_out = (struct way_out){.pool = options->pool,
                                       .vantage = &intake->vantage,
                                       .roster = &intake->roster,
                                       .owner = intake,
                                       .on_change = take_other_gateway};
    inspector_init(&intake->inspector, options->pool, options->prefix,
                   &(struct inspector_handler){.owner = intake,
                                               .on_container = take_container,
                                               .on_gone = take_gone,
                                               .on_refused = take_inspect_refused,
                                               .on_failure = take_failure});
    intake->inspector.settings = &intake->interpreter.settings;
}

void intake_fini(struct intake *intake)
{
    roster_fini(&intake->roster);
    remarks_fini(&intake->remarks);
    vantage_fini(&intake->vantage);
}
