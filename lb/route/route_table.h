/* All routes, compiled: built once for each change of them, immutable, counted; snapshots in a row that
 * have the same routes share one, and tables in a row share the rules. Has bytes of its own. */
#ifndef LB_ROUTE_ROUTE_TABLE_H
#define LB_ROUTE_ROUTE_TABLE_H

#include <stdatomic.h>

#include "lb/contract/host_name.h"
#include "lb/route/route_groups.h"
#include "lb/route/route_index.h"
#include "lb/route/rule_set.h"

#define ROUTE_TABLE_NONE UINT32_MAX

struct route_table {
    atomic_uint ref_count;
    uint32_t count;
    const struct rule *const *rules; /* the ranked ones first, each part in its order */
    uint32_t ranked_count;
    const uint32_t *service_of;  /* each rule: the number of its service */
    const struct view *services; /* the names that routes lead to, each once */
    uint32_t service_count;
    uint32_t unusable_count;              /* that were given and do not fit: too many regexes */
    const struct rule_left_out *unusable; /* RULE_SET_LEFT_OUT_MAX of them at most */
    struct route_index ranked, unranked;
    struct rule_set set;
    struct route_services *kept_services;
    struct route_groups groups;
};

/* Of valid routes (route_check), in any order. Regexes of `before`, which may be NULL, are taken over.
 * Gives one reference. Thread: control. */
struct route_table *route_table_new(const struct route *routes, uint32_t count,
                                    const struct route_table *before);

/* The same, of rules that `before` may have already: the next table costs little where they are most.
 * Makes those that have no box, and gives a reference to each. */
struct route_table *route_table_next(struct rule_wanted *wanted, uint32_t count,
                                     const struct route_table *before);

/* Thread: any, as for the next. */
struct route_table *route_table_ref(struct route_table *table);

/* The last one frees it. NULL is allowed. */
void route_table_unref(struct route_table *table);

/* The number of the rule that a request goes by; ROUTE_TABLE_NONE: none holds. One of which it is not
 * known whether it holds (PATTERN_STEPS_MAX) is taken for one that does, so that the request does not go
 * by a lesser one: see route_table_is_in_doubt. Thread: any. */
uint32_t route_table_find(const struct route_table *table, const struct question *question);

/* All that a table has for an authority. */
struct route_table_hosts {
    struct view host; /* as routes compare it: the authority, or in `room` */
    struct route_hosts ranked, unranked;
    char room[HOST_NAME_BYTES_MAX];
};

/* Which hosts an authority is of. False: not all of them are in `met`, but its host. Thread: any, as for
 * the next. */
bool route_table_meet(const struct route_table *table, struct view authority,
                      struct route_table_hosts *met);

/* The same as route_table_find, for a question of that host, all of whose hosts are in `met`. */
uint32_t route_table_find_among(const struct route_table *table,
                                const struct route_table_hosts *met,
                                const struct question *question);

/* Whether it is not known that the rule holds which was just found for that question, the latest of its
 * scratch. */
bool route_table_is_in_doubt(const struct route_table *table, const struct question *question,
                             uint32_t number);

/* Whether some route names its host, or names its path for any host, though it may ask for more: what
 * is known goes to no default service. Thread: any. */
bool route_table_knows(const struct route_table *table, const struct question *question);

/* What routes of that host, which is as routes compare it, say of https where nothing else is known yet: the one for its
 * path / by https, or else its first one; NULL: nothing. Thread: any, with a scratch of its own. */
const struct https_rule *route_table_https(const struct route_table *table, struct view host,
                                           struct pattern_scratch *scratch);

/* Whether both lead to the same services; either may be NULL, which leads to none. */
bool route_table_leads_alike(const struct route_table *a, const struct route_table *b);

/* The number of a service that some route leads to, or ROUTE_TABLE_NONE. Thread: any. */
uint32_t route_table_service(const struct route_table *table, struct view name);

/* For people: the one that wins, and the one that would without it; ROUTE_TABLE_NONE where there is
 * none. Looks at all, one by one. */
struct route_table_answer {
    uint32_t winner, next; /* of those that hold, or of which it is not known */
};
struct route_table_answer route_table_explain(const struct route_table *table,
                                              const struct question *question);

#endif
