/* What an image says besides (--listen-also, and so on): whether it counts. */
#ifndef LB_CONFIG_CONFIG_ALSO_H
#define LB_CONFIG_CONFIG_ALSO_H

#include "lb/config/config.h"
#include "lb/config/config_layer.h"

#define CONFIG_ALSO_LAYERS 3

/* Forgets what does not count, once all layers were applied: what is named in one of them without the other that is said besides;
 * directories that are not there; ports of TLS where there is nothing to show. What is left of the directories counts as any. */
void config_also_settle(struct config *config,
                        const struct config_layer *const layers[CONFIG_ALSO_LAYERS]);

#endif
