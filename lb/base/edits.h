/* How far apart two words are, for "did you mean". Pure. */
#ifndef LB_BASE_EDITS_H
#define LB_BASE_EDITS_H

#include <stdbool.h>
#include <stddef.h>

#include "lb/base/view.h"

/* Letters that have to be put in, taken out or changed to make `known` of `word` (Levenshtein).
 * Of each only the first 64 bytes count. Thread: any. */
size_t edits_between(struct view word, struct view known);

/* Whether a known word that is so many edits from `word` may have been meant: they share at least
 * half of it, and few letters differ. */
bool edits_are_near(size_t edits, struct view word);

#endif
