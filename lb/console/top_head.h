/* What stands above the table of `lb top`: who it is, totals, saturation, how many are ready. Pure. */
#ifndef LB_CONSOLE_TOP_HEAD_H
#define LB_CONSOLE_TOP_HEAD_H

#include "lb/console/top_look.h"

/* Appends its lines; `view->width` is kept. */
void top_head_append(const struct top_look *view, struct text *out);

#endif
