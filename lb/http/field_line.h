/* The field lines of a head that lb wrote: each ends with CRLF, and an empty one ends them all. Pure;
 * borrows. */
#ifndef LB_HTTP_FIELD_LINE_H
#define LB_HTTP_FIELD_LINE_H

#include "lb/base/view.h"

/* What stands behind the start line. */
static inline struct view field_line_first(struct view head)
{
    view_cut(&head, '\n');
    return head.ptr ? head : view_of("", 0);
}

/* Goes to the next line of that name and cuts it off `*lines`, with all before it: `*value` is without
 * white space around it. False: there is none. */
bool field_line_next(struct view *lines, struct view name, struct view *value);

#endif
