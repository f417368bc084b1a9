/* What stands above the table of `lb top`: who it is, totals, saturation, how many are ready. Pure. */
#ifndef LB_CONSOLE_TOP_HEAD_H
#define LB_CONSOLE_TOP_HEAD_H

#include "lb/base/text.h"
#include "lb/console/top_picture.h"

/* Appends its lines; `view->width` is kept. */
void top_head_append(const struct top_picture *view, struct text *out);

#endif
