/* What PostgreSQL is asked, and the errors that it answers. What is read is foreign. Pure. */
#ifndef LB_HEALTH_POSTGRES_H
#define LB_HEALTH_POSTGRES_H

#include "lb/base/view.h"

/* May there be TLS? One byte comes back, S or N, or an error. A client's first words, so that the server's log
 * says nothing of who asks no more. */
#define POSTGRES_SSL_REQUEST VIEW("\0\0\0\x08\x04\xD2\x16\x2F")

/* Whether all of an answer is there; of what has come, which is not empty. */
bool postgres_is_whole(struct view answer);

/* What an error says; "" where it says nothing. Borrows. */
struct view postgres_text(struct view answer);

#endif
