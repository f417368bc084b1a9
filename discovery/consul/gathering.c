#include "discovery/consul/gathering.h"

#include <stdlib.h>
#include <string.h>

#include "discovery/clean.h"
#include "discovery/contest/certificate_contest.h"
#include "discovery/contest/listener_contest.h"
#include "discovery/contest/route_contest.h"
#include "discovery/contest/service_contest.h"
#include "discovery/dialect/traefik_concern.h"
#include "lb/base/memory.h"
#include "lb/base/yes_no.h"
#include "lb/contract/limits.h"

/* ---- what they define for each other --------------------------------------------------------- */

static bool defines(const struct instance *instance, const struct dialect_settings *settings)
{
    const char *enable = instance->words.items.enable;
    if (instance->words.items.count == 0 || instance->offers.disabled_by || instance->words.problem)
        return false;
    return !settings || !settings->traefik.requires_enable ||
           yes_no_read(view_str(enable ? enable : "")) == YES_NO_YES;
}

static int compare_age(const void *left, const void *right)
{
    const struct instance *a = *(struct instance *const *)left;
    const struct instance *b = *(struct instance *const *)right;
    if (a->entry.create_index != b->entry.create_index)
        return a->entry.create_index < b->entry.create_index ? -1 : 1;
    return strcmp(a->entry.id, b->entry.id);
}

/* Those are read again that then mean something else. */
static void interpret(struct gathering *gathering, const struct dialect_settings *settings)
{
    struct traefik_catalog catalog = {0};
    struct dialect_settings own = settings ? *settings : (struct dialect_settings){0};
    own.traefik.catalog = &catalog;
    for (size_t i = 0; i < gathering->count; i++)
        if (defines(gathering->instances[i], settings))
            traefik_catalog_add(&catalog, &gathering->instances[i]->words.items);
    for (size_t i = 0; i < gathering->count; i++) {
        struct instance *instance = gathering->instances[i];
        if (!defines(instance, settings))
            continue;
        uint64_t concern = traefik_concern(&catalog, &instance->words.items);
        if (concern == instance->words.concern)
            continue;
        instance->words.concern = concern;
        instances_read_again(instance, &own);
    }
    traefik_catalog_fini(&catalog);
}

/* ---- who claims what ------------------------------------------------------------------------- */

static int compare_ids(const void *left, const void *right)
{
    const struct instance *a = *(struct instance *const *)left;
    const struct instance *b = *(struct instance *const *)right;
    int order = strcmp(a->entry.id, b->entry.id);
    if (order != 0)
        return order;
    if (a->entry.modify_index != b->entry.modify_index)
        return a->entry.modify_index > b->entry.modify_index ? -1 : 1;
    return strcmp(a->words.service, b->words.service);
}

static void make_room(struct gathering *gathering, size_t needed)
{
    if (needed <= gathering->capacity)
        return;
    gathering->capacity = needed;
    gathering->instances =
        memory_resize(gathering->instances, needed * sizeof(gathering->instances[0]));
    gathering->by_id = memory_resize(gathering->by_id, needed * sizeof(gathering->by_id[0]));
    gathering->claimants =
        memory_resize(gathering->claimants, needed * sizeof(gathering->claimants[0]));
}

/* Each id once. */
static void list_by_id(struct gathering *gathering, struct instances *const *lists, size_t count)
{
    size_t all = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < lists[i]->count; k++)
            gathering->by_id[all++] = lists[i]->items[k];
    if (all > 0)
        qsort(gathering->by_id, all, sizeof(gathering->by_id[0]), compare_ids);
    gathering->count = 0;
    for (size_t i = 0; i < all; i++) {
        struct instance *instance = gathering->by_id[i];
        const char *last =
            gathering->count > 0 ? gathering->by_id[gathering->count - 1]->entry.id : NULL;
        instance->is_shadowed = last && strcmp(last, instance->entry.id) == 0;
        if (!instance->is_shadowed)
            gathering->by_id[gathering->count++] = instance;
    }
}

static void list_all(struct gathering *gathering, struct instances *const *lists, size_t count)
{
    size_t needed = 0;
    for (size_t i = 0; i < count; i++)
        needed += lists[i]->count;
    make_room(gathering, needed);
    list_by_id(gathering, lists, count);
    if (gathering->count == 0)
        return;
    memcpy(gathering->instances, gathering->by_id,
           gathering->count * sizeof(gathering->instances[0]));
    qsort(gathering->instances, gathering->count, sizeof(gathering->instances[0]), compare_age);
}

/* In the year 2116; a line tells it as an integer of JSON, which has no more than 63 bits. */
#define LATER_THAN_ALL_NS (UINT64_C(1) << 62)

