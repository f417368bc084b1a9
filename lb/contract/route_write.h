/* A route as an object of a line of lb-discovery, which lb/follow reads. Pure. */
#ifndef LB_CONTRACT_ROUTE_WRITE_H
#define LB_CONTRACT_ROUTE_WRITE_H

#include "lb/base/json_writer.h"
#include "lb/contract/route.h"

/* What is not given is left out. */
void route_write(const struct route *route, struct json_writer *json);

#endif
