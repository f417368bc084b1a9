/* The routes of a line of lb-discovery (discovery/FORMAT.md). */
#ifndef LB_FOLLOW_ROUTE_READER_H
#define LB_FOLLOW_ROUTE_READER_H

#include <jansson.h>

#include "lb/contract/route.h"

struct route_list {
    struct route *routes; /* in the arena */
    uint32_t count;
    struct arena arena; /* their conditions, too */
};

/* Reads the array, or NULL, which has none. Strings stay those of the JSON. To be handed to
 * route_reader_forget either way. Fails: false, `problem` names the JSON path and what is wrong. */
bool route_reader_read(const json_t *array, struct route_list *out, struct text *problem);

void route_reader_forget(struct route_list *list);

#endif
