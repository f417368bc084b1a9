/* The operator's rules of TCP and UDP listeners, with the addresses that are bound and texts of their own: those of
 * a listener that ends outlive the settings that they come from. Thread: control. */
#ifndef LB_RUN_PORT_RULES_H
#define LB_RUN_PORT_RULES_H

#include "lb/base/arena.h"
#include "lb/contract/listener_rule.h"

/* Zeroed memory has none. */
struct port_rules {
    struct listener_rule *all;
    unsigned count;
    struct arena texts;
};

/* Copies it. */
void port_rules_add(struct port_rules *rules, const struct listener_rule *rule);

void port_rules_fini(struct port_rules *rules);

#endif
