/* How lb-discovery, or lb-report, is to be started: what the master is told, which starts it. Thread: control. */
#ifndef LB_FOLLOW_DISCOVERY_PLAN_H
#define LB_FOLLOW_DISCOVERY_PLAN_H

#include <stdint.h>

#include "lb/follow/child.h"
#include "lb/follow/discovery_words.h"

struct discovery_plan {
    char program[CHILD_PATH_BYTES];
    struct discovery_words arguments;   /* but for the program's name */
    struct discovery_words environment; /* but for the secrets that only the master knows */
};

/* Gives a memfd with the plan, as the channel has it (struct channel_plan). `port_low`, `port_high`: where containers may
 * have listeners; 0: nowhere. Fails: -errno; -E2BIG: it is longer than CHANNEL_PLAN_BYTES_MAX. */
int discovery_plan_write(const struct discovery_plan *plan, uint16_t port_low, uint16_t port_high);

bool discovery_plan_is_same(const struct discovery_plan *one, const struct discovery_plan *other);

/* Harmless on zeroed memory. */
void discovery_plan_fini(struct discovery_plan *plan);

#endif
