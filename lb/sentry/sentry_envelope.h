/* An event as it goes over the wire: a line of headers, a line about the item, the item. API: Sentry's "Envelopes". Pure. */
#ifndef LB_SENTRY_SENTRY_ENVELOPE_H
#define LB_SENTRY_SENTRY_ENVELOPE_H

#include <stdint.h>

#include "lb/sentry/sentry_event.h"

/* Appends it. `sent_at_ns` is of the wall clock: a server mends timestamps by it. */
void sentry_envelope_write(const struct sentry_event *event, uint64_t sent_at_ns, struct text *out);

#endif
