/* When a manager is asked again: at once when something happens, quickly while something is in motion, else
 * now and then, and never so often that it is most of what the manager does. Pure. */
#ifndef DISCOVERY_SWARM_TEMPO_H
#define DISCOVERY_SWARM_TEMPO_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed memory: everything is due. */
struct tempo {
    bool was_rung;        /* since the last round has begun */
    bool is_whole;        /* the round that has begun last */
    uint64_t begun_at_ms; /* the last round */
    uint64_t due_at_ms;   /* the next one */
    uint64_t whole_at_ms; /* the next one with all lists */
    uint64_t moved_at_ms; /* when something moved last; 0: never */
    uint64_t rest_ms;     /* until then nothing is asked, whatever rings */
};

/* What the latest round has found. */
struct tempo_found {
    bool has_moved;     /* something is not as it was */
    bool is_in_motion;  /* something is not as it is to be */
    bool lacks_service; /* all lists are needed to understand it */
};

/* Something happens: all lists are due, as soon as the manager has had its rest. */
void tempo_ring(struct tempo *tempo, uint64_t now_ms);

/* A round begins. Gives whether it is one with all lists. */
bool tempo_begin(struct tempo *tempo, uint64_t now_ms);

/* It ended: settles when the next one is due. */
void tempo_end(struct tempo *tempo, const struct tempo_found *found, uint64_t now_ms);

#endif
