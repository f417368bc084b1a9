/* One entry of the file's routes, which may stand for several: a list of hosts is a route for each of
 * them. Pure. */
#ifndef DISCOVERY_FILE_FILE_ROUTE_H
#define DISCOVERY_FILE_FILE_ROUTE_H

#include <jansson.h>

#include "discovery/file/file_place.h"
#include "lb/base/arena.h"
#include "lb/contract/route.h"

struct file_routes {
    struct route *items;
    size_t *entries; /* each one: the number of its entry in the file */
    size_t count, capacity;
    struct arena arena; /* what they borrow, beside the JSON */
};

void file_routes_fini(struct file_routes *routes);

/* Appends the routes that `json` stands for. One with a word that is not known may lack a protection:
 * it answers 503, or is left out where it names no host. Fails: false, and the place has the problem. */
bool file_route_read(const struct file_place *place, const json_t *json,
                     struct file_routes *routes);

#endif
