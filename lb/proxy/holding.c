#include "lb/proxy/holding.h"

#include "lb/proxy/exchange_state.h"

static size_t in_block(const struct block *block)
{
    return block ? block->capacity : 0;
}

static size_t in_pipe(const struct splice *splice)
{
    return splice ? splice->len : 0;
}

static size_t in_upstream(const struct upstream *upstream)
{
    if (!upstream)
        return 0;
    return upstream_waiting_bytes(upstream) + (upstream->parser ? upstream->parser->held_bytes : 0);
}

size_t holding_of(const void *of)
{
    const struct exchange *exchange = of;
    return in_block(exchange->request_head) + exchange->replay.body.len +
           in_pipe(exchange->bulk.request) + in_pipe(exchange->bulk.response) +
           in_upstream(exchange->attempt.upstream);
}
