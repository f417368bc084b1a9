/* The keepsakes: memfds that outlive a proxy process, which writes them; the master reads nothing in them but numbers, and
 * what a crash left. Where a helper works on one, too, each side has a descriptor of its own: who only reads cannot write, where
 * the kernel lets that be had. Of the socket by which lb-report is told both ends are kept, so that what waits there
 * outlives whoever told and whoever reads. */
#ifndef LB_MASTER_KEEPSAKES_H
#define LB_MASTER_KEEPSAKES_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/contract/channel.h"

struct keepsakes {
    int fds
        [CHANNEL_KEEPSAKE_COUNT]; /* -1: none; of CHANNEL_GAUGES: of the process that came last */
    int others
        [CHANNEL_KEEPSAKE_COUNT]; /* what a helper is given of it: the other end of CHANNEL_OUTBOX, CHANNEL_COUNTS and
                                  CHANNEL_ORDERED to be written to, CHANNEL_WISHES to be read; of the rest -1 */
};

void keepsakes_init(struct keepsakes *keepsakes);

/* Makes those that are not there. Fails: -errno. */
int keepsakes_open(struct keepsakes *keepsakes);

/* Closes all. */
void keepsakes_close(struct keepsakes *keepsakes);

/* The way to lb-report, where somebody has shut it, who has a copy of an end: it is made anew in the same place. Gives whether
 * it was; who has a copy of the one before is heard no more. */
bool keepsakes_mend_outbox(struct keepsakes *keepsakes);

/* A page of gauges, all zero, for a process that is to come: each has its own. Gives it; borrowed until the next one is
 * made, so the process keeps a copy. Fails: -errno. */
int keepsakes_new_gauges(struct keepsakes *keepsakes);

/* Copies what another master's say of the world, of orders, of certificates, and of what was delivered. Borrows them. */
void keepsakes_copy(struct keepsakes *keepsakes, const int others[CHANNEL_KEEPSAKE_COUNT]);

/* How many requests run, as far as that page tells; never more than is possible. */
uint64_t keepsakes_sum(int gauges);

#endif
