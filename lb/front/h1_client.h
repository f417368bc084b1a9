/* A client's connection that speaks HTTP/1: reads requests, one at a time (h1_request.c), and
 * writes their answers (h1_answer.c). Knows nothing of backends.
 *
 *   [PREFACED →] [QUEUED →] [SHAKING_HANDS →] IDLE → READING_HEAD → SERVING → IDLE | LENT | LINGERING → CLOSING
 */
#ifndef LB_FRONT_H1_CLIENT_H
#define LB_FRONT_H1_CLIENT_H

#include "lb/front/h1_client_state.h"
#include "lb/net/listener.h"

/* Takes the connection that waits at `listener`, and reads nothing of it yet. NULL: it was gone. */
struct h1_client *h1_client_open(struct crowd *crowd, struct listener *listener,
                                 const struct front_handler *handler);

/* It is let in: its first request is read. */
static inline void h1_client_start(struct h1_client *client)
{
    stream_resume(&client->stream);
}

#endif
