#include "lb/proxy/telling.h"

#include "lb/http/head_writer.h"

void telling_add(struct exchange *exchange, struct view name, struct view value)
{
    struct block_pool *blocks = &exchange->env->loop->blocks;
    struct view before = telling_lines(exchange);
    struct block *told =
        block_take(blocks, before.len + name.len + value.len + HEAD_WRITER_LINE_BYTES);
    block_append(told, before);
    struct head_writer writer = head_writer_in(told);
    head_writer_field(&writer, name, value);
    told->len = (size_t)(writer.at - told->bytes);
    telling_forget(exchange);
    exchange->told = told;
    exchange->facts |= EXCHANGE_WENT_ASIDE;
}

void telling_forget(struct exchange *exchange)
{
    block_give(&exchange->env->loop->blocks, exchange->told);
    exchange->told = NULL;
}
