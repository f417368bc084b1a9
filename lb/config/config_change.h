/* Whether a running lb-proxy can go from one configuration to another. */
#ifndef LB_CONFIG_CONFIG_CHANGE_H
#define LB_CONFIG_CONFIG_CHANGE_H

#include "lb/base/text.h"
#include "lb/config/config.h"

/* Whether something differs that only a process which is started anew can take over: `why` names all of it, "listen changed
 * from … to …, workers changed from …". Pure. Thread: any. */
bool config_change_needs_renewal(const struct config *before, const struct config *after,
                                 struct text *why);

#endif
