#include "discovery/docker/survey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "discovery/clean.h"
#include "discovery/contest/certificate_contest.h"
#include "discovery/contest/listener_contest.h"
#include "discovery/contest/route_contest.h"
#include "discovery/contest/service_contest.h"
#include "lb/base/memory.h"

/* What a member's life means for requests to an offer. A container that uses another one's network
 * drains with it, because that network goes away. */
static enum endpoint_state judge(const struct member *member, const struct offer *offer,
                                 const struct member *owner)
{
    const struct container *container = member->container;
    if (member->is_draining || (owner && owner->is_draining))
        return ENDPOINT_DRAINING;
    if (offer->options->drains)
        return ENDPOINT_DRAINING;
    if (container->paused)
        return ENDPOINT_PAUSED;
    if (offer->options->ignores_health)
        return ENDPOINT_READY;
    if (container->health == CONTAINER_HEALTH_UNHEALTHY)
        return ENDPOINT_UNHEALTHY;
    return container->health == CONTAINER_HEALTH_STARTING ? ENDPOINT_STARTING : ENDPOINT_READY;
}

/* The newer of what happened to the member and to the owner of its network. */
static const struct member *find_culprit(const struct member *member, const struct member *owner)
{
    return owner && owner->cause_time_ns > member->cause_time_ns ? owner : member;
}

/* Remembers a changed placement or state of an offer, with its cause. Takes `placement`. */
static void remember(struct shown *shown, const struct offer *offer, const struct member *member,
                     const struct member *owner, struct placement *placement, uint64_t wall_ns)
{
    enum endpoint_state state = judge(member, offer, owner);
    unsigned weight = offer->options->weight;
    bool is_same = shown->is_known && placement_eq(placement, &shown->placement) &&
                   strcmp(shown->name, member->container->name) == 0;
    bool is_quiet =
        is_same && (!placement->is_usable || (state == shown->state && weight == shown->weight));
    bool same_reason = shown->is_known && !placement->is_usable && !shown->placement.is_usable &&
                       placement->hindrance.reason == shown->placement.hindrance.reason;
    placement_fini(&shown->placement);
    shown->placement = *placement; /* also where it is the same: why it is may differ */
    if (is_quiet)
        return;
    if (!same_reason)
        shown->since_ns = wall_ns;
    free(shown->name);
    shown->name = memory_copy(member->container->name, strlen(member->container->name));
    shown->state = state;
    shown->weight = weight;
    shown->is_known = true;
    const struct member *culprit = find_culprit(member, owner);
    bool is_by_label = offer->options->drains && !culprit->is_draining;
    snprintf(shown->cause, sizeof(shown->cause), "%s", is_by_label ? "label" : culprit->cause);
    shown->cause_time_ns = culprit->cause_time_ns;
}

/* What a check said counts as long as it is not overruled. */
static bool tells_health(const struct container *container)
{
    return container->health == CONTAINER_HEALTH_UNHEALTHY ||
           container->health == CONTAINER_HEALTH_STARTING;
}

/* It is about the container: one of its offers tells it. */
static const char *remark_of(const struct member *member, const struct offer *offer)
{
    return offer == member->container->offers.items ? member->remark : NULL;
}

static void add_endpoint(const struct member *member, const struct offer *offer,
                         const struct shown *shown, struct set *set)
{
    const struct container *container = member->container;
    const struct offer_options *options = offer->options;
    struct set_endpoint endpoint = {
        .service = offer->service,
        .id = shown->id,
        .container = container->id.text,
        .name = container->name,
        .image = container->image,
        .created_ns = container->created_ns,
        .protocol = offer->protocol,
        .address = shown->placement.address,
        .is_on_host = shown->placement.is_on_host && !container->is_remote,
        .is_local = !container->is_remote,
        .port = shown->placement.port,
        .weight = shown->weight,
        .state = shown->state,
        .cause = shown->cause,
        .cause_time_ns = shown->cause_time_ns,
        .check = options->has_check ? &options->check : NULL,
        .slow_start_ms = options->has_slow_start ? &options->slow_start_ms : NULL,
        .waits = options->waits,
        .capacity = options->capacity,
        .remark = remark_of(member, offer),
        .service_from = offer->service_from,
        .port_from = shown->placement.port_from,
        .address_from = shown->placement.address_from,
        .health = tells_health(container) ? container->health_output : NULL};
    offers_tell(&container->offers, offer, &endpoint, set);
}

