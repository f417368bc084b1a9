/* One picture of `lb top` as lines: totals and saturation, the table, the latest change and the latest
 * failed request, the keys. Pure. */
#ifndef LB_CONSOLE_TOP_VIEW_H
#define LB_CONSOLE_TOP_VIEW_H

#include "lb/base/text.h"
#include "lb/console/top_rows.h"

struct top_view {
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

/* Appends lines, each with its line break and at most `height` of them. Gives how many rows the table has in all. */
unsigned top_view_draw(const struct top_view *view, struct text *out);

/* How a request ended that /requests tells, as a line; false: it ended well. */
bool top_view_append_failed(const json_t *told, struct text *out);

#endif
