#include "discovery/consul/watch_list.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"

void watch_list_fini(struct watch_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        watch_free(list->items[i]);
    free(list->items);
    free(list->instances);
    *list = (struct watch_list){0};
}

/* Index of the first one whose service is not before `name`. */
static size_t find_place(const struct watch_list *list, const char *name)
{
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(list->items[middle]->instances.service, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void ensure(struct watch_list *list, const struct watch_surroundings *around,
                   const char *name)
{
    size_t place = find_place(list, name);
    if (place < list->count && strcmp(list->items[place]->instances.service, name) == 0)
        return;
    if (list->count == list->capacity) {
        list->capacity = list->capacity > 0 ? list->capacity * 2 : 16;
        list->items = memory_resize(list->items, list->capacity * sizeof(list->items[0]));
        list->instances =
            memory_resize(list->instances, list->capacity * sizeof(list->instances[0]));
    }
    memmove(list->items + place + 1, list->items + place,
            (list->count - place) * sizeof(list->items[0]));
    list->items[place] = watch_new(around, name);
    list->count++;
}

static void add_wanted(struct watch_list *list, const struct watch_surroundings *around,
                       const struct wanted *wanted, const struct service_list *catalog)
{
    size_t tagged_count = 0;
    for (size_t i = 0; i < wanted->named.count; i++)
        ensure(list, around, wanted->named.names[i]);
    for (size_t i = 0; i < wanted->routed.count; i++)
        if (wanted_find(wanted, catalog, wanted->routed.names[i]) != WANTED_NOT)
            ensure(list, around, wanted->routed.names[i]);
    for (size_t i = 0; catalog && i < catalog->count; i++)
        if (catalog->items[i].is_tagged && tagged_count++ < WANTED_MAX)
            ensure(list, around, catalog->items[i].name);
    list->cut_count = tagged_count > WANTED_MAX ? tagged_count - WANTED_MAX : 0;
}

/* Nobody wants it, and its servers, if it had any, are not missing: they are known to be there, or confirmed to
 * be gone. */
static bool is_over(const struct watch *watch, const struct service_list *catalog)
{
    if (watch->why != WANTED_NOT)
        return false;
    return watch->instances.count == 0 ||
           (catalog && service_list_find(catalog, watch->instances.service));
}

static bool drop_unwanted(struct watch_list *list, const struct wanted *wanted,
                          const struct service_list *catalog)
{
    bool has_lost = false;
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        struct watch *watch = list->items[i];
        watch->why = wanted_find(wanted, catalog, watch->instances.service);
        if (is_over(watch, catalog)) {
            has_lost |= watch->instances.count > 0;
            watch_free(watch);
            continue;
        }
        list->items[kept] = watch;
        list->instances[kept++] = &watch->instances;
    }
    list->count = kept;
    return has_lost;
}

static void take_turns(struct watch_list *list)
{
    static const enum wanted_why order[] = {WANTED_NAMED, WANTED_ROUTED, WANTED_TAGGED, WANTED_NOT};
    size_t room = list->room > 0 ? list->room : WATCH_LIST_BLOCKING_MAX;
    size_t rest = list->count > room ? list->count - room : 0;
    size_t turn_ms = rest * WATCH_LIST_APART_MS, placed = 0;
    if (turn_ms < WATCH_LIST_TURN_MS)
        turn_ms = WATCH_LIST_TURN_MS;
    for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++)
        for (size_t i = 0; i < list->count; i++)
            if (list->items[i]->why == order[k])
                blocking_query_take_turns(&list->items[i]->query,
                                          placed++ < room ? 0 : (uint32_t)turn_ms);
}

bool watch_list_follow(struct watch_list *list, const struct watch_surroundings *around,
                       const struct wanted *wanted, const struct service_list *catalog)
{
    add_wanted(list, around, wanted, catalog);
    bool has_lost = drop_unwanted(list, wanted, catalog);
    take_turns(list);
    return has_lost;
}

