/* What began with services and has not ended yet: a list that is short, because it holds only what is not as it should be.
 * Pure. Thread: control. */
#ifndef LB_FOLLOW_SPELLS_H
#define LB_FOLLOW_SPELLS_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/contract/service_kind.h"

/* While there are so many, those whose service is gone give way, the oldest first. Where there is none of them, what begins is
 * told, and its end is not. */
#define SPELLS_MAX 256u

enum spell_kind {
    SPELL_OUTAGE, /* nobody could answer */
    SPELL_PANIC,
};

struct spell {
    enum spell_kind kind;
    enum service_kind service_kind;
    char *service;
    uint64_t since_ms; /* by the loop's clock */
    bool is_told;      /* so its end is told, too */
    bool is_meant;     /* it was told as an operator's order */
    bool is_waiting;   /* whether it ends by itself, before it is told */
    uint64_t waits_since_ms;
    bool is_gone; /* its service is in no snapshot any more */
};

/* Zeroed memory has none. */
struct spells {
    struct spell *items;
    unsigned count;
};

/* The one that has begun, or NULL. Borrowed until the next call that changes the list. */
struct spell *spells_find(const struct spells *spells, enum spell_kind kind, const char *service,
                          enum service_kind service_kind);

/* One that is not there yet begins. NULL: there are too many. Copies the name. Others may have been ended for it. */
struct spell *spells_begin(struct spells *spells, enum spell_kind kind, const char *service,
                           enum service_kind service_kind, uint64_t now_ms);

/* Takes it out of the list; the last one takes its place. */
void spells_end(struct spells *spells, struct spell *spell);

void spells_fini(struct spells *spells);

#endif
