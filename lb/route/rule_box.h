/* A rule with all that it borrows, made once and counted: the tables in a row that have it share it. */
#ifndef LB_ROUTE_RULE_BOX_H
#define LB_ROUTE_RULE_BOX_H

#include <stdatomic.h>

#include "lb/route/rule.h"

struct rule_box {
    atomic_uint ref_count;
    uint32_t place; /* of the control thread alone, while it makes a table */
    struct arena arena;
    struct regexes regexes; /* those of the rule */
    struct view likeness;   /* route_append_likeness */
    struct rule rule;       /* does not change */
};

/* Of a valid route, whose bytes are copied. Regexes are those of `all`, which gets what it has not yet,
 * perhaps from `before`, which may be NULL. Gives one reference. Fails: NULL; there are too many
 * regexes. Thread: control. */
struct rule_box *rule_box_new(const struct route *route, struct regexes *all,
                              const struct regexes *before);

/* Thread: any, as for the next. */
struct rule_box *rule_box_ref(struct rule_box *box);

/* The last one frees it. NULL is allowed. */
void rule_box_unref(struct rule_box *box);

/* The box that the rule is in. */
static inline struct rule_box *rule_box_of(const struct rule *rule)
{
    return (struct rule_box *)(uintptr_t)((const char *)rule - offsetof(struct rule_box, rule));
}

#endif
