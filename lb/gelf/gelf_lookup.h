/* One question to the system's resolver, on a thread of its own: it may take its time, also longer than who asked
 * lives. Thread: the asker's, for all of this module. */
#ifndef LB_GELF_GELF_LOOKUP_H
#define LB_GELF_GELF_LOOKUP_H

#include "lb/base/address.h"

#define GELF_LOOKUP_ADDRESSES_MAX 16u /* of a name; the rest is not used */

struct gelf_lookup_answer {
    struct address addresses[GELF_LOOKUP_ADDRESSES_MAX]; /* in the resolver's order */
    unsigned count;
    char problem[128]; /* why there are none; "" else */
};

struct gelf_lookup;

/* Asks for `host`; when the answer is there, 1 is added to `bell_fd`, an eventfd. Copies. Fails: the answer says so. */
struct gelf_lookup *gelf_lookup_start(const char *host, uint16_t port, int bell_fd);

/* False: it is not there yet. True: the lookup is freed. */
bool gelf_lookup_take(struct gelf_lookup *lookup, struct gelf_lookup_answer *answer);

/* Nobody waits for the answer any more; the bell is not rung from here on. */
void gelf_lookup_abandon(struct gelf_lookup *lookup);

#endif
