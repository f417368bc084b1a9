/* The listeners of the file of services: which connections and datagrams go to which service. Pure. */
#ifndef DISCOVERY_FILE_FILE_LISTENERS_H
#define DISCOVERY_FILE_FILE_LISTENERS_H

#include <jansson.h>

#include "discovery/file/file_place.h"
#include "lb/base/arena.h"
#include "lb/contract/listener_rule.h"

/* Zeroed memory is empty; borrows from the JSON. */
struct file_listeners {
    struct listener_rule *items; /* as listener_order.h has them, each once */
    size_t count;
    struct arena arena;
};

/* Reads them all, into empty ones; of two for the same the first counts, and the other is told where it is
 * for another service; one with a word that is not known is left out. Fails: false, and the place has the problem. */
bool file_listeners_read(const struct file_place *place, const json_t *json,
                         struct file_listeners *out);
void file_listeners_fini(struct file_listeners *listeners);

#endif
