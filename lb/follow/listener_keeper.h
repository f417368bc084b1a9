/* Who asks for TCP and UDP listeners, by the latest good line, and those who asked until lately: what a container
 * asked for stays for a while after it is gone, as its routes do (route_keeper.h), so that nobody else gets
 * what comes to it when it is created anew: neither by another rule, nor by coming to the same service. */
#ifndef LB_FOLLOW_LISTENER_KEEPER_H
#define LB_FOLLOW_LISTENER_KEEPER_H

#include "lb/follow/listener_reader.h"

/* So long. */
#define LISTENER_KEEPER_MS 30000u

/* One that its line has lost. */
struct lost_listener {
    struct listener_rule rule; /* strings are those of the object; closed once somebody else came */
    json_t *object;            /* one reference */
    uint64_t until_ms;         /* by the loop's clock */
};

/* Zeroed memory has none. */
struct listener_keeper {
    struct listener_list list; /* of the line */
    struct lost_listener *lost;
    unsigned lost_count;
    json_t *left; /* of newcomers_line; NULL: nothing is lost */
};

void listener_keeper_fini(struct listener_keeper *keeper);

enum listener_keeper_news {
    LISTENER_KEEPER_REFUSED, /* `problem` says why */
    LISTENER_KEEPER_SAME,
    LISTENER_KEEPER_ALIKE, /* as the next, but that the same rules follow from it */
    LISTENER_KEEPER_OTHER, /* `*next` is what is to follow it; both are to be handed to listener_keeper_fini */
};

/* What a line says, and the services of the one before. NULL: there are none. */
struct listener_keeper_line {
    json_t *listeners;
    const json_t *services, *services_before;
    uint64_t now_ms;
};

/* What follows from a line. Changes nothing. */
enum listener_keeper_news listener_keeper_read(const struct listener_keeper *keeper,
                                               const struct listener_keeper_line *line,
                                               struct listener_keeper *next, struct text *problem);

/* Lets go of what has stayed long enough. False: there was nothing. */
bool listener_keeper_expire(struct listener_keeper *keeper, uint64_t now_ms);

/* When that has something to do; UINT64_MAX: never. */
uint64_t listener_keeper_next_ms(const struct listener_keeper *keeper);

#endif
