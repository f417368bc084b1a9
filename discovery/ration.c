#include "discovery/ration.h"

#include <stdlib.h>
#include <string.h>

#include "discovery/emit.h"
#include "lb/base/memory.h"
#include "lb/contract/limits.h"

/* For version, source and time, the names of arrays and what is lost. */
#define FRAME_BYTES 8192u
/* A share of so many items has so many bytes, each. */
#define BYTES_PER_ITEM 1024u
#define TOLD_MAX       3u

/* Of routes and endpoints, until what is left goes to whoever wants it. */
static const size_t shares[] = {2, 8, 32, 128, 512, 2048, SIZE_MAX};

static const struct ration_room whole = {.routes = LIMITS_ROUTES_MAX,
                                         .endpoints = LIMITS_ENDPOINTS_MAX,
                                         .listeners = LISTENER_RULES_MAX,
                                         .left_out = LIMITS_LEFT_OUT_MAX,
                                         .bytes = LIMITS_LINE_BYTES_MAX - FRAME_BYTES,
                                         .kept_bytes = 2u << 20};

/* What an owner has got so far. */
struct grant {
    size_t next; /* of its parts */
    struct demand_size size;
    bool is_over; /* there is no room for its next part */
};

struct sharing {
    const struct set *set;
    struct demand demand;
    struct text scratch;
    struct grant *grants; /* one for each owner */
    struct demand_size given;
    struct ration_room room;
};

/* ---- who gets what --------------------------------------------------------------------------- */

static bool is_within(const struct demand_size *had, const struct demand_size *more,
                      size_t item_count)
{
    size_t items = had->route_count + more->route_count + had->endpoint_count +
                   more->endpoint_count + had->listener_count + more->listener_count;
    size_t bytes = had->bytes + more->bytes;
    return items <= item_count && bytes / BYTES_PER_ITEM <= item_count;
}

static bool has_room(const struct sharing *sharing, const struct demand_size *more)
{
    const struct demand_size *given = &sharing->given;
    const struct ration_room *room = &sharing->room;
    return given->route_count + more->route_count <= room->routes &&
           given->endpoint_count + more->endpoint_count <= room->endpoints &&
           given->listener_count + more->listener_count <= room->listeners &&
           given->bytes + more->bytes <= room->bytes - room->kept_bytes;
}

/* What the operator wrote has no share: it comes first, whole. */
static void give_share(struct sharing *sharing, size_t at, size_t share)
{
    const struct demand_owner *owner = &sharing->demand.owners[at];
    struct grant *grant = &sharing->grants[at];
    if (owner->id.len == 0)
        share = SIZE_MAX;
    while (!grant->is_over && owner->begin + grant->next < owner->end) {
        struct demand_part *part = &sharing->demand.parts[owner->begin + grant->next];
        const struct demand_size *more = &part->size;
        if (is_within(&grant->size, more, share) && has_room(sharing, more))
            demand_weigh(sharing->set, &sharing->demand, part, &sharing->scratch);
        if (!is_within(&grant->size, more, share))
            return;
        grant->is_over = !has_room(sharing, more);
        if (grant->is_over)
            return;
        demand_add_size(&grant->size, more);
        demand_add_size(&sharing->given, more);
        grant->next++;
    }
}

static void share_out(struct sharing *sharing)
{
    for (size_t round = 0; round < sizeof(shares) / sizeof(shares[0]); round++)
        for (size_t i = 0; i < sharing->demand.owner_count; i++)
            give_share(sharing, i, shares[round]);
}

/* ---- what is told of it ---------------------------------------------------------------------- */

static const struct ration_cut *find_cut(const struct ration_cut *cuts, size_t count,
                                         struct view id)
{
    for (size_t i = 0; i < count; i++)
        if (view_eq(view_str(cuts[i].id), id))
            return &cuts[i];
    return NULL;
}

static struct view name_of(const struct set *set, const struct demand_item *item)
{
    if (item->owner.len == 0)
        return VIEW("file");
    if (item->kind == DEMAND_ENDPOINT)
        return view_str(set->endpoints[item->at].name);
    return item->kind == DEMAND_ROUTE ? set->routes[item->at].name
                                      : set->listeners[item->at].container_name;
}

