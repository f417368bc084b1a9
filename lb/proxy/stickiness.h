/* Who has been served comes back to the same endpoint, by a cookie of lb's own (lb/pool/pool_sticky). One
 * that is draining keeps those who have been there, and gets no others; from one that cannot be asked
 * they go to another, with another cookie. Backends do not see it. Thread: worker. */
#ifndef LB_PROXY_STICKINESS_H
#define LB_PROXY_STICKINESS_H

#include "lb/proxy/exchange_state.h"

/* Whether the request's cookie leads to an endpoint of that service, which can be asked and was not yet. */
bool stickiness_leads_to(const struct exchange *exchange, const struct pool_service *service);

/* The endpoint that the request's cookie leads to, if it can be asked and was not yet; of several cookies
 * the first that leads to one counts. NULL: there is none, or the service is not sticky. Takes the cookies
 * out of what the backend gets. */
struct endpoint *stickiness_find(struct exchange *exchange);

/* Appends Set-Cookie for the endpoint that answers, with its CRLF; nothing where the client has the
 * cookie. Of an exchange that is sticky. */
void stickiness_append(const struct exchange *exchange, struct text *out);

#endif
