/* Whether lb can do what a route says. Pure. Thread: any. */
#ifndef LB_CONTRACT_ROUTE_CHECK_H
#define LB_CONTRACT_ROUTE_CHECK_H

#include "lb/contract/route.h"

/* False: `problem` gets a sentence that names the part and the remedy:
 * `host "a b": has a blank inside; separate hosts by commas`. */
bool route_check(const struct route *route, struct text *problem);
bool route_check_condition(const struct route_condition *condition, struct text *problem);

#endif
