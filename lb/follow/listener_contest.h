/* Rules of listeners that may be alike, and which of them count: the operator's, then the older container's.
 * Strings are borrowed, but for server names. Thread: control. */
#ifndef LB_FOLLOW_LISTENER_CONTEST_H
#define LB_FOLLOW_LISTENER_CONTEST_H

#include "lb/base/arena.h"
#include "lb/contract/listener_rule.h"

struct listener_contender {
    struct listener_rule rule; /* with its address; its server name is in lower case */
    bool is_operators;
    bool is_lost; /* its container is gone */
};

/* Zeroed memory is empty. To be handed to listener_contest_fini. */
struct listener_contest {
    struct arena arena;
    struct listener_contender *contenders;
    unsigned count, room;
};

/* `at`: that of a listener. False: there are LISTENER_RULES_MAX already. */
bool listener_contest_add(struct listener_contest *contest,
                          const struct listener_contender *contender);

/* Puts those that count first, in the order of listener_table_compare; gives how many. For each other one
 * that would lead to another service `refuse` is called, with the one that counts in its place. */
unsigned listener_contest_judge(struct listener_contest *contest,
                                void (*refuse)(void *owner, const struct listener_contender *loser,
                                               const struct listener_contender *winner),
                                void *owner);

void listener_contest_fini(struct listener_contest *contest);

#endif
