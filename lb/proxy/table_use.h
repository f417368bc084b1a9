/* The table of routes that a worker's requests go by: it stays as long as one of them runs, so that
 * what is told of a request at its end names its route, whatever has changed since. */
#ifndef LB_PROXY_TABLE_USE_H
#define LB_PROXY_TABLE_USE_H

#include "lb/route/route_table.h"

struct table_use {
    struct route_table *table; /* one reference for all of them */
    unsigned count;
};

/* The first use. */
struct table_use *table_use_new(struct route_table *table);

/* The last one frees it. NULL is allowed. */
void table_use_end(struct table_use *use);

/* No atomic operation, unlike a reference to the table. */
static inline struct table_use *table_use_again(struct table_use *use)
{
    use->count++;
    return use;
}

#endif
