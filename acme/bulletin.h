/* What stands, for lb-proxy: {"version":1,"certificates":[{"names":[…],"state":"valid|ordering|waiting|failed","not_after_s":0,
 * "next_s":0,"problem":"a sentence"}]}. */
#ifndef ACME_BULLETIN_H
#define ACME_BULLETIN_H

#include "acme/decision.h"
#include "lb/base/keepsake.h"

struct bulletin {
    struct keepsake keepsake;
    struct text written; /* what stands in it */
};

/* One row of it. */
struct bulletin_row {
    const struct names *names;
    const struct store_entry *entry; /* NULL: none is on the disk */
    const struct state_entry *state; /* NULL: nothing is known */
    struct decision decision;
    bool is_ordering;
    const char *waits_for; /* not NULL: why nothing is ordered here */
};

/* Borrows the descriptor; -1: nobody reads it. */
void bulletin_open(struct bulletin *bulletin, int fd);
void bulletin_close(struct bulletin *bulletin);

/* Writes it if it is another one than before. */
void bulletin_write(struct bulletin *bulletin, const struct bulletin_row *rows, size_t count,
                    int64_t now_s);

#endif
