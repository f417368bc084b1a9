/* One question to the system's resolver, on a thread of its own: it may take its time, also longer than who asked
 * lives. Thread: the asker's, for all of this module. */
#ifndef LB_BASE_NAME_QUERY_H
#define LB_BASE_NAME_QUERY_H

#include "lb/base/address.h"

#define NAME_QUERY_ADDRESSES_MAX 64u

struct name_query_answer {
    struct address addresses[NAME_QUERY_ADDRESSES_MAX]; /* in the resolver's order */
    unsigned count;
    char problem[128]; /* why there are none; "" else */
};

struct name_query;

/* Asks for `host`, of whose addresses `most` are used. `ring` is called once, when the answer is there, on the other thread:
 * it does no more than wake the asker's. Copies. Fails: the answer says so. */
struct name_query *name_query_start(const char *host, uint16_t port, unsigned most,
                                    void (*ring)(void *owner), void *owner);

/* False: it is not there yet. True: the query is freed. */
bool name_query_take(struct name_query *query, struct name_query_answer *answer);

/* Nobody waits for the answer any more; nobody is rung from here on. */
void name_query_abandon(struct name_query *query);

#endif
