/* Times as programs in Go write them, and so Consul: "10s", "1m30s", "1.5h" (time.ParseDuration). Pure. */
#ifndef DISCOVERY_DIALECT_GO_DURATION_H
#define DISCOVERY_DIALECT_GO_DURATION_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/view.h"

#define GO_DURATION_MAX_MS UINT64_C(31536000000) /* a year */

/* Fails: false; also for one below a millisecond, which nobody means, and above a year. */
bool go_duration_parse(struct view text, uint64_t *out_ms);

#endif
