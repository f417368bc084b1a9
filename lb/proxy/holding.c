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

static size_t in_back(const struct back *back)
{
    return back ? back_held_bytes(back) : 0;
}

size_t holding_of(const void *of)
{
    const struct exchange *exchange = of;
    return in_block(exchange->outgoing.head) + in_block(exchange->asked) +
           in_block(exchange->told) + exchange->outgoing.kept.body.len +
           in_pipe(exchange->bulk.request) + in_pipe(exchange->bulk.response) +
           (exchange->tunnel ? tunnel_piped_bytes(exchange->tunnel) : 0) +
           in_back(exchange->attempt.back);
}
