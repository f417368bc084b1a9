/* A head as lb has written it: its fields are found anew, one by one. */
#ifndef LB_HTTP_WRITTEN_HEAD_H
#define LB_HTTP_WRITTEN_HEAD_H

#include "lb/base/view.h"

/* The value of the next field of that name after `*seen` of all fields, which starts at 0; a NULL
 * pointer after the last. */
struct view written_head_next(struct view head, struct view name, unsigned *seen);

#endif
