/* Where it goes right now: a host's name is asked for again and again, an address stays. Of several addresses one is
 * used until it fails or is no longer among them. Times in milliseconds of the monotonic clock. Thread: one. */
#ifndef LB_GELF_GELF_TARGET_H
#define LB_GELF_GELF_TARGET_H

#include "lb/base/name_query.h"
#include "lb/gelf/gelf_url.h"

#define GELF_TARGET_ADDRESSES_MAX 16u /* of a name; the rest is not used */

struct gelf_target {
    const struct gelf_url *url; /* borrowed */
    unsigned resolve_ms;
    int bell_fd; /* borrowed */
    bool is_literal;
    struct name_query *query; /* NULL: nobody is asked now */
    struct name_query_answer answer;
    unsigned current;
    unsigned retry_ms; /* while there is no answer; doubled each time */
    uint64_t asked_ms, due_ms;
};

void gelf_target_open(struct gelf_target *target, const struct gelf_url *url, unsigned resolve_ms,
                      int bell_fd);
void gelf_target_close(struct gelf_target *target);

/* Asks where it is time, and takes what was answered. */
void gelf_target_turn(struct gelf_target *target, uint64_t now_ms);

/* Borrowed until the next turn or failure. NULL: none is known, `answer.problem` says why ("": not yet). */
const struct address *gelf_target_address(const struct gelf_target *target);

/* The current one is of no use: the next one is, and the name is asked for soon. */
void gelf_target_fail(struct gelf_target *target);

/* When it wants a turn; UINT64_MAX: only after the bell. */
uint64_t gelf_target_due_ms(const struct gelf_target *target);

#endif