static void add_left_out(const struct member *member, const struct offer *offer,
                         const struct shown *shown, struct set *set)
{
    const struct hindrance *hindrance = &shown->placement.hindrance;
    set_add_left_out(
        set, &(struct set_left_out){.id = shown->id,
                                    .container = shown->is_port ? member->container->id.text : NULL,
                                    .name = member->container->name,
                                    .service = offer->service,
                                    .reason = hindrance->reason,
                                    .detail = hindrance->detail,
                                    .remedy = hindrance->remedy,
                                    .since_ns = shown->since_ns,
                                    .remark = remark_of(member, offer),
                                    .service_from = offer->service_from,
                                    .port = shown->placement.port,
                                    .port_from = shown->placement.port_from});
}

/* What was shown of this offer on the last line, taken out; nothing but its id if nothing was. NULL
 * or an offer without a port: of the whole container. */
static struct shown take_shown(struct member *member, const struct offer *offer)
{
    const char *container = member->container->id.text;
    struct shown shown = {.is_port = offer && offer->port > 0};
    if (shown.is_port)
        endpoint_id_format(container, offer->port, offer->protocol, shown.id, sizeof(shown.id));
    else
        memcpy(shown.id, container, ENGINE_ID_LEN);
    for (size_t i = 0; i < member->shown_count; i++) {
        struct shown *last = &member->shown[i];
        if (!last->is_known || strcmp(last->id, shown.id) != 0)
            continue;
        shown = *last;
        *last = (struct shown){0};
        break;
    }
    return shown;
}

/* One row for each offer; one alone where something hinders the whole container. */
static void show(struct member *member, const struct member *owner, const struct vantage *vantage,
                 uint64_t wall_ns, struct set *set)
{
    const struct container *container = member->container;
    const struct container *network = owner ? owner->container : NULL;
    struct hindrance hindrance;
    bool is_hindered = hindrance_find(container, network, vantage, &hindrance);
    size_t count = is_hindered ? 1 : container->offers.count;
    struct shown *shown = memory_new(count * sizeof(shown[0]));
    for (size_t i = 0; i < count; i++) {
        const struct offer *offer = &container->offers.items[i];
        struct placement placement;
        if (is_hindered)
            placement_refuse(offer, &hindrance, &placement);
        else
            placement_find(offer, container, network, vantage, &placement);
        shown[i] = take_shown(member, is_hindered ? NULL : offer);
        remember(&shown[i], offer, member, owner, &placement, wall_ns);
        if (shown[i].placement.is_usable)
            add_endpoint(member, offer, &shown[i], set);
        else if (is_hindered || !offer->is_unasked)
            add_left_out(member, offer, &shown[i], set);
    }
    member_free_shown(member->shown, member->shown_count);
    member->shown = shown;
    member->shown_count = count;
}

static struct claimant *fill_claimant(struct member *member)
{
    const struct container *container = member->container;
    struct claimant *claimant = &member->claimant;
    claimant->offers = &container->offers;
    claimant->noun = container->is_task ? "task" : "container";
    claimant->id = container->id.text;
    claimant->name = container->name;
    claimant->created_ns = container->created_ns;
    claimant->is_running = container->running;
    claimant->is_hidden = member->is_hidden;
    return claimant;
}

/* Who gets what several ask for. */
static void settle(struct roster *roster, struct set *set)
{
    struct claimant **claimants = memory_new((roster->count + 1) * sizeof(claimants[0]));
    for (size_t i = 0; i < roster->count; i++)
        claimants[i] = fill_claimant(roster->members[i]);
    route_contest_settle(claimants, roster->count, &roster->shares, set);
    service_contest_settle(claimants, roster->count, set);
    listener_contest_settle(claimants, roster->count, set);
    certificate_contest_settle(claimants, roster->count, &roster->shares, set);
    free(claimants);
}

void survey_take(struct roster *roster, const struct vantage *vantage, uint64_t wall_ns,
                 struct set *set)
{
    set_clear(set);
    settle(roster, set);
    for (size_t i = 0; i < roster->count; i++) {
        struct member *member = roster->members[i];
        free(member->remark);
        member->remark = claimant_tell(&member->claimant);
        if (!member->is_hidden)
            show(member, roster_network_owner(roster, member), vantage, wall_ns, set);
    }
    set_sort(set);
}
