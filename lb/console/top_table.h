/* The table of `lb top`. Pure. */
#ifndef LB_CONSOLE_TOP_TABLE_H
#define LB_CONSOLE_TOP_TABLE_H

#include "lb/console/top_look.h"

/* Appends the titles and at most so many rows, from view->scroll on. Gives how many there are in all. */
unsigned top_table_append(const struct top_look *view, unsigned row_count, struct text *out);

/* The colour of a state of an endpoint. Static. */
const char *top_table_state_colour(const char *state);

#endif
