/* What an answer of lb's own says beside its status: more fields, told by who decided it. Thread:
 * worker. */
#ifndef LB_PROXY_TELLING_H
#define LB_PROXY_TELLING_H

#include "lb/proxy/exchange_state.h"

/* Adds a line. Both are copied; neither has a control character. */
void telling_add(struct exchange *exchange, struct view name, struct view value);

/* Nothing is told. */
void telling_forget(struct exchange *exchange);

/* All lines. Borrowed. */
static inline struct view telling_lines(const struct exchange *exchange)
{
    return exchange->told ? block_view(exchange->told) : VIEW("");
}

#endif
