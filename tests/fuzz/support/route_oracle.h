/* Which route a request goes by, in the plainest way: each route is tried by itself, and the best of
 * those that hold is kept. Shares with lb how a regex matches, how a range of addresses is read and
 * which routes are valid; neither how hosts and paths are spelled, nor how routes are compiled, nor
 * how they are found, nor how they are put in order. */
#ifndef TESTS_FUZZ_SUPPORT_ROUTE_ORACLE_H
#define TESTS_FUZZ_SUPPORT_ROUTE_ORACLE_H

#include "lb/contract/route.h"
#include "lb/route/question.h"

#define ROUTE_ORACLE_NONE UINT32_MAX

/* Whether it holds, or would without `is_not`. */
bool route_oracle_holds(const struct route_condition *condition, const struct question *question);

/* All of the routes are valid. A tie goes to the first of them. `without` is passed over; NONE: none
 * is. The question has the host and the path of plain_request.h. */
uint32_t route_oracle_find(const struct route *routes, uint32_t count, uint32_t without,
                           const struct question *question);

#endif
