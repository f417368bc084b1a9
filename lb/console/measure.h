/* How many columns of a terminal a text takes. Of UTF-8 without control characters, as
 * base/shown.h gives it. Pure. */
#ifndef LB_CONSOLE_MEASURE_H
#define LB_CONSOLE_MEASURE_H

#include "lb/base/view.h"

/* Wide characters (East Asian ones, emoji) take two, those that combine with the one before none. */
unsigned measure_columns(struct view text);

/* The longest beginning of it that takes no more than so many. */
struct view measure_cut(struct view text, unsigned columns);

#endif
