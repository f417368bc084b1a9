/* What must outlive this process, so that one that is started again and again does not order again and again: failures, and when it
 * is time. DIR/state.json. */
#ifndef ACME_STATE_H
#define ACME_STATE_H

#include "acme/trouble.h"
#include "acme/wishes.h"

/* Of one set of names. */
struct state_entry {
    struct names names;
    unsigned failure_count; /* in a row */
    int64_t next_s;         /* not before; 0: whenever it is time */
    int64_t proposed_s;     /* when the authority wants it renewed; 0: it has not said */
    int64_t ask_s;          /* when it is asked that again */
    char id[256];           /* of the certificate that it said it of */
    char problem[TROUBLE_SENTENCE_BYTES];
};

struct state {
    struct state_entry **entries;
    size_t count, capacity;
    int64_t pause_until_s; /* nothing at all is asked before */
    char directory[512];   /* that all this is about */
};

void state_fini(struct state *state);

/* Gives the entry of these names, a new one where there is none. Borrowed. */
struct state_entry *state_of(struct state *state, const struct names *names);

/* Leaves out what is no wish and has not failed. */
void state_sweep(struct state *state, const struct wishes *wishes);

/* Reads and writes it; what stands there about another directory is forgotten. Reading fails silently: nothing is known then. Pure. */
void state_read(struct state *state, struct view json, const char *directory);
void state_write(const struct state *state, const struct wishes *wishes, struct text *out);

/* The wishes that stand in it, for who has no others. */
bool state_read_wishes(struct view json, struct wishes *out);

#endif