/* The catalog counts, and Docker has the time: whatever containers there are count as older, so that nobody's
 * entries take their places. */
static uint64_t created_of(const struct catalog_entry *entry)
{
    return LATER_THAN_ALL_NS | (entry->create_index & (LATER_THAN_ALL_NS - 1));
}

/* Consul tells no time of birth; its index is in the same order. */
static void settle_claims(struct gathering *gathering, struct set *set)
{
    for (size_t i = 0; i < gathering->count; i++) {
        struct instance *instance = gathering->instances[i];
        struct claimant *claimant = &instance->claimant;
        claimant->offers = &instance->offers;
        claimant->noun = "entry";
        claimant->id = instance->entry.id;
        claimant->name = instance->entry.name;
        claimant->created_ns = created_of(&instance->entry);
        claimant->is_running = !instance->entry.detail;
        claimant->is_hidden = instance->words.problem != NULL;
        gathering->claimants[i] = claimant;
    }
    route_contest_settle(gathering->claimants, gathering->count, &gathering->shares, set);
    service_contest_settle(gathering->claimants, gathering->count, set);
    listener_contest_settle(gathering->claimants, gathering->count, set);
    certificate_contest_settle(gathering->claimants, gathering->count, &gathering->shares, set);
}

/* ---- what is told of one --------------------------------------------------------------------- */

/* The name is not registrator's word here (tag_words.h), but the catalog's own. */
static const char *tell_service_from(const struct offer *offer)
{
    return strcmp(offer->service_from, "SERVICE_NAME") == 0 ? "its name in the catalog"
                                                            : offer->service_from;
}

static void leave_out(const struct instance *instance, const struct instances *list,
                      enum left_out_reason reason, const char *detail, const char *remedy,
                      struct set *set)
{
    const struct offer *offer = &instance->offers.items[0];
    set_add_left_out(set,
                     &(struct set_left_out){
                         .id = instance->entry.id,
                         .name = instance->entry.name,
                         .service = offer->service ? offer->service : list->service,
                         .reason = reason,
                         .detail = detail,
                         .remedy = remedy,
                         .since_ns = instance->since_ns,
                         .remark = instance->remark,
                         .service_from = tell_service_from(offer),
                         .port = instance->entry.port,
                         .port_from = instance->entry.port > 0 ? instance->entry.port_from : NULL});
}

/* What stands against all of it. */
static bool is_left_out(struct gathering *gathering, const struct instance *instance,
                        const struct instances *list, struct set *set)
{
    const struct offers *offers = &instance->offers;
    const struct catalog_entry *entry = &instance->entry;
    struct text detail = TEXT_INIT;
    if (instance->words.problem) {
        text_appendf(&detail, "%s%s%s", instance->words.problem, instance->words.twice ? ": " : "",
                     instance->words.twice ? instance->words.twice : "");
        leave_out(instance, list, instance->words.twice ? LEFT_OUT_BAD_LABEL : LEFT_OUT_TOO_MUCH,
                  arena_copy(&gathering->texts, view_of(detail.bytes, detail.len + 1)).ptr,
                  "Correct its tags, and register it again.", set);
    } else if (offers->disabled_by) {
        text_appendf(&detail, "it has %s", offers->disabled_by);
        leave_out(instance, list, LEFT_OUT_DISABLED,
                  arena_copy(&gathering->texts, view_of(detail.bytes, detail.len + 1)).ptr, NULL,
                  set);
    } else if (entry->detail) {
        leave_out(instance, list, entry->reason, entry->detail, entry->remedy, set);
    } else if (offers->fault_detail && offers->fault == LEFT_OUT_NO_PORT) {
        leave_out(instance, list, LEFT_OUT_NO_PORT, "it is registered without a port",
                  "Register it with one, or name it: --consul-port NAME=PORT.", set);
    } else if (offers->fault_detail) {
        leave_out(instance, list, offers->fault, offers->fault_detail, NULL, set);
    } else {
        return false;
    }
    text_fini(&detail);
    return true;
}

