/* A client whose balancer tells first who it is: what comes before its first request. For h1_client.c.
 * Thread: worker. */
#ifndef LB_FRONT_H1_PREFACE_H
#define LB_FRONT_H1_PREFACE_H

#include "lb/front/h1_client_state.h"

/* A PROXY header is awaited from now on; it has the time of a head. */
void h1_preface_await(struct h1_client *client);

/* More of it has come, and perhaps of what stands behind it. The header makes the client who it names,
 * whose share of connections is looked at then; its first request is read next. A malformed one, or
 * none, is refused. */
void h1_preface_read(struct h1_client *client, struct view data);

/* It did not come in time. */
void h1_preface_give_up(struct h1_client *client);

#endif
