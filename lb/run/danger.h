/* Settings that are allowed and may hurt. */
#ifndef LB_RUN_DANGER_H
#define LB_RUN_DANGER_H

#include "lb/base/text.h"
#include "lb/config/config.h"

/* Appends a line for each: deadlines that are switched off although something may stand still for ever without them (one line for
 * all of these), TLS without certificates, and certificates without TLS. Thread: any. */
void danger_append(const struct config *config, struct text *lines);

/* Warns of them. Thread: control. */
void danger_tell(const struct config *config);

/* The same of files with secrets that others than their owner may read; apart, as it is said at each reload. */
void danger_append_exposed(const struct config *config, struct text *lines);

#endif
