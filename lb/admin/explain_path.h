/* What `lb explain` asks the admin listener, by what stands behind it. Pure. */
#ifndef LB_ADMIN_EXPLAIN_PATH_H
#define LB_ADMIN_EXPLAIN_PATH_H

#include "lb/base/text.h"
#include "lb/config/config.h"

enum explain_path_kind {
    EXPLAIN_PATH_CONTAINERS, /* or something that is no question: `path` stays empty */
    EXPLAIN_PATH_URL,
    EXPLAIN_PATH_ROUTES, /* the first of them; the answer says where it goes on */
    EXPLAIN_PATH_LISTENERS,
    EXPLAIN_PATH_REFUSED, /* `problem` says why */
};

enum explain_path_kind explain_path_make(const struct config_words *words, struct text *path,
                                         struct text *problem);

/* Takes the line from the end of what /routes answered that says where it goes on, and makes `path` that.
 * False: that was all. */
bool explain_path_next(struct text *answer, struct text *path);

#endif
