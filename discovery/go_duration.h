/* Durations as Consul's API writes them, which are those of Go: "10m", "1h30m", "1.5s". Pure. */
#ifndef DISCOVERY_GO_DURATION_H
#define DISCOVERY_GO_DURATION_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/view.h"

/* In milliseconds; what is less than one counts as none. Fails: false on anything else, on a sign and on more
 * than ten years. */
bool go_duration_parse(struct view text, uint64_t *out_ms);

#endif
