/* Who asks for TCP and UDP listeners, by the latest good line, and those who asked until lately: what a container
 * asked for stays for a while after it is gone, as its routes do (route_keeper.h), so that nobody else gets
 * what comes to it when it is created anew. */
#ifndef LB_FOLLOW_LISTENER_KEEPER_H
#define LB_FOLLOW_LISTENER_KEEPER_H

#include "lb/follow/listener_reader.h"

/* So long. */
#define LISTENER_KEEPER_MS 30000u

/* One that its line has lost. */
struct lost_listener {
    struct listener_rule rule; /* strings are those of the object */
    json_t *object;            /* one reference */
    uint64_t until_ms;         /* by the loop's clock */
};

/* Zeroed memory has none. */
struct listener_keeper {
    struct listener_list list; /* of the line */
    struct lost_listener *lost;
    unsigned lost_count;
};

void listener_keeper_fini(struct listener_keeper *keeper);

enum listener_keeper_news {
    LISTENER_KEEPER_REFUSED, /* `problem` says why */
    LISTENER_KEEPER_SAME,
    LISTENER_KEEPER_OTHER, /* `*next` is what is to follow it; both are to be handed to listener_keeper_fini */
};

/* What follows from the listeners of a line (NULL: it has none). Changes nothing. */
enum listener_keeper_news listener_keeper_read(const struct listener_keeper *keeper, json_t *array,
                                               uint64_t now_ms, struct listener_keeper *next,
                                               struct text *problem);

/* Lets go of what has stayed long enough. False: there was nothing. */
bool listener_keeper_expire(struct listener_keeper *keeper, uint64_t now_ms);

/* When that has something to do; UINT64_MAX: never. */
uint64_t listener_keeper_next_ms(const struct listener_keeper *keeper);

#endif
