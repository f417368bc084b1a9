/* A new lb-proxy begins where the one before it was: with its orders, and with the world as lb-discovery had told it. So it
 * serves at once, whatever discovery does meanwhile. Thread: control. */
#ifndef LB_RUN_RECALL_H
#define LB_RUN_RECALL_H

#include "lb/follow/publisher.h"

/* Takes what is in the keepsakes, in place of the orders of --state; with `follows`, the world too. It is the last known one
 * until discovery tells another: what is in the way of that is set and goes with the first line or sign of life. May be
 * called again, for what was kept meanwhile. What was there and is of no use is said in the log. `believes`: what was
 * in use is in use at once; else first contacts are had before. Gives whether there is a pool now. */
bool recall_take(struct publisher *publisher, struct legacy *legacy, bool follows, bool believes);

#endif