static char *explain(const struct sharing *sharing, const struct demand_size *asked,
                     const struct demand_size *got)
{
    struct text text = TEXT_INIT;
    text_appendf(&text,
                 "%zu of its %zu routes and %zu of its %zu places in services are not told: all "
                 "together ask for %zu and %zu, and a line has room for %zu and %zu in 16 MiB; who "
                 "is older, or asks for less, comes first",
                 asked->route_count - got->route_count, asked->route_count,
                 asked->endpoint_count - got->endpoint_count, asked->endpoint_count,
                 sharing->demand.size.route_count, sharing->demand.size.endpoint_count,
                 sharing->room.routes, sharing->room.endpoints);
    if (asked->listener_count > 0)
        text_appendf(&text, "; of its %zu rules for listeners %zu are not told, of %zu for %zu",
                     asked->listener_count, asked->listener_count - got->listener_count,
                     sharing->demand.size.listener_count, sharing->room.listeners);
    return text.bytes;
}

static void note_cut(struct ration *ration, const struct ration_cut *known, size_t known_count,
                     const struct set *set, const struct sharing *sharing, size_t at,
                     uint64_t wall_ns)
{
    const struct demand_owner *owner = &sharing->demand.owners[at];
    const struct demand_part *part = &sharing->demand.parts[owner->begin];
    const struct ration_cut *before = find_cut(known, known_count, owner->id);
    struct view name = name_of(set, &sharing->demand.items[part->begin]);
    ration->cuts[ration->cut_count++] =
        (struct ration_cut){.id = owner->id.len > 0 ? memory_copy(owner->id.ptr, owner->id.len)
                                                    : memory_copy("file", 4),
                            .name = memory_copy(name.ptr, name.len),
                            .detail = explain(sharing, &owner->size, &sharing->grants[at].size),
                            .since_ns = before ? before->since_ns : wall_ns,
                            .is_new = !before};
}

static void free_cuts(struct ration_cut *cuts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(cuts[i].id);
        free(cuts[i].name);
        free(cuts[i].detail);
    }
    free(cuts);
}

static void note_cuts(struct ration *ration, const struct set *set, const struct sharing *sharing,
                      uint64_t wall_ns)
{
    struct ration_cut *known = ration->cuts;
    size_t known_count = ration->cut_count;
    ration->cuts = memory_new((sharing->demand.owner_count + 1) * sizeof(ration->cuts[0]));
    ration->cut_count = 0;
    for (size_t i = 0; i < sharing->demand.owner_count; i++) {
        const struct demand_owner *owner = &sharing->demand.owners[i];
        if (owner->begin + sharing->grants[i].next < owner->end)
            note_cut(ration, known, known_count, set, sharing, i, wall_ns);
    }
    free_cuts(known, known_count);
}

bool ration_tell(const struct ration *ration, struct text *out)
{
    size_t new_count = 0;
    for (size_t i = 0; i < ration->cut_count; i++)
        if (ration->cuts[i].is_new && new_count++ < TOLD_MAX)
            text_appendf(out, "%s%s",
                         new_count > 1 ? ", "
                                       : "containers ask for more than a line "
                                         "has room for, and part of what they "
                                         "claim is not told: ",
                         ration->cuts[i].name);
    if (new_count > TOLD_MAX)
        text_appendf(out, " and %zu more", new_count - TOLD_MAX);
    if (ration->untold_count > 0)
        text_appendf(out, "%sof what is left out a line has no room for all, and part is not told",
                     new_count > 0 ? "; " : "");
    return out->len > 0;
}

/* ---- the set that there is room for ---------------------------------------------------------- */

/* Of each kind, whether the item at that place is told. */
struct granted {
    bool *of[DEMAND_KIND_COUNT];
};

static void mark_granted(const struct sharing *sharing, const struct granted *granted)
{
    const struct demand *demand = &sharing->demand;
    for (size_t i = 0; i < demand->owner_count; i++)
        for (size_t k = 0; k < sharing->grants[i].next; k++) {
            const struct demand_part *part = &demand->parts[demand->owners[i].begin + k];
            for (size_t at = part->begin; at < part->end; at++)
                granted->of[demand->items[at].kind][demand->items[at].at] = true;
        }
}

