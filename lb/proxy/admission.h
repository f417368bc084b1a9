/* Who a new client is, and whether there is room for it. */
#ifndef LB_PROXY_ADMISSION_H
#define LB_PROXY_ADMISSION_H

#include "lb/proxy/client.h"

/* Notes the peer's address and whether it is trusted, and counts the client. Where there are too
 * many, the one that has been idle for the longest is closed. Fails: why it cannot be served. */
enum err admission_enter(struct client *client);

/* The client is gone. */
void admission_leave(struct client *client);

#endif
