/* One pass over the TCP and UDP listeners: those that rules lead from, then those that are only open. */
#ifndef LB_ADMIN_LISTENER_WALK_H
#define LB_ADMIN_LISTENER_WALK_H

#include "lb/admin/explain_walk.h"

struct listener_seen {
    enum service_kind kind;
    struct address at;
    unsigned first, count;                    /* its rules, in the order of the table */
    const struct listener_standing *standing; /* NULL: nothing is known of it */
};

/* Why a rule that holds leads to nobody. */
#define LISTENER_WALK_CLOSED                                                                       \
    "its container is gone, and another one has come to its service that does not ask for it"

/* Begins as zeroed memory with `explain`, which is borrowed. */
struct listener_walk {
    const struct explain *explain;
    unsigned next_rule, next_standing;
};

/* False: that was the last one. Thread: control, as for all that follows. */
bool listener_walk_next(struct listener_walk *walk, struct listener_seen *out);

/* The rule with that number of the snapshot's table; and what it leads to. Borrowed. */
const struct listener_rule *listener_walk_rule(const struct explain *explain, unsigned number);
const struct routes_target *listener_walk_target(const struct explain *explain,
                                                 const struct listener_rule *rule);

/* How many servers of it may be asked now. */
unsigned listener_walk_usable_count(const struct routes_target *target);

/* "for the server name a.test" and so on; "for all" where the listener looks at no names. */
void listener_walk_append_match(const struct listener_rule *rule, bool has_names, struct text *out);

/* Who says so: "by lb.tcp of web1 (lb)", "by --tcp". */
void listener_walk_append_origin(const struct listener_rule *rule, struct text *out);

/* Whether it is known not to be open. */
static inline bool listener_walk_is_shut(const struct listener_seen *seen)
{
    return seen->standing && seen->standing->state == LISTENER_FAILED;
}

/* "tcp 0.0.0.0:443" */
void listener_walk_append_place(const struct listener_seen *seen, struct text *out);

#endif
