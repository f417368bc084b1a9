/* How long an endpoint is waited for, by its labels: deadlines of its own, and whether it is at all
 * once the client has shut its side. */
#ifndef LB_CONTRACT_WAITS_H
#define LB_CONTRACT_WAITS_H

#include <stdbool.h>

#include "lb/base/view.h"

#define WAITS_UNGIVEN 0xFFFFFFFFu /* where a number stands alone */

enum wait { WAIT_RESPONSE, WAIT_BODY, WAIT_STREAM, WAIT_COUNT };

enum waits_choice { WAITS_UNSAID, WAITS_NO, WAITS_YES };

struct waits {
    bool is_given[WAIT_COUNT];
    unsigned ms[WAIT_COUNT]; /* 0: no such deadline */
    enum waits_choice aborts_on_close;
};

#define WAITS_ABORT_KEY "abort_on_close" /* in lines and files: a boolean */

/* "response_timeout_ms" and so on: the key in lines and files. */
const char *waits_key(enum wait wait);

/* "lb.response-timeout" and so on; WAIT_COUNT for other labels. */
enum wait waits_of_label(const char *label);

/* What the flags of these names take: a time up to 24h, "0", "off" or "none". Fails: false. */
bool waits_parse(struct view value, unsigned *out_ms);

#endif
