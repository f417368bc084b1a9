/* A certificate that a container asks for, that is not there, and that nobody orders where lb was started without --acme. */
#ifndef LB_ADMIN_CERTIFICATE_LACK_H
#define LB_ADMIN_CERTIFICATE_LACK_H

#include "lb/admin/url_https.h"
#include "lb/follow/membership.h"

/* Whether there is one: appends the first name, who asks, and the remedy, without a full stop. `container`: its id; may be
 * NULL: nobody's. Thread: control. */
bool certificate_lack_append(const struct membership *membership, const struct url_https *https,
                             const char *container, struct text *out);

#endif
