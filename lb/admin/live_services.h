/* "services" and "service_numbers" of /events. */
#ifndef LB_ADMIN_LIVE_SERVICES_H
#define LB_ADMIN_LIVE_SERVICES_H

#include "lb/admin/live_frame.h"

/* As many as WINDOW_SERVICE_MAX; "service_more" has how many there are beyond. Thread: control. */
void live_services_look(const struct live_frame *frame);

#endif
