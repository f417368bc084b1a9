/* A route as a table has it: compiled, with bytes of its own, and with its place in the order of all.
 *
 * Of those that hold, the highest priority wins, then the more specific. A host is the more specific
 * the sooner it stands here: an exact one, the longest *.suffix, the longest prefix.*, a regex (in
 * the order of their texts), any. Then a path: an exact one, the longest beginning, a regex, any.
 * Then more conditions. A tie goes to the older container. */
#ifndef LB_ROUTE_RULE_H
#define LB_ROUTE_RULE_H

#include <stdatomic.h>

#include "lb/contract/mirror_rule.h"
#include "lb/route/share_ring.h"
#include "lb/route/treatment.h"

/* The more specific first. */
enum rule_host {
    RULE_HOST_EXACT,
    RULE_HOST_SUFFIX,
    RULE_HOST_PREFIX,
    RULE_HOST_REGEX,
    RULE_HOST_ANY
};
enum rule_path {
    RULE_PATH_EXACT,
    RULE_PATH_SEGMENTS,
    RULE_PATH_START,
    RULE_PATH_REGEX,
    RULE_PATH_ANY
};

/* How many requests have come by a rule, for their shares, and how many went on from one share to another
 * one: counted by all workers, so it has lines of the cache of its own. */
struct rule_turns {
    char before[64];
    atomic_uint_fast64_t shared, moved, mirrored;
    char behind[64];
};

struct rule {
    unsigned condition_count;
    const struct condition *conditions;
    const struct pattern *path_regex;
    const struct pattern *host_regex;
    enum rule_host host_class;
    enum rule_path path_class;
    struct view host; /* as it is compared: "a.test", ".test", "www.", a regex */
    struct view path;
    bool is_plain;                     /* requests go to its service as they came */
    struct view strip, add;            /* as a normalised path has them */
    const struct treatment *treatment; /* what else is asked for; NULL: nothing */
    struct mirror_rule mirror;
    const struct share_ring *mirror_ring; /* its turns 0 are mirrored; NULL: none is */
    struct rule_turns *turns;             /* NULL: there are neither shares nor a mirror */
    struct view name;                     /* for people */
    struct route route;                   /* as it was given */
};

/* What makes the first of two the winner. */
enum rule_why {
    RULE_WHY_RANK,
    RULE_WHY_PRIORITY,
    RULE_WHY_HOST,
    RULE_WHY_PATH,
    RULE_WHY_CONDITIONS,
    RULE_WHY_AGE,
    RULE_WHY_NAME, /* by chance, but always the same */
    RULE_WHY_COUNT
};

/* Of a valid route. Borrows from the arena. Fails: false; it has one regex too many. */
bool rule_compile(const struct route *from, const struct compiling *compiling, struct rule *out);

/* Below 0: `a` comes first. 0: only for the same. `*why` is what tells them apart. Ranks count only
 * where both are ranked. */
int rule_order(const struct rule *a, const struct rule *b, enum rule_why *why);

/* A sentence on why `winner` comes before `other`: "its host is exact, the other's is a pattern". */
void rule_append_why(const struct rule *winner, const struct rule *other, struct text *out);

/* Whether its conditions hold or may, all but host and path. */
static inline bool rule_conditions_may_hold(const struct rule *rule,
                                            const struct question *question)
{
    for (unsigned i = 0; i < rule->condition_count; i++)
        if (condition_holds(&rule->conditions[i], question) == TRUTH_NO)
            return false;
    return true;
}

/* Whether it is for some hosts, or for some paths, and not for any. */
static inline bool rule_names_host(const struct rule *rule)
{
    return rule->host_class != RULE_HOST_ANY;
}
static inline bool rule_names_path(const struct rule *rule)
{
    return rule->path_class != RULE_PATH_ANY;
}

/* Whether it holds, looked at by itself. */
enum truth rule_holds(const struct rule *rule, const struct question *question);

#endif
