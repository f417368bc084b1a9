/* What Connection says (RFC 9110 § 7.6.1): whether the connection persists, and which fields go no
 * further. */
#ifndef LB_HTTP_CONNECTION_H
#define LB_HTTP_CONNECTION_H

#include "lb/base/err.h"
#include "lb/http/head.h"

#define CONNECTION_OPTION_MAX 32 /* that name fields; close, keep-alive, upgrade aside */

/* Sets is_keep_alive, and is_dropped of the fields that an option names; `*wants_upgrade`: one is
 * "upgrade". Fails: ERR_OPTIONS. */
enum err connection_read(struct head *head, bool *wants_upgrade);

#endif
