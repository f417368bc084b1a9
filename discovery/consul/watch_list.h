/* The services that are followed, each by a watch. An agent lets a client have 200 connections, so
 * WATCH_LIST_BLOCKING_MAX services are followed at once: those that were named first, then those that routes
 * lead to, then those that are tagged, by name. Beyond that the rest are read in turns, each every 5 s, or less
 * often where there are so many that this would be more than 50 questions in a second.
 *
 * An agent may have been told to let a client have fewer, and whatever else runs on this host is the same client.
 * So where connections are refused while others are held, fewer services are followed at once than are held, to
 * have some left for those that are read in turns. Where that does not help either it is a quarter less each
 * time, but not at once: an agent counts a connection that was left for as long as it would have waited. After 10
 * minutes of peace a few more are tried. */
#ifndef DISCOVERY_CONSUL_WATCH_LIST_H
#define DISCOVERY_CONSUL_WATCH_LIST_H

#include "discovery/consul/watch.h"

#define WATCH_LIST_BLOCKING_MAX 128u
#define WATCH_LIST_TURN_MS      5000u
#define WATCH_LIST_APART_MS     20u
#define WATCH_LIST_TURNS_MAX    8u /* of those in turns at once */
#define WATCH_LIST_LOOKS_MAX    4u /* second looks at once */
#define WATCH_LIST_ROOM_MIN     4u
#define WATCH_LIST_HELD_MS      1000u
#define WATCH_LIST_THIN_MS      65000u
#define WATCH_LIST_PEACE_MS     600000u

/* Zeroed memory is empty. */
struct watch_list {
    struct watch **items; /* by name */
    size_t count, capacity;
    struct instances **instances; /* of each, in the same order */
    size_t cut_count;             /* tagged services that are beyond WANTED_MAX, and not followed */
    size_t room;      /* for so many that are followed at once; 0: for WATCH_LIST_BLOCKING_MAX */
    uint64_t room_ms; /* when that was changed */
};

void watch_list_fini(struct watch_list *list);

/* Begins to follow what is wanted and is not followed yet, and ends what is wanted no more. What the catalog has
 * not any more, while its servers are known, is followed until its own watch has confirmed that they are gone.
 * `catalog` NULL: it cannot be read. Gives whether one was dropped that had something. */
bool watch_list_follow(struct watch_list *list, const struct watch_surroundings *around,
                       const struct wanted *wanted, const struct service_list *catalog);

/* `is_refused`: the list of services cannot be asked for. */
void watch_list_tick(struct watch_list *list, bool is_refused, uint64_t now_ms);
uint64_t watch_list_next_tick_ms(const struct watch_list *list);

/* Whether all of them have settled. */
bool watch_list_has_settled(const struct watch_list *list);

#endif
