/* `lb explain` at a terminal: a line that sums up, those without requests in full, those with in columns. Pure. */
#ifndef LB_CONSOLE_EXPLAIN_SHEET_H
#define LB_CONSOLE_EXPLAIN_SHEET_H

#include "lb/base/text.h"
#include "lb/console/sheet.h"

#define EXPLAIN_SHEET_READY_MAX 12u /* above that they are counted, service by service */

/* Appends what /explain says of all containers, as JSON. Fails: false, if it is not that, or none is known:
 * then the page as text says why. */
bool explain_sheet_append(struct view answer, const struct sheet_paper *paper, struct text *out);

#endif
