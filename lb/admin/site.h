/* Everything that the admin listener answers to, as one table. */
#ifndef LB_ADMIN_SITE_H
#define LB_ADMIN_SITE_H

#include "lb/admin/admin.h"

/* The admin listener's `respond`; `owner` is a struct pages. Thread: control. */
void site_respond(void *owner, const struct head *head, struct admin_answer *answer);

#endif
