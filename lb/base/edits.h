/* How far apart two words are, for "did you mean". Pure. */
#ifndef LB_BASE_EDITS_H
#define LB_BASE_EDITS_H

#include <stddef.h>

#include "lb/base/view.h"

/* Letters that have to be put in, taken out or changed to make `known` of `word` (Levenshtein).
 * Of each only the first 64 bytes count. Thread: any. */
size_t edits_between(struct view word, struct view known);

#endif
