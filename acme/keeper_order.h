/* The next order that is due, and what becomes of it. */
#ifndef ACME_KEEPER_ORDER_H
#define ACME_KEEPER_ORDER_H

#include "acme/keeper_base.h"

/* Orders at most one certificate, and asks at most one time when to renew. That it is tried is on the disk before the server is
 * asked. */
void keeper_order_next(struct keeper *keeper);

#endif
