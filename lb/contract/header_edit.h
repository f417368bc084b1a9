/* What becomes of the fields of a head: "set X-A: v | add X-B: w | remove X-C", one after the other; a
 * bare "X-A: v" sets. Nothing that tells where a message ends, that is meant for the next hop only, or
 * by which lb says who asks, can be touched. Borrows. Pure. */
#ifndef LB_CONTRACT_HEADER_EDIT_H
#define LB_CONTRACT_HEADER_EDIT_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/base/view.h"

#define HEADER_EDITS_MAX 32u

enum header_edit_kind {
    HEADER_EDIT_SET,    /* all fields of that name go, and this one is there */
    HEADER_EDIT_ADD,    /* one more */
    HEADER_EDIT_REMOVE, /* all of that name go */
};

enum header_edit_of { HEADER_EDIT_OF_REQUEST, HEADER_EDIT_OF_RESPONSE };

struct header_edit {
    enum header_edit_kind kind;
    struct view name;
    struct view value; /* not empty, but of REMOVE */
};

/* The next one of a value that was checked, or of any; false: there is none. */
bool header_edit_next(struct view *rest, struct header_edit *out);

/* Fails: false, `problem` gets what is wrong. */
bool header_edit_check(struct view value, enum header_edit_of of, struct text *problem);

#endif
