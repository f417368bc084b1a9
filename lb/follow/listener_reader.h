/* What a line of lb-discovery says of TCP and UDP listeners (discovery/FORMAT.md): which containers ask for one,
 * and for whom. */
#ifndef LB_FOLLOW_LISTENER_READER_H
#define LB_FOLLOW_LISTENER_READER_H

#include <jansson.h>

#include "lb/contract/listener_rule.h"

/* Zeroed memory has none. */
struct listener_list {
    struct listener_rule *rules; /* `at` is not given; strings are those of the JSON */
    unsigned count;
    json_t *array; /* what it was read from: one reference */
};

/* Reads the array, or NULL, which has none. To be handed to listener_reader_forget either way. Fails:
 * false, `problem` names the JSON path and what is wrong. */
bool listener_reader_read(json_t *array, struct listener_list *out, struct text *problem);

void listener_reader_forget(struct listener_list *list);

#endif
