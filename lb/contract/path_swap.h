/* What a path is replaced by: "/path", or "~REGEX REPLACEMENT", by which what the regex finds in the
 * path is replaced. Borrows. Pure. */
#ifndef LB_CONTRACT_PATH_SWAP_H
#define LB_CONTRACT_PATH_SWAP_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/base/view.h"

struct path_swap {
    struct view path;  /* as written; empty where there is a regex */
    struct view regex; /* then the replacement, too */
    struct view replacement;
};

/* Fails: false, `problem` gets what is wrong. */
bool path_swap_parse(struct view value, struct path_swap *out, struct text *problem);

#endif
