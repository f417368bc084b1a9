/* Who is asked: host and port, as in Host and in a target in absolute form (RFC 9110 § 7.2). */
#ifndef LB_HTTP_AUTHORITY_H
#define LB_HTTP_AUTHORITY_H

#include "lb/base/view.h"

/* uri-host [ ":" port ]: registered name, IPv4 or bracketed IPv6 literal. It may be empty as a
 * whole (RFC 9112 § 3.2). */
bool authority_is_valid(struct view text);

#endif
