/* How long to wait before the next attempt: doubles from a first delay to a cap, with jitter. */
#ifndef DISCOVERY_NET_BACKOFF_H
#define DISCOVERY_NET_BACKOFF_H

#include <stdint.h>

struct backoff {
    uint32_t first_ms;
    uint32_t cap_ms;
    uint32_t next_ms;
};

/* The first wait is about `first_ms`, no wait is longer than `cap_ms`. */
void backoff_init(struct backoff *backoff, uint32_t first_ms, uint32_t cap_ms);

/* The next wait: between half of the step and the whole of it, as `random` says (any value). Many
 * programs that lost the same server thus do not come back all at once. */
uint32_t backoff_next_ms(struct backoff *backoff, uint32_t random);

/* After a success: start again from the first delay. */
void backoff_reset(struct backoff *backoff);

#endif
