/* Connections to endpoints that speak https: whom they trust, and what becomes of their handshakes. Thread: worker. */
#ifndef LB_BACK_H1_SECURE_H
#define LB_BACK_H1_SECURE_H

#include "lb/back/h1_upstream_state.h"

/* Whether requests of that service go there by https; connections of TCP services say what they say. */
static inline bool h1_secure_is_for(const struct service_local *service,
                                    const struct endpoint *endpoint)
{
    return endpoint->protocol == PROTOCOL_HTTPS && service_of(service)->kind == SERVICE_HTTP;
}

/* What speaks TLS with that endpoint, as the service says now. Borrowed. NULL: nobody can, which was told. */
struct tls_client *h1_secure_find(struct fleet *fleet, const struct service_local *service,
                                  struct endpoint *endpoint);

/* Whether it speaks as the service says now: another one may have the endpoint too, or it says something else since. */
bool h1_secure_is_as_said(const struct h1_upstream *upstream, const struct service_local *service);

/* The connect ended with that status, after the handshake. Counts and tells it; gives why it failed, ERR_OK: it did
 * not. */
enum err h1_secure_judge(struct h1_upstream *upstream, int status);

#endif
