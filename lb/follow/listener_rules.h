/* Whom each TCP and UDP listener leads to: the operator's rules and what containers ask for, settled. Thread:
 * control. */
#ifndef LB_FOLLOW_LISTENER_RULES_H
#define LB_FOLLOW_LISTENER_RULES_H

#include "lb/base/arena.h"
#include "lb/contract/listener_range.h"
#include "lb/follow/listener_keeper.h"
#include "lb/route/listener_table.h"

/* What is settled. Borrowed. */
struct listener_wishes {
    const struct listener_rule *operators; /* their addresses are those that lb listens at */
    unsigned operator_count;
    struct listener_range dynamic;
    const struct listener_keeper *keeper;
};

/* A container that asks for a listener which the operator has for another service than its own: there its
 * servers are that service's, too. Strings live in the arena. */
struct listener_join {
    struct view service; /* its own */
    struct view container;
    enum service_kind kind;
    const char *target;
};

/* Zeroed memory leads nowhere. */
struct listener_rules {
    struct listener_table *table; /* NULL: there are no rules; one reference */
    struct arena arena;
    struct listener_join *joins; /* sorted by service, container and kind */
    unsigned join_count;
    json_t *refused; /* what a container asked for in vain, a text by its id; NULL: nothing */
    struct text first_told; /* "db1: lb.tcp: …" */
    unsigned refused_count;
};

/* A rule of the operator's counts before those of containers, of these the older container's. The table of
 * `before` (NULL: there is none) stays where it says the same. To be handed to listener_rules_fini. */
void listener_rules_settle(const struct listener_wishes *wishes,
                           const struct listener_rules *before, struct listener_rules *out);

void listener_rules_fini(struct listener_rules *rules);

/* Whether a rule leads to that service. */
bool listener_rules_serve(const struct listener_rules *rules, const char *service,
                          enum service_kind kind);

/* The joins of that container (NULL: of any) from that service, `*count` of them; NULL: none. */
const struct listener_join *listener_rules_joins(const struct listener_rules *rules,
                                                 const char *service, const char *container,
                                                 unsigned *count);

#endif
