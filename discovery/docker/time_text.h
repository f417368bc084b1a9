/* Times as the engine writes them in an inspect. Pure. */
#ifndef DISCOVERY_DOCKER_TIME_TEXT_H
#define DISCOVERY_DOCKER_TIME_TEXT_H

#include <stdint.h>

#include "lb/base/view.h"

/* Nanoseconds since 1970 of "2024-02-29T12:34:56.123456789Z" or "…+02:00" (RFC 3339), any number of
 * digits behind the point. Fails: 0, also for times before 1970. */
uint64_t time_text_parse(struct view text);

#endif
