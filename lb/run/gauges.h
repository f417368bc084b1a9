/* The page in which the master finds what ran in this process when it has crashed. */
#ifndef LB_RUN_GAUGES_H
#define LB_RUN_GAUGES_H

#include "lb/contract/channel.h"

/* Maps it; borrows the descriptor (-1: there is none). Gives: to be handed to gauges_close. NULL: it cannot be had, and
 * nothing is counted. */
struct channel_gauges *gauges_open(int fd);

/* Nobody may write to it any more. NULL is nothing. */
void gauges_close(struct channel_gauges *gauges);

#endif
