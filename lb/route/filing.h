/* Rules on their way into an index: which of them an index before has already, and who comes, by
 * host. */
#ifndef LB_ROUTE_FILING_H
#define LB_ROUTE_FILING_H

#include "lb/route/route_index.h"

#define FILING_NONE UINT32_MAX

/* Hosts have the numbers of before; those that are new are behind them. */
struct filing {
    const struct route_index *before; /* empty: all rules come */
    uint32_t *numbers; /* of each rule before: the one it has now; FILING_NONE: it is gone */
    bool *has_changed; /* each host: a rule of it is gone, or comes */
    uint32_t *come;    /* the numbers of those that come */
    uint32_t come_count;
    uint32_t *host_of;        /* each that comes */
    uint32_t *counts;         /* of each host's that come */
    struct path_item *items;  /* those that come, by host, as a tree wants them */
    struct name_map patterns; /* regexes of hosts, by text */
    uint32_t pattern_room;    /* there are no more of them */
    uint32_t any;             /* the number of the host that is any */
};

/* Files the rules of an index, and gives it room for its hosts, and its map. `before` may be NULL. To
 * be handed to filing_fini. Thread: control. */
void filing_init(struct filing *filing, struct route_index *index,
                 const struct route_index *before);
void filing_fini(struct filing *filing);

/* As a tree wants them. */
int filing_compare_items(const void *left, const void *right);

struct view filing_tree_path(const struct rule *rule);

#endif
