/* The plan of lb-discovery, of lb-report, or of lb-acme: the program, its arguments and its environment, as a proxy process that was not sealed yet has
 * written them down (struct channel_plan). The master keeps a copy that nobody else can write to. */
#ifndef LB_MASTER_PLAN_H
#define LB_MASTER_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/contract/channel.h"

/* Copies and checks what the memfd holds. Borrows it. Sets the dynamic range. Gives a memfd of the master's own. Fails: -EBADMSG:
 * the head does not fit what follows; else -errno. */
int plan_take(int memfd, uint32_t *port_low, uint32_t *port_high);

/* Whether both say the same, byte by byte. -1 is no plan. */
bool plan_is_same(int one, int other);

/* Whether an argument of the program begins like that. -1 is no plan. */
bool plan_has_argument(int plan, const char *beginning);

/* Whether lb-report, by that plan of it, delivers lines of logs: who tells it some needs a place to send them to. */
bool plan_takes_lines(int plan);

/* Becomes that program; in a child, which has what it needs but for its arguments. `words` are of its environment, too, where
 * the plan has none of that name. Fails: -errno. */
int plan_execute(int plan, char *const *words);

#endif
