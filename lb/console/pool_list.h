/* `lb ctl list`: all endpoints of /pool in columns. Pure. */
#ifndef LB_CONSOLE_POOL_LIST_H
#define LB_CONSOLE_POOL_LIST_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/console/sheet.h"

/* Appends a line for each endpoint, and one with their count. Fails: false, if `pool` is not what /pool answers. */
bool pool_list_append(struct view pool, const struct sheet_paper *paper, struct text *out);

#endif
