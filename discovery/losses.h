/* Questions that the engine, or a proxy before it, refuses to answer, and what lb does without.
 * Pure. */
#ifndef DISCOVERY_LOSSES_H
#define DISCOVERY_LOSSES_H

#include <stdbool.h>
#include <stddef.h>

#define LOSSES_TEXT_BYTES 256

enum loss { LOSS_PING, LOSS_EVENTS, LOSS_NETWORKS, LOSS_INSPECT, LOSS_INFO, LOSS_COUNT };

/* Zeroed memory has lost nothing. */
struct losses {
    int status[LOSS_COUNT]; /* of HTTP; 0: not refused */
    int told[LOSS_COUNT];   /* the status that was last said */
    char text[LOSS_COUNT][LOSSES_TEXT_BYTES];
};

/* Gives the sentence about it, borrowed, when it was not said before; else NULL. */
const char *losses_note(struct losses *losses, enum loss loss, int status);

/* All is to be tried again; what was said is not said again. */
void losses_forget(struct losses *losses);

bool losses_has(const struct losses *losses, enum loss loss);

#endif
