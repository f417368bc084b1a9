/* One TCP connection of a client, joined to one of an endpoint: which service it is for, the tries to connect,
 * and then a tunnel. Thread: worker. */
#ifndef LB_PROXY_PASSAGE_H
#define LB_PROXY_PASSAGE_H

#include "lb/net/listener.h"
#include "lb/proxy/env.h"

/* Takes the connection that waits at `listener`, which is known by `at`. */
void passage_accept(struct env *env, struct listener *listener, const struct address *at);

#endif
