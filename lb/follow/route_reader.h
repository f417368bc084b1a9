/* The routes of a line of lb-discovery (discovery/FORMAT.md). */
#ifndef LB_FOLLOW_ROUTE_READER_H
#define LB_FOLLOW_ROUTE_READER_H

#include <jansson.h>

#include "lb/route/rule_set.h"

/* Zeroed memory has none. */
struct route_list {
    struct rule_wanted *wanted; /* in the arena; a reference to each box */
    uint32_t count;
    json_t *array;      /* what it was read from: one reference */
    struct arena arena; /* routes that have no boxes, too */
};

/* Reads the array, or NULL, which has none. Where an element is the very object that `before` has about
 * there, its route is taken from that one. Strings stay those of the JSON. To be handed to
 * route_reader_forget either way. Fails: false, `problem` names the JSON path and what is wrong. */
bool route_reader_read(json_t *array, const struct route_list *before, struct route_list *out,
                       struct text *problem);

void route_reader_forget(struct route_list *list);

#endif
