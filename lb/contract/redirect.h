/* Where a route sends its requests: "[STATUS] TARGET". The target is
 *   https, https:8443, http, http:8080    the same host and path, by that scheme and port
 *   https://a.test, https://a.test/path   that host; the path too, where one is given
 *   /path                                 that path
 *   ~REGEX REPLACEMENT                    what the regex finds in http://host/path?query is replaced
 * The query stays, unless the target has one. Borrows. Pure. */
#ifndef LB_CONTRACT_REDIRECT_H
#define LB_CONTRACT_REDIRECT_H

#include <stdbool.h>

#include "lb/base/text.h"
#include "lb/base/view.h"

struct redirect {
    unsigned status;    /* 301, 302, 307 or 308 */
    struct view scheme; /* "https" or "http"; empty: that of the request */
    struct view port;   /* behind the host of the request; empty: none */
    /* Empty: the host of the request, without its port where there is a scheme. */
    struct view authority;
    struct view path;  /* with its query, if it has one; empty: that of the request */
    struct view regex; /* then all of the above but the status is empty */
    struct view replacement;
};

/* Fails: false, `problem` gets what is wrong: "has no target". */
bool redirect_parse(struct view value, struct redirect *out, struct text *problem);

/* The status for that method: what is not GET or HEAD is not to become GET. */
unsigned redirect_status_for(unsigned status, struct view method);

#endif
