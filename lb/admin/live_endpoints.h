/* "endpoints", "endpoint_numbers" and "endpoint_more" of /events. */
#ifndef LB_ADMIN_LIVE_ENDPOINTS_H
#define LB_ADMIN_LIVE_ENDPOINTS_H

#include "lb/admin/live_frame.h"

#define LIVE_ENDPOINT_MAX 2000u /* that are told; those that are not ready come first */
#define LIVE_ENDPOINT_TURNS                                                                        \
    250u /* whose numbers are looked at in one object; the others have theirs in turn */

/* Thread: control. */
void live_endpoints_look(const struct live_frame *frame);

#endif
