/* Which rule of which listener a connection falls under, as lb/route/listener_table finds it, and which would be
 * next: for people, so that it need not be quick. */
#ifndef LB_ADMIN_LISTENER_VERDICT_H
#define LB_ADMIN_LISTENER_VERDICT_H

#include "lb/admin/listener_question.h"
#include "lb/admin/listener_walk.h"

#define LISTENER_VERDICT_NONE UINT32_MAX

struct listener_verdict {
    bool has_listener;
    struct listener_seen
        listener;         /* the one that it comes to: that of the address, or of all addresses */
    unsigned other_count; /* more listeners with that port, where no address was asked for */
    uint32_t rule;        /* LISTENER_VERDICT_NONE: no rule holds */
    uint32_t next;        /* that would hold, were it not for that one */
    const struct routes_target *target; /* of the rule; NULL: none holds */
    unsigned usable_count;
};

/* Borrows. Thread: control. */
void listener_verdict_find(const struct explain *explain, const struct listener_question *question,
                           struct listener_verdict *out);

/* Whether the rule holds for that connection. */
bool listener_verdict_holds(const struct listener_rule *rule,
                            const struct listener_question *question);

#endif