/* The agent lets it wait for news. */
static bool is_held(const struct blocking_query *query, uint64_t now_ms)
{
    return query->fetch && query->turn_ms == 0 && query->index > 0 &&
           now_ms >= query->asked_ms + WATCH_LIST_HELD_MS;
}

/* Once may be chance. */
static bool is_turned_away(const struct blocking_query *query)
{
    return query->failures >= 2 &&
           (query->trouble.kind == AGENT_TROUBLE_AWAY || query->trouble.kind == AGENT_TROUBLE_BUSY);
}

static size_t find_room(const struct watch_list *list, size_t held)
{
    size_t room = held > WATCH_LIST_TURNS_MAX + 2 ? held - WATCH_LIST_TURNS_MAX - 2 : 0;
    if (list->room > 0 && list->room - list->room / 4 < room)
        room = list->room - list->room / 4;
    return room > WATCH_LIST_ROOM_MIN ? room : WATCH_LIST_ROOM_MIN;
}

static void make_room(struct watch_list *list, bool is_refused, uint64_t now_ms)
{
    size_t held = 0, before = list->room;
    for (size_t i = 0; i < list->count; i++) {
        held += is_held(&list->items[i]->query, now_ms);
        is_refused |= is_turned_away(&list->items[i]->query);
    }
    if (before > 0 && now_ms < list->room_ms + WATCH_LIST_THIN_MS)
        return;
    if (is_refused && held > 0)
        list->room = find_room(list, held);
    else if (!is_refused && before > 0 && now_ms >= list->room_ms + WATCH_LIST_PEACE_MS)
        list->room += list->room / 8 + 1;
    if (list->room == before)
        return;
    list->room = list->room < WATCH_LIST_BLOCKING_MAX ? list->room : 0;
    list->room_ms = now_ms;
    take_turns(list);
}

/* Of those that are read in turns not all begin at once: that would be as many connections. */
void watch_list_tick(struct watch_list *list, bool is_refused, uint64_t now_ms)
{
    unsigned looks = 0, asking = 0;
    make_room(list, is_refused, now_ms);
    for (size_t i = 0; i < list->count; i++) {
        looks += looker_is_busy(&list->items[i]->looker);
        asking += list->items[i]->query.turn_ms > 0 && list->items[i]->query.fetch;
    }
    for (size_t i = 0; i < list->count; i++) {
        struct watch *watch = list->items[i];
        bool is_in_turns = watch->query.turn_ms > 0, was_asking = watch->query.fetch != NULL;
        bool was_looking = looker_is_busy(&watch->looker);
        if (is_in_turns && !was_asking && asking >= WATCH_LIST_TURNS_MAX)
            continue;
        watch_tick(watch, now_ms, !was_looking && looks < WATCH_LIST_LOOKS_MAX);
        looks += looker_is_busy(&watch->looker) && !was_looking;
        asking += is_in_turns && !was_asking && watch->query.fetch;
    }
}

/* One that waits for others to end is woken by their end. */
uint64_t watch_list_next_tick_ms(const struct watch_list *list)
{
    uint64_t next_ms = UINT64_MAX;
    unsigned looks = 0, asking = 0;
    for (size_t i = 0; i < list->count; i++) {
        looks += looker_is_busy(&list->items[i]->looker);
        asking += list->items[i]->query.turn_ms > 0 && list->items[i]->query.fetch;
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct watch *watch = list->items[i];
        uint64_t of_one_ms = watch_next_tick_ms(watch, looks < WATCH_LIST_LOOKS_MAX);
        if (watch->query.turn_ms > 0 && !watch->query.fetch && asking >= WATCH_LIST_TURNS_MAX)
            continue;
        next_ms = of_one_ms < next_ms ? of_one_ms : next_ms;
    }
    return next_ms;
}

bool watch_list_has_settled(const struct watch_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (!watch_has_settled(list->items[i]))
            return false;
    return true;
}
