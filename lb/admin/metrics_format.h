/* Which of its formats /metrics is wanted in. */
#ifndef LB_ADMIN_METRICS_FORMAT_H
#define LB_ADMIN_METRICS_FORMAT_H

#include <stdbool.h>

#include "lb/base/view.h"

/* Whether the field Accept (RFC 9110 § 12.5.1; empty: none came) names OpenMetrics 1.0, and would not rather have
 * the text format. Pure. */
bool metrics_format_is_open(struct view accept);

#endif
