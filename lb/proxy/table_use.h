/* The table of routes that a worker's requests go by: it stays as long as one of them runs, so that
 * what is told of a request at its end names its route, whatever has changed since. */
#ifndef LB_PROXY_TABLE_USE_H
#define LB_PROXY_TABLE_USE_H

#include "lb/route/route_table.h"

#define TABLE_USE_HOST_BYTES 64u

struct table_use {
    struct route_table *table; /* one reference for all of them */
    unsigned count;

    /* Of the latest authority that was looked up, as most requests come for a few hosts, many in a
     * row. Longer ones are looked up each time. */
    size_t authority_len;
    char authority[TABLE_USE_HOST_BYTES];
    struct route_table_hosts hosts;
};

/* The first use. */
struct table_use *table_use_new(struct route_table *table);

/* The last one frees it. NULL is allowed. */
void table_use_end(struct table_use *use);

/* The number of the rule (route_table_find), of a question in which all but the host is set; that is
 * borrowed until the next one. */
uint32_t table_use_find(struct table_use *use, struct view authority, struct question *question);

/* No atomic operation, unlike a reference to the table. */
static inline struct table_use *table_use_again(struct table_use *use)
{
    use->count++;
    return use;
}

#endif
