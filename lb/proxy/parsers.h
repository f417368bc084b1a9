/* Parsers on loan: a connection has one only while it reads a message. Thread: worker. */
#ifndef LB_PROXY_PARSERS_H
#define LB_PROXY_PARSERS_H

#include "lb/proxy/env.h"

/* Gives a parser at the start of a message; `setup` is one of env's. To be handed to parsers_drop.
 */
struct parser *parsers_take(struct env *env, const struct parser_setup *setup);

/* Takes `*parser` back and sets it to NULL, which is allowed. */
void parsers_drop(struct env *env, struct parser **parser);

#endif