static void take_granted(struct ration *ration, const struct set *set,
                         const struct sharing *sharing)
{
    struct granted granted = {{memory_new(set->endpoint_count + 1),
                               memory_new(set->route_count + 1),
                               memory_new(set->listener_count + 1)}};
    mark_granted(sharing, &granted);
    for (size_t i = 0; i < set->route_count; i++)
        if (granted.of[DEMAND_ROUTE][i])
            set_add_route(&ration->set, &set->routes[i]);
    for (size_t i = 0; i < set->endpoint_count; i++)
        if (granted.of[DEMAND_ENDPOINT][i])
            set_add_endpoint(&ration->set, &set->endpoints[i]);
    for (size_t i = 0; i < set->listener_count; i++)
        if (granted.of[DEMAND_LISTENER][i])
            set_add_listener(&ration->set, &set->listeners[i]);
    for (size_t i = 0; i < set->service_count; i++)
        set_add_service(&ration->set, &set->services[i]);
    for (size_t i = 0; i < set->certificate_count; i++)
        set_add_certificate(&ration->set, &set->certificates[i]);
    for (unsigned kind = 0; kind < DEMAND_KIND_COUNT; kind++)
        free(granted.of[kind]);
}

/* What stands first is told first. */
static void take_left_out(struct ration *ration, const struct set_left_out *left_out,
                          const struct ration_room *room, size_t *bytes, struct text *scratch)
{
    *bytes += emit_left_out_bytes(left_out, scratch);
    if (*bytes <= room->bytes && ration->set.left_out_count < room->left_out)
        set_add_left_out(&ration->set, left_out);
    else
        ration->untold_count++;
}

static void take_all_left_out(struct ration *ration, const struct set *set,
                              const struct sharing *sharing)
{
    static const char remedy[] =
        "Let it claim less: *.example.com is one host, and with the label lb.service many hosts "
        "have one service; or let it be created before others are.";
    struct text scratch = TEXT_INIT;
    size_t bytes = sharing->given.bytes;
    ration->untold_count = 0;
    for (size_t i = 0; i < ration->cut_count; i++)
        take_left_out(ration,
                      &(struct set_left_out){.id = ration->cuts[i].id,
                                             .name = ration->cuts[i].name,
                                             .service = "",
                                             .reason = LEFT_OUT_TOO_MUCH,
                                             .detail = ration->cuts[i].detail,
                                             .remedy = remedy,
                                             .since_ns = ration->cuts[i].since_ns},
                      &sharing->room, &bytes, &scratch);
    for (size_t i = 0; i < set->left_out_count; i++)
        take_left_out(ration, &set->left_out[i], &sharing->room, &bytes, &scratch);
    text_fini(&scratch);
}

static void forget(struct ration *ration)
{
    free_cuts(ration->cuts, ration->cut_count);
    ration->cuts = NULL;
    ration->cut_count = ration->untold_count = 0;
}

static bool fits(const struct set *set, const struct ration_room *room)
{
    return set->route_count <= room->routes && set->endpoint_count <= room->endpoints &&
           set->listener_count <= room->listeners && set->left_out_count <= room->left_out;
}

const struct set *ration_take(struct ration *ration, const struct set *set, bool is_too_long,
                              uint64_t wall_ns)
{
    struct sharing sharing = {.set = set, .room = ration->room.bytes > 0 ? ration->room : whole};
    if (!is_too_long && fits(set, &sharing.room)) {
        forget(ration);
        return set;
    }
    sharing.room.bytes -= emit_certificates_bytes(set, &sharing.scratch);
    demand_measure(set, &sharing.demand);
    sharing.grants = memory_new((sharing.demand.owner_count + 1) * sizeof(sharing.grants[0]));
    share_out(&sharing);
    note_cuts(ration, set, &sharing, wall_ns);
    set_clear(&ration->set);
    take_granted(ration, set, &sharing);
    take_all_left_out(ration, set, &sharing);
    ration->set.losses = set->losses;
    ration->set.remark = set->remark;
    memcpy(ration->set.unread, set->unread, sizeof(set->unread));
    ration->set.unread_count = set->unread_count;
    set_sort(&ration->set);
    free(sharing.grants);
    text_fini(&sharing.scratch);
    demand_fini(&sharing.demand);
    return &ration->set;
}

void ration_fini(struct ration *ration)
{
    forget(ration);
    set_fini(&ration->set);
    *ration = (struct ration){.room = ration->room};
}
