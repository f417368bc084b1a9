/* From the configuration to what the workers get. */
#ifndef LB_RUN_SETTINGS_H
#define LB_RUN_SETTINGS_H

#include "lb/config/config.h"
#include "lb/proxy/env.h"

/* The options of each of `worker_count` workers; strings are borrowed from `config`. Without
 * --max-connections, as many clients as RLIMIT_NOFILE leaves two descriptors each for. */
struct env_options settings_for_workers(const struct config *config, unsigned worker_count);

/* When endpoints are ejected. */
struct outlier_rules settings_for_outliers(const struct config *config);

#endif
