/* What /events tells of lb itself: "about", "source", "listeners", "routes" and "certificates". */
#ifndef LB_ADMIN_LIVE_ABOUT_H
#define LB_ADMIN_LIVE_ABOUT_H

#include "lb/admin/live_frame.h"

/* `host` is that of the machine or container. Thread: control. */
void live_about_look(const struct live_frame *frame, const char *host);

#endif
