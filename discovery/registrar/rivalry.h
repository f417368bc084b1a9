/* Notices that somebody else changes an entry back again and again, as a second registrar of the same engine with
 * other settings does, and lets one go on with growing pauses only: without them, both would do nothing else. One
 * change is nothing special. Pure. */
#ifndef DISCOVERY_REGISTRAR_RIVALRY_H
#define DISCOVERY_REGISTRAR_RIVALRY_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed memory: there is none. */
struct rivalry {
    uint64_t first_at_ms; /* the first change of those that are counted */
    unsigned count;
    uint64_t pause_ms; /* 0: none yet */
    uint64_t until_ms;
};

/* What one has registered was found changed or removed. */
void rivalry_note(struct rivalry *rivalry, uint64_t now_ms);

/* Until `until_ms` nothing is set right. */
bool rivalry_holds(const struct rivalry *rivalry, uint64_t now_ms);

/* It goes on: also a while after the last pause, as the other one may pause, too. */
bool rivalry_is_on(const struct rivalry *rivalry, uint64_t now_ms);

#endif
