#include "lb/proxy/answering.h"

#include "lb/http/forward.h"
#include "lb/http/framing.h"

static void collect_head(struct exchange *exchange, const struct head *head,
                         const struct forward_response *options)
{
    struct block_pool *blocks = &exchange->env->loop->blocks;
    exchange->response_head = block_take(blocks, forward_response_bound(head));
    forward_response(head, options, exchange->response_head);
    relay_head(&exchange->env->crowd.to_client, block_view(exchange->response_head));
}

static void drop_collected(struct exchange *exchange)
{
    relay_reset(&exchange->env->crowd.to_client);
    block_give(&exchange->env->loop->blocks, exchange->response_head);
    exchange->response_head = NULL;
}

bool answering_flush(struct exchange *exchange)
{
    struct relay *relay = &exchange->env->crowd.to_client;
    unsigned count = relay_pieces(relay);
    if (count == 0)
        return true;
    enum stream_written written = client_write(exchange->client, relay->pieces, count);
    if (exchange->answer == ANSWER_HEAD)
        exchange->answer = ANSWER_BEGUN;
    drop_collected(exchange);
    if (written == STREAM_FULL)
        upstream_pause(exchange->attempt.upstream);
    return written != STREAM_BROKEN;
}

bool answering_switch(struct exchange *exchange, const struct head *head)
{
    exchange->first_byte_ns = loop_mono_ns(exchange->env->loop);
    exchange->status = head->status;
    exchange->framing = FRAMING_CLOSE;
    collect_head(exchange, head, &(struct forward_response){.connection = FORWARD_PERSISTS});
    exchange->answer = ANSWER_HEAD;
    if (!answering_flush(exchange))
        return false;
    exchange->answer = ANSWER_SWITCHED;
    return true;
}

bool answering_interim(struct exchange *exchange, const struct head *head)
{
    if (exchange_is(exchange, EXCHANGE_FROM_HTTP10))
        return true; /* RFC 9110 § 15.2 */
    collect_head(exchange, head, &(struct forward_response){.connection = FORWARD_PERSISTS});
    if (!answering_flush(exchange))
        return false;
    if (exchange->request == REQUEST_COMING)
        client_touch(exchange->client); /* 100: only now is it to send its body */
    return true;
}

/* An answer that comes before the request's end mostly ends before it, too: then the rest of the
 * body is not read, and a next request would find no one. */
static bool may_persist(const struct exchange *exchange)
{
    return exchange_is(exchange, EXCHANGE_WANTS_KEEP_ALIVE) &&
           client_may_persist(exchange->client) && exchange->framing != FRAMING_CLOSE &&
           exchange->request != REQUEST_COMING;
}

void answering_begin(struct exchange *exchange, const struct head *head)
{
    exchange->first_byte_ns = loop_mono_ns(exchange->env->loop);
    exchange->status = head->status;
    exchange->answer = ANSWER_HEAD;
    exchange->framing = framing_to_client(head, exchange_is(exchange, EXCHANGE_FROM_HTTP10));
    exchange->persists = may_persist(exchange);
    struct forward_response options = {.is_chunked = exchange->framing == FRAMING_CHUNKED,
                                       .date = crowd_date(&exchange->env->crowd),
                                       .connection = FORWARD_PERSISTS};
    if (!exchange->persists)
        options.connection = FORWARD_CLOSE;
    else if (exchange_is(exchange, EXCHANGE_FROM_HTTP10))
        options.connection = FORWARD_KEEP_ALIVE;
    collect_head(exchange, head, &options);
}

bool answering_body(struct exchange *exchange, struct view piece)
{
    struct relay *relay = &exchange->env->crowd.to_client;
    bool is_chunked = exchange->framing == FRAMING_CHUNKED;
    exchange->response_body_bytes += piece.len;
    if (relay_body(relay, piece, is_chunked))
        return true;
    return answering_flush(exchange) && relay_body(relay, piece, is_chunked);
}

void answering_forget(struct exchange *exchange)
{
    drop_collected(exchange);
    if (exchange_has_answered(exchange))
        return;
    exchange->answer = ANSWER_NONE;
    exchange->status = 0;
    exchange->first_byte_ns = 0;
    exchange->response_body_bytes = 0;
}
