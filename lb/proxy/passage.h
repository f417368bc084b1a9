/* One TCP connection of a client, joined to one of an endpoint: which service it is for, the tries to connect,
 * and then a tunnel. Its states are those of passage_state.h. Thread: worker. */
#ifndef LB_PROXY_PASSAGE_H
#define LB_PROXY_PASSAGE_H

#include "lb/net/listener.h"
#include "lb/proxy/env.h"

/* Takes the connection that waits at `listener`, which is known by `at`. */
void passage_accept(struct env *env, struct listener *listener, const struct address *at);

/* Whether that address, of a listener for TLS, is one of rules with names, too. */
bool passage_is_beside(const struct env *env, const struct address *at);

/* The same as passage_accept there: who asks for no such name is handed to the front, with what was read of it. */
void passage_accept_beside(struct env *env, struct listener *listener, const struct address *at);

/* Another snapshot may be in use: where their service asks for it, those to endpoints that drain or are gone are
 * ended. */
void passage_refresh(struct env *env);

#endif
