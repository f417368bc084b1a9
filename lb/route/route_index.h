/* Finds the first of sorted rules that holds for a request, or of which it is not known, with one hash
 * of its host and one walk over its path, however many there are. Built once, then only read; the
 * next one takes over what stays the same. */
#ifndef LB_ROUTE_ROUTE_INDEX_H
#define LB_ROUTE_ROUTE_INDEX_H

#include "lb/route/name_map.h"
#include "lb/route/path_tree.h"
#include "lb/route/rule.h"

#define ROUTE_INDEX_NONE UINT32_MAX
#define ROUTE_HOSTS_ROOM 4u

/* The rules of one host, or of one pattern of hosts. */
struct route_host {
    uint32_t root;  /* of the tree of their paths */
    uint32_t least; /* the first of them */
    const struct pattern *regex;
};

struct route_index {
    const struct rule *const *rules; /* in their order */
    uint32_t count;
    uint32_t suffix_count, prefix_count; /* of hosts */
    struct name_map map;                 /* to hosts; of a suffix ".test", of a prefix "www." */
    struct route_host *hosts;
    uint32_t host_count;        /* the trees lie in their order */
    struct route_host *regexes; /* of them, in the order of their first rules */
    uint32_t regex_count;
    struct route_host *any; /* of them, or NULL */
    struct path_tree_store paths;
};

/* Of one that planting_make has made. Thread: any. */
void route_index_fini(struct route_index *index);

/* The number of the rule; ROUTE_INDEX_NONE: none holds. Thread: any, as for the next. */
uint32_t route_index_find(const struct route_index *index, const struct question *question);

/* The rules of exactly that host; NULL: there are none. */
const struct route_host *route_index_exact(const struct route_index *index, struct view host);

/* Which hosts and patterns of hosts a name is of: worth to be kept where it is asked for again. */
struct route_hosts {
    uint32_t count; /* above ROUTE_HOSTS_ROOM: not all of them are here */
    const struct route_host *items[ROUTE_HOSTS_ROOM];
};

/* `exact` is what route_index_exact gives. */
void route_index_meet(const struct route_index *index, const struct route_host *exact,
                      struct view host, struct route_hosts *met);

/* The same as route_index_find, for a question of a host all of whose hosts are in `met`. */
uint32_t route_index_find_among(const struct route_index *index, const struct route_hosts *met,
                                const struct question *question);

/* Whether some rule names its host, or names its path for any host, whatever else the rule asks
 * for. */
bool route_index_knows(const struct route_index *index, const struct question *question);

#endif
