/* What is wrong with the answers of an endpoint, or with a route, in the operator's log. */
#ifndef LB_CREW_COMPLAINTS_H
#define LB_CREW_COMPLAINTS_H

#include "lb/base/view.h"
#include "lb/pool/endpoint.h"

/* One warning, with a bounded and escaped piece of the sample. Thread: any. */
void complaints_say(const struct endpoint *endpoint, const char *sentence, struct view sample);

/* A request was refused, as it is not known whether this route holds for it. Thread: any. */
void complaints_of_doubt(struct view route);

/* A TLS handshake with a client did not go well, for that reason: one of a few. */
void complaints_of_handshake(const char *why);

#endif
