/* What one picture of `lb top` shows, and how. */
#ifndef LB_CONSOLE_TOP_LOOK_H
#define LB_CONSOLE_TOP_LOOK_H

#include "lb/base/text.h"
#include "lb/console/top_rows.h"

struct top_look {
    const struct world *world;
    const char *trouble; /* why nothing new is told; NULL or empty: all is well */
    const char *failed;  /* the latest failed request as a line; NULL: none was seen */
    enum top_sort sort;
    bool services_only;
    unsigned scroll;        /* rows that are passed over */
    unsigned width, height; /* 0: as much as it takes */
    bool is_coloured;
    bool has_keys; /* which are told at the end */
};

#endif
