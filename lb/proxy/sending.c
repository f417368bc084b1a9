#include "lb/proxy/sending.h"

#include "lb/proxy/mirror.h"

/* Pressure goes back to the client. */
static void note_written(struct exchange *exchange, enum stream_written written)
{
    exchange->attempt.was_sent = exchange->outgoing.was_sent;
    if (written == STREAM_FULL)
        front_pause_body(exchange->front);
}

void sending_body(struct exchange *exchange, struct view piece)
{
    note_written(exchange, back_send_body(exchange->attempt.back, &exchange->outgoing, piece));
}

void sending_flush(struct exchange *exchange)
{
    struct back *back = exchange->attempt.back;
    note_written(exchange, back_flush(back, &exchange->outgoing));
    if (exchange->request == REQUEST_READ) {
        exchange->request = REQUEST_SENT;
        back_end_request(back);
        if (exchange->rule && exchange->rule->mirror_ring)
            mirror_consider(exchange);
    } else if (exchange->request == REQUEST_COMING && !exchange->outgoing.kept.is_complete)
        bulk_begin_request(&exchange->bulk, exchange->front, exchange->attempt.back);
}

void sending_start(struct exchange *exchange)
{
    note_written(exchange, back_send_begin(exchange->attempt.back, &exchange->outgoing));
    if (exchange->request != REQUEST_COMING)
        sending_flush(exchange);
    else
        front_take_body(exchange->front); /* ends with on_flush */
}