static bool has_id(const struct gathering *gathering, const char *id)
{
    size_t low = 0, high = gathering->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(gathering->by_id[middle]->entry.id, id);
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* Its own id for its own port, and one with the port for another that its tags name. NULL: that is another
 * entry's, and this port is passed over. */
static const char *name_offer(struct gathering *gathering, const struct instance *instance,
                              const struct offer *offer)
{
    const struct catalog_entry *entry = &instance->entry;
    char id[LIMITS_NAME_BYTES_MAX + ENDPOINT_ID_PORT_BYTES];
    const char *own = json_object_iter_key(json_object_iter(instance->words.exposed));
    bool is_own_udp = own && view_ends_with(view_str(own), VIEW("/udp"));
    if (offer->port == entry->port && offers_is_udp(offer) == is_own_udp)
        return entry->id;
    endpoint_id_format(entry->id, offer->port, offer->protocol, id, sizeof(id));
    if (has_id(gathering, id))
        return NULL;
    return arena_copy(&gathering->texts, view_of(id, strlen(id) + 1)).ptr;
}

static void judge(const struct instance *instance, const struct offer_options *options,
                  struct set_endpoint *endpoint)
{
    endpoint->state = instance->entry.state;
    endpoint->cause = instance->cause;
    endpoint->cause_time_ns = instance->cause_time_ns;
    if (options->drains && endpoint->state != ENDPOINT_DRAINING) {
        endpoint->state = ENDPOINT_DRAINING;
        endpoint->cause = "label";
    } else if (options->ignores_health && endpoint->state == ENDPOINT_UNHEALTHY) {
        endpoint->state = ENDPOINT_READY;
    }
    if (endpoint->state != ENDPOINT_READY || instance->entry.is_warning)
        endpoint->health = instance->entry.health;
}

static void add_offer(struct gathering *gathering, const struct instance *instance,
                      const struct instances *list, const struct offer *offer, struct set *set)
{
    const struct catalog_entry *entry = &instance->entry;
    const struct offer_options *options = offer->options;
    bool is_own_port = offer->port == entry->port;
    bool has_own_address = options->address[0] != '\0';
    struct set_endpoint endpoint = {
        .service = offer->service,
        .id = name_offer(gathering, instance, offer),
        .name = entry->name,
        .owner = entry->id,
        .created_ns = created_of(entry),
        .protocol = offer->protocol,
        .address = has_own_address ? options->address : entry->address,
        .port = offer->port,
        .is_on_host = entry->is_on_host && !has_own_address,
        .is_local = entry->is_local,
        .twin = entry->twin[0] != '\0' ? entry->twin : NULL,
        .weight =
            options->weight != 1 ? options->weight : catalog_entry_weigh(entry, list->heaviest),
        .check = options->has_check ? &options->check : NULL,
        .slow_start_ms = options->has_slow_start ? &options->slow_start_ms : NULL,
        .waits = options->waits,
        .capacity = options->capacity,
        .remark = offer == instance->offers.items ? instance->remark : NULL,
        .service_from = tell_service_from(offer),
        .port_from = is_own_port ? entry->port_from : offer->port_from,
        .address_from = has_own_address ? "its tag lb.address" : entry->address_from};
    judge(instance, options, &endpoint);
    if (endpoint.id)
        offers_tell(&instance->offers, offer, &endpoint, set);
}

static void add_instance(struct gathering *gathering, struct instance *instance,
                         const struct instances *list, struct set *set)
{
    free(instance->remark);
    instance->remark = claimant_tell(&instance->claimant);
    if (is_left_out(gathering, instance, list, set))
        return;
    for (size_t i = 0; i < instance->offers.count; i++)
        add_offer(gathering, instance, list, &instance->offers.items[i], set);
}

/* ---- all ------------------------------------------------------------------------------------- */

static void remark_whole(struct gathering *gathering, struct instances *const *lists, size_t count)
{
    struct text text = TEXT_INIT;
    free(gathering->remark);
    gathering->remark = NULL;
    for (size_t i = 0; i < count && text.len < LIMITS_OBSTACLE_BYTES_MAX; i++)
        if (lists[i]->nameless_count > 0)
            text_appendf(&text,
                         "%s%zu entries of %s cannot be told: their nodes or ids are longer than "
                         "250 bytes, or hold control characters",
                         text.len > 0 ? "; " : "", lists[i]->nameless_count, lists[i]->service);
    if (text.len > 0)
        gathering->remark = clean_copy(text_view(&text), LIMITS_OBSTACLE_BYTES_MAX);
    text_fini(&text);
}

void gathering_fill(struct gathering *gathering, struct instances *const *lists, size_t count,
                    const struct dialect_settings *settings, struct set *set)
{
    arena_fini(&gathering->texts);
    set_clear(set);
    list_all(gathering, lists, count);
    interpret(gathering, settings);
    settle_claims(gathering, set);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < lists[i]->count; k++)
            if (!lists[i]->items[k]->is_shadowed)
                add_instance(gathering, lists[i]->items[k], lists[i], set);
    remark_whole(gathering, lists, count);
    set->remark = gathering->remark;
    set_sort(set);
}

void gathering_fini(struct gathering *gathering)
{
    arena_fini(&gathering->texts);
    arena_fini(&gathering->shares);
    free(gathering->claimants);
    free(gathering->instances);
    free(gathering->by_id);
    free(gathering->remark);
    *gathering = (struct gathering){0};
}
