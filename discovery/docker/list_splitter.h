/* Cuts a JSON array that comes in pieces into its elements, so that neither a long list nor one
 * long element of it costs more memory than one element may have. Pure. */
#ifndef DISCOVERY_DOCKER_LIST_SPLITTER_H
#define DISCOVERY_DOCKER_LIST_SPLITTER_H

#include <stdbool.h>
#include <stddef.h>

#include "lb/base/text.h"

struct list_splitter {
    size_t max_bytes; /* of one element */
    void *owner;
    /* One element, borrowed for the call; of a longer one its first `max_bytes` and `is_cut`. Not
     * yet known to be JSON. */
    void (*on_element)(void *owner, struct view element, bool is_cut);
    /* Its own. */
    struct text element;
    size_t depth;
    bool is_cut, is_in_string, is_escaped;
    bool has_begun, has_ended; /* the array */
    bool has_failed;           /* it is no array */
};

void list_splitter_feed(struct list_splitter *splitter, struct view bytes);

/* True when the array was whole. */
bool list_splitter_is_done(const struct list_splitter *splitter);

void list_splitter_fini(struct list_splitter *splitter);

#endif
