/* The words around a sign-in that a route asks for: which file has its users, what the browser shows,
 * what the backend is told. Pure. Thread: any. */
#ifndef LB_CONTRACT_AUTH_H
#define LB_CONTRACT_AUTH_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/base/view.h"

#define AUTH_FILES_MAX   4u
#define AUTH_USUAL_REALM "Restricted"

/* A file that the users are in. */
struct auth_file {
    struct view name;
    bool may_miss; /* a "?" stands behind it: without such a file it is as if it were not named */
};

/* The next of a list with commas between them; false: that was the last. The first that is there
 * counts; where none is and all may miss, the route asks for no sign-in. */
bool auth_next_file(struct view *rest, struct auth_file *out);

/* Whether a value can be used. False: `problem` gets what is wrong with it. */
bool auth_check_files(struct view value, struct text *problem);
bool auth_check_realm(struct view value, struct text *problem);
bool auth_check_header(struct view value, struct text *problem);
bool auth_check_keep(struct view value, struct text *problem);

/* What a checked one means. */
bool auth_keeps(struct view value);

#endif
