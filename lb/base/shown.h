/* Foreign text as it may be shown on a terminal or a line of a log: a name can come from a
 * stranger's label, and must not move the cursor, hide or reorder what stands beside it, or look
 * like a line. */
#ifndef LB_BASE_SHOWN_H
#define LB_BASE_SHOWN_H

#include "lb/base/text.h"

/* Appends `foreign`; what would be obeyed and not shown, and what is no UTF-8, becomes an escape:
 * \x1b, \u202e. */
void shown_append(struct text *out, struct view foreign);

/* The same for a text of several lines, which stay lines. */
void shown_append_lines(struct text *out, struct view foreign);

#endif
