/* The compiled regexes of a table, each once. The next table takes over those that it needs as well,
 * because they take longest to build. */
#ifndef LB_ROUTE_REGEXES_H
#define LB_ROUTE_REGEXES_H

#include "lb/base/view.h"
#include "lb/contract/pattern.h"

/* Zeroed memory is an empty one. */
struct regexes {
    struct regex **items; /* by text, those that capture behind the others; a reference to each */
    unsigned count;
    unsigned capacity;
};

/* The compiled one of that text, made, or taken over from `before`, where `regexes` has none yet.
 * NULL: it is none, or they are too many. Borrowed from `regexes`. Thread: control. */
const struct pattern *regexes_get(struct regexes *regexes, const struct regexes *before,
                                  struct view text);

/* The same of those whose parentheses keep what they find: pattern_find. */
const struct pattern *regexes_get_capturing(struct regexes *regexes, const struct regexes *before,
                                            struct view text);

/* Adds those of `others`, which were made elsewhere. False: they are too many, and some may be added. */
bool regexes_add(struct regexes *regexes, const struct regexes *others);

/* Thread: any. */
void regexes_fini(struct regexes *regexes);

#endif
