/* Any bytes as one line of text: what cannot stand in it is written \r, \n, \t, \xHH, and \\ is a backslash.
 * Pure. */
#ifndef LB_CONTRACT_ESCAPED_H
#define LB_CONTRACT_ESCAPED_H

#include "lb/base/view.h"

/* Whether it is such a text: no control characters, and behind each backslash one of the above. */
bool escaped_is_proper(struct view text);

/* The bytes that a proper text stands for, into `out`, which has room for as many as it has characters.
 * Gives a view of `out`. */
struct view escaped_read(struct view text, char *out);

#endif
