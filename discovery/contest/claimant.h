/* Who claims routes, services and listeners by its words: a container, a task of a swarm, an entry of a
 * catalog. Whoever knows it fills one in; the contests settle between all of one source. Pure. */
#ifndef DISCOVERY_CONTEST_CLAIMANT_H
#define DISCOVERY_CONTEST_CLAIMANT_H

#include <stdbool.h>
#include <stdint.h>

#include "discovery/dialect/offers.h"

/* All but `contested` is borrowed. Zeroed memory is a good start. */
struct claimant {
    const struct offers *offers;
    const char *noun; /* what it is, for people: "container" */
    const char *id, *name;
    uint64_t created_ns; /* the older one counts; 0: unknown, is old */
    bool is_running;     /* it counts before one that does not */
    bool is_hidden;      /* takes no part */
    char *
        contested; /* on what another one gets instead of it, or NULL; by the latest contests; owned */
};

/* Forgets what was contested. */
void claimant_clear(struct claimant *claimant);

/* Another one gets what it asks for: adds a sentence on that to `contested`, which is cut where it gets
 * too long. */
void claimant_add_contested(struct claimant *claimant, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What people are told of it: on its words, and on what is contested. Gives, or NULL: there is nothing. */
char *claimant_tell(const struct claimant *claimant);

/* As qsort has it: of two that ask for something else, the one that gets it comes first. It runs and the
 * other one does not, or it is older. */
int claimant_compare(const struct claimant *one, const struct claimant *other);

#endif
