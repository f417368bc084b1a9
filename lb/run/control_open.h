/* Opens the parts of lb in their order: ports, the jail, workers, and where endpoints come from. It accepts nobody until
 * the master tells it to (turns.h). Thread: control. */
#ifndef LB_RUN_CONTROL_OPEN_H
#define LB_RUN_CONTROL_OPEN_H

#include "lb/run/control_state.h"

/* Fails: false, said in the log; what is open by then is to be closed. */
bool control_open(struct control *control);

#endif
