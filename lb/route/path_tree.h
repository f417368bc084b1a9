/* Paths and what begins with them: a tree of their common beginnings, walked once for each request.
 * Many trees share one store. Built once, then only read. */
#ifndef LB_ROUTE_PATH_TREE_H
#define LB_ROUTE_PATH_TREE_H

#include <stdint.h>

#include "lb/base/view.h"

/* What is filed under a path. */
struct path_item {
    struct view path;
    uint32_t value; /* the lowest is looked at first */
};

struct path_node {
    const char *label; /* what comes behind the parent's; of a root: what all paths begin with */
    uint32_t label_len;
    uint32_t parent; /* of a root: itself */
    uint32_t first_child;
    uint16_t child_count;
    unsigned char first_char;        /* of the label */
    uint32_t first_item, item_count; /* those of a tree lie side by side, sorted as it was */
    uint32_t least;                  /* value here, or on the way to the root */
};

struct path_tree_store {
    struct path_node *nodes;
    uint32_t node_count, node_capacity;
    uint32_t *items; /* values */
    uint32_t item_count;
};

/* Room for so many items in all its trees. To be handed to path_tree_store_fini. */
void path_tree_store_init(struct path_tree_store *store, uint32_t item_count);
void path_tree_store_fini(struct path_tree_store *store);

/* Adds a tree of these, one at least, sorted by path and then by value, and gives its root. Borrows the
 * paths. */
uint32_t path_tree_add(struct path_tree_store *store, const struct path_item *items,
                       uint32_t count);

/* Adds copies of trees of another store, those that lie from the node `begin` up to `end`, with
 * numbers[value] for each value, which keeps their order. Gives the root of the first. */
uint32_t path_tree_copy(struct path_tree_store *store, const struct path_tree_store *from,
                        uint32_t begin, uint32_t end, const uint32_t *numbers);

#define PATH_TREE_NONE UINT32_MAX

/* Where a path leads to: `depth` bytes of it are those of the node. */
struct path_place {
    uint32_t node, depth;
};

/* The last node whose paths `path` begins with, from the root on; the others are its parents.
 * PATH_TREE_NONE: not even the root's. Thread: any. */
struct path_place path_tree_find(const struct path_tree_store *store, uint32_t root,
                                 struct view path);

#endif
