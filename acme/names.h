/* The names of one certificate, the first of which it is called by. Pure. */
#ifndef ACME_NAMES_H
#define ACME_NAMES_H

#include <stdint.h>

#include "lb/base/text.h"
#include "lb/contract/host_name.h"

#define NAMES_MAX 100u /* as Let's Encrypt has it */

/* Zeroed memory is an empty one. */
struct names {
    char **list;
    unsigned count;
};

void names_fini(struct names *names);
void names_copy(struct names *out, const struct names *names);

/* In lower case, once. Fails: false, and `problem` gets what is wrong with it and the remedy: it is no name that HTTP-01 can show, or
 * there are too many. */
bool names_add(struct names *names, struct view name, struct text *problem);

/* Whether each of `fewer` is in `names`. */
bool names_contain(const struct names *names, const struct names *fewer);
bool names_are_same(const struct names *one, const struct names *other);

/* A number that is the same for the same names, in whatever order. */
uint64_t names_salt(const struct names *names);

/* "a.test", "a.test and 2 more" */
void names_append_short(const struct names *names, struct text *out);

#endif
