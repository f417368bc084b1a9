/* Routes that name a file of users or a folder of pages which is not there: each is told in the log once, for
 * as long as it is so. Labels are strangers' words, and are shown as such. Thread: control. */
#ifndef LB_RUN_SHORTFALL_H
#define LB_RUN_SHORTFALL_H

#include "lb/base/text.h"
#include "lb/policy/library.h"
#include "lb/pool/routes.h"

/* Of one look at most. */
#define SHORTFALL_TOLD_MAX 32u

/* Zeroed memory is a good start. */
struct shortfall {
    struct library *library;   /* one reference; NULL: not read yet */
    struct route_table *table; /* one reference, of the last look; NULL: none */
    struct text told;          /* a line each, of what holds still */
};

/* The files are these now. Takes a reference. */
void shortfall_take_library(struct shortfall *shortfall, struct library *library);

/* The routes are these now; NULL: there are none. Costs nothing where they are the same. */
void shortfall_take_routes(struct shortfall *shortfall, struct route_table *table);

void shortfall_fini(struct shortfall *shortfall);

#endif
