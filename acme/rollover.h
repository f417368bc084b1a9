/* Another key for the account, by hand: done at once, or by the lb-acme that orders for the folder. */
#ifndef ACME_ROLLOVER_H
#define ACME_ROLLOVER_H

#include "acme/keeper_base.h"

/* What lb-acme --rollover does. Gives whether it worked; `told` is a sentence in either case. */
bool rollover_by_hand(struct keeper *keeper, struct text *told);

/* In the one that orders: does what was asked for by hand. */
void rollover_serve(struct keeper *keeper);

#endif
