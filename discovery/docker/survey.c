#include "discovery/docker/survey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"

/* What a member's life means for requests. A container that uses another one's network drains
 * with it, because that network goes away. */
static enum endpoint_state judge(const struct member *member, const struct member *owner)
{
    const struct container *container = member->container;
    if (member->is_draining || (owner && owner->is_draining))
        return ENDPOINT_DRAINING;
    if (container->asked.drains)
        return ENDPOINT_DRAINING;
    if (container->paused)
        return ENDPOINT_PAUSED;
    if (container->asked.ignores_health)
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

/* Remembers a changed placement or state, with its cause. Takes `placement`. */
static void remember(struct member *member, const struct member *owner, struct placement *placement,
                     uint64_t wall_ns)
{
    struct shown *shown = &member->shown;
    enum endpoint_state state = judge(member, owner);
    unsigned weight = member->container->asked.weight;
    bool is_same = shown->is_known && placement_eq(placement, &shown->placement) &&
                   strcmp(shown->name, member->container->name) == 0;
    bool is_quiet =
        is_same && (!placement->is_usable || (state == shown->state && weight == shown->weight));
    bool same_reason = shown->is_known && !placement->is_usable && !shown->placement.is_usable &&
                       placement->reason == shown->placement.reason;
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
    bool is_by_label = member->container->asked.drains && !culprit->is_draining;
    snprintf(shown->cause, sizeof(shown->cause), "%s", is_by_label ? "label" : culprit->cause);
    shown->cause_time_ns = culprit->cause_time_ns;
}

/* What a check said counts as long as it is not overruled. */
static bool tells_health(const struct container *container)
{
    return container->health == CONTAINER_HEALTH_UNHEALTHY ||
           container->health == CONTAINER_HEALTH_STARTING;
}

static void add_member(const struct member *member, struct set *set)
{
    const struct container *container = member->container;
    const struct lb_labels *asked = &container->asked;
    const struct shown *shown = &member->shown;
    if (shown->placement.is_usable)
        set_add_endpoint(set,
                         &(struct set_endpoint){
                             .service = container->asked.service,
                             .id = container->id.text,
                             .name = container->name,
                             .address = shown->placement.address,
                             .is_on_host = shown->placement.is_on_host,
                             .port = shown->placement.port,
                             .weight = shown->weight,
                             .state = shown->state,
                             .cause = shown->cause,
                             .cause_time_ns = shown->cause_time_ns,
                             .check = asked->has_check ? &asked->check : NULL,
                             .slow_start_ms = asked->has_slow_start ? &asked->slow_start_ms : NULL,
                             .waits = asked->waits,
                             .remark = asked->remark,
                             .service_from = asked->service_from,
                             .port_from = shown->placement.port_from,
                             .address_from = shown->placement.address_from,
                             .health = tells_health(container) ? container->health_output : NULL});
    else
        set_add_left_out(set, &(struct set_left_out){.id = container->id.text,
                                                     .name = container->name,
                                                     .service = container->asked.service,
                                                     .reason = shown->placement.reason,
                                                     .detail = shown->placement.detail,
                                                     .remedy = shown->placement.remedy,
                                                     .since_ns = shown->since_ns,
                                                     .remark = asked->remark,
                                                     .service_from = asked->service_from,
                                                     .port = shown->placement.port,
                                                     .port_from = shown->placement.port_from});
}

void survey_take(struct roster *roster, const struct vantage *vantage, uint64_t wall_ns,
                 struct set *set)
{
    set_clear(set);
    for (size_t i = 0; i < roster->count; i++) {
        struct member *member = roster->members[i];
        if (member->is_hidden)
            continue;
        struct member *owner = roster_network_owner(roster, member);
        struct placement placement;
        placement_find(member->container, owner ? owner->container : NULL, vantage, &placement);
        remember(member, owner, &placement, wall_ns);
        add_member(member, set);
    }
    set_sort(set);
}
