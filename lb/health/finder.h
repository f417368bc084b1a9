/* Finds a text in a stream of bytes that comes in pieces of any size (Knuth, Morris, Pratt). */
#ifndef LB_HEALTH_FINDER_H
#define LB_HEALTH_FINDER_H

#include "lb/base/view.h"

#define FINDER_TEXT_MAX 255

struct finder {
    struct view text;
    unsigned matched; /* how much of the text the latest bytes are; all of it: found */
    unsigned char fallback[FINDER_TEXT_MAX + 1]; /* by how much was matched: what still is, when the
                                                    next byte does not fit */
};

/* Borrows the text, of at most FINDER_TEXT_MAX bytes; the empty one is found at once. */
void finder_init(struct finder *finder, struct view text);

/* Takes the next piece. True: the text has been seen. */
bool finder_take(struct finder *finder, struct view piece);

#endif
