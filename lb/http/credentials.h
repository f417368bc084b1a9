/* Who a client says it is: the value of Authorization in the scheme Basic (RFC 7617). Pure. */
#ifndef LB_HTTP_CREDENTIALS_H
#define LB_HTTP_CREDENTIALS_H

#include <stdbool.h>

#include "lb/base/view.h"

#define CREDENTIALS_BYTES_MAX 1024u /* of user and password */

struct credentials {
    struct view user, password; /* in the room that was given */
};

/* Fails: false; another scheme, no base64, no colon, a control character, or too long. */
bool credentials_parse(struct view value, char room[static CREDENTIALS_BYTES_MAX],
                       struct credentials *out);

#endif
