#include "lb/proxy/sending.h"

static void note_written(struct exchange *exchange, enum stream_written written)
{
    if (written != STREAM_BROKEN)
        exchange->attempt.was_sent = true;
    if (written == STREAM_FULL)
        front_pause_body(exchange->front);
}

void sending_flush(struct exchange *exchange)
{
    struct relay *relay = &exchange->env->fleet.to_upstream;
    bool has_head = !exchange->is_head_sent;
    if (has_head)
        relay_head(relay, block_view(exchange->request_head));
    unsigned count = relay_pieces(relay);
    if (count > 0) {
        note_written(exchange, upstream_write(exchange->attempt.upstream, relay->pieces, count));
        replay_note(&exchange->replay, relay->pieces + has_head, count - has_head);
        exchange->is_head_sent = true;
    }
    relay_reset(relay);
    if (exchange->request == REQUEST_READ) {
        exchange->request = REQUEST_SENT;
        upstream_end_request(exchange->attempt.upstream);
    } else if (exchange->request == REQUEST_COMING && !exchange->replay.is_complete)
        bulk_begin_request(&exchange->bulk, exchange->front);
}

/* Sends again what was taken from the client in an earlier attempt. */
static void send_kept(struct exchange *exchange)
{
    struct iovec piece = {.iov_base = exchange->request_head->bytes,
                          .iov_len = exchange->request_head->len};
    note_written(exchange, upstream_write(exchange->attempt.upstream, &piece, 1));
    for (struct block *block = exchange->replay.body.first; block; block = block->next) {
        piece = (struct iovec){.iov_base = block->bytes, .iov_len = block->len};
        note_written(exchange, upstream_write(exchange->attempt.upstream, &piece, 1));
    }
    exchange->is_head_sent = true;
}

void sending_start(struct exchange *exchange)
{
    upstream_begin(exchange->attempt.upstream, exchange_is(exchange, EXCHANGE_TO_HEAD));
    if (exchange->replay.body.len > 0)
        send_kept(exchange);
    if (exchange->request != REQUEST_COMING)
        sending_flush(exchange);
    else
        front_take_body(exchange->front); /* ends with on_flush */
}
