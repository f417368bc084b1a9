/* Settings that are allowed and may hurt. */
#ifndef LB_RUN_DANGER_H
#define LB_RUN_DANGER_H

#include "lb/config/config.h"

/* Warns, once for all of them, of deadlines that are switched off although something may stand
 * still for ever without them. Thread: control. */
void danger_tell(const struct config *config);

#endif
