/* What is put in place of what a regex finds: a text in which $1 to $9, or ${1}, stand for what its
 * parentheses found, $0 for all of it, and $$ for a dollar. Pure. */
#ifndef LB_CONTRACT_REPLACEMENT_H
#define LB_CONTRACT_REPLACEMENT_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/base/view.h"

struct replacement_piece {
    struct view text; /* as it is; empty: what was found, number `part` */
    unsigned part;
};

/* "~REGEX REPLACEMENT": the last blank is what separates them. Fails: false. */
bool replacement_split(struct view value, struct view *regex, struct view *replacement);

/* The next piece; false: there is none, or it is none (`rest` is not empty then). */
bool replacement_next(struct view *rest, struct replacement_piece *out);

/* Whether the regex is one, has the parentheses that the replacement names, and is as good as those of
 * routes. False: `problem` gets "is no regex: …". */
bool replacement_check(struct view regex, struct view replacement, struct text *problem);

#endif
