/* What becomes of the fields of a head on its way: some go, others come behind those that stay. Who
 * makes one has made sure that nothing is touched by which messages are framed, and that no line comes
 * in that is not whole. Borrows. */
#ifndef LB_HTTP_HEAD_EDIT_H
#define LB_HTTP_HEAD_EDIT_H

#include "lb/base/block.h"

struct head_edit {
    const struct view *cut_names; /* all fields of these names go */
    unsigned cut_count;
    bool cuts_alike;   /* and of those that CGI and the like take for one of them */
    struct view lines; /* "Name: value\r\n", again and again; may be empty */
};

/* Whether fields of that name go. */
bool head_edit_cuts(const struct head_edit *edit, struct view name);

/* Appends `head`, which lb has written, to `out`, which has the room. */
void head_edit_write(const struct head_edit *edit, struct view head, struct block *out);

#endif
