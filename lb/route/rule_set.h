/* Which rules a table has, and in which order: those that the table before had keep their places, and
 * only the others are made and put between them. */
#ifndef LB_ROUTE_RULE_SET_H
#define LB_ROUTE_RULE_SET_H

#include "lb/route/route_services.h"
#include "lb/route/rule_box.h"

/* Why a route is in no table. */
enum rule_limit { RULE_LIMIT_CONTAINER_REGEXES, RULE_LIMIT_REGEXES };

/* A valid route that is wanted, or would be. */
struct rule_wanted {
    const struct route *route;
    struct rule_box *box; /* one reference; NULL: it is to be made */
};

/* One that does not fit. */
struct rule_left_out {
    struct route route;
    enum rule_limit limit;
};

/* What a box has in place of one while it is not new. */
#define RULE_SET_NO_PLACE UINT32_MAX

/* So many of them are kept to be told. */
#define RULE_SET_LEFT_OUT_MAX 64u

struct rule_set {
    const struct rule *
        *rules;         /* the ranked ones first, each part in its order; a reference to each */
    uint32_t *services; /* of each: the number of its service, or ROUTE_SERVICES_NONE */
    uint32_t count;
    uint32_t ranked_count;
    struct regexes regexes; /* of all */
    struct rule_left_out *left_out;
    uint32_t left_out_count;
    struct arena arena; /* what is left out, in there */
};

/* A sentence without its dot: why it is left out, and what would change that. */
void rule_set_append_left_out(const struct rule_left_out *left_out, struct text *out);

/* Of those that are wanted, in any order, each box once; sets the boxes of those that are made. Who was
 * in `before`, which may be NULL, has regexes before others do. To be handed to rule_set_fini. Thread:
 * control. */
void rule_set_init(struct rule_set *set, struct rule_wanted *wanted, uint32_t count,
                   const struct rule_set *before);

/* Whether the set that was made last has it, and the one before had not. Thread: control. */
static inline bool rule_set_is_new(const struct rule *rule)
{
    return rule_box_of(rule)->place != RULE_SET_NO_PLACE;
}

/* Thread: any. */
void rule_set_fini(struct rule_set *set);

#endif
