#include "discovery/net/backoff.h"

#include <assert.h>

void backoff_init(struct backoff *backoff, uint32_t first_ms, uint32_t cap_ms)
{
    assert(first_ms > 0 && first_ms <= cap_ms && cap_ms <= UINT32_MAX / 2);
    *backoff = (struct backoff){.first_ms = first_ms, .cap_ms = cap_ms, .next_ms = first_ms};
}

uint32_t backoff_next_ms(struct backoff *backoff, uint32_t random)
{
    uint32_t step_ms = backoff->next_ms;
    backoff->next_ms = step_ms * 2 < backoff->cap_ms ? step_ms * 2 : backoff->cap_ms;
    return step_ms / 2 + random % (step_ms - step_ms / 2 + 1);
}

void backoff_reset(struct backoff *backoff)
{
    backoff->next_ms = backoff->first_ms;
}
