/* One picture of `lb top` as lines: totals and saturation, the table, the latest change and the latest
 * failed request, the keys. Pure. */
#ifndef LB_CONSOLE_TOP_VIEW_H
#define LB_CONSOLE_TOP_VIEW_H

#include "lb/base/text.h"
#include "lb/console/top_look.h"

/* Appends lines, each with its line break and at most `height` of them. Gives how many rows the table has in all. */
unsigned top_view_draw(const struct top_look *view, struct text *out);

/* How a request ended that /requests tells, as a line; false: it ended well. */
bool top_view_append_failed(const json_t *told, struct text *out);

#endif
