#include "lb/proxy/answering.h"

#include "lb/proxy/filtering.h"
#include "lb/proxy/securing.h"
#include "lb/proxy/stickiness.h"

/* Pressure goes on to the backend. */
static bool note_written(struct exchange *exchange, enum stream_written written)
{
    if (written == STREAM_FULL)
        back_pause(exchange->attempt.back);
    return written != STREAM_BROKEN;
}

static void note_head(struct exchange *exchange, const struct head *head)
{
    exchange->first_byte_ns = loop_mono_ns(exchange->env->loop);
    exchange->status = head->status;
    if (head->status >= 500)
        exchange->facts |= EXCHANGE_IS_NOTABLE;
}

bool answering_interim(struct exchange *exchange, const struct head *head)
{
    return note_written(exchange, front_send_interim(exchange->front, head));
}

bool answering_switch(struct exchange *exchange, const struct head *head)
{
    note_head(exchange, head);
    exchange->answer = ANSWER_BEGUN;
    struct text lines = TEXT_INIT;
    if (exchange_is(exchange, EXCHANGE_IS_STICKY))
        stickiness_append(exchange, &lines);
    enum stream_written written = front_send_switch(exchange->front, head, text_view(&lines));
    text_fini(&lines);
    if (!note_written(exchange, written))
        return false;
    exchange->answer = ANSWER_SWITCHED;
    return true;
}

static void add_cookie(const struct exchange *exchange) __attribute__((noinline));

static void add_cookie(const struct exchange *exchange)
{
    struct text lines = TEXT_INIT;
    stickiness_append(exchange, &lines);
    if (lines.len > 0)
        front_edit_head(exchange->front, &(struct head_edit){.lines = text_view(&lines)});
    text_fini(&lines);
}

void answering_begin(struct exchange *exchange, const struct head *head)
{
    note_head(exchange, head);
    exchange->answer = ANSWER_HEAD;
    front_send_head(exchange->front, head);
    if (exchange->front->tls)
        securing_edit_answer(exchange);
    if (exchange_treatment(exchange))
        filtering_edit_answer(exchange);
    if (exchange_is(exchange, EXCHANGE_IS_STICKY))
        add_cookie(exchange);
}

bool answering_body(struct exchange *exchange, struct view piece)
{
    exchange->response_body_bytes += piece.len;
    return note_written(exchange, front_send_body(exchange->front, piece));
}

bool answering_flush(struct exchange *exchange)
{
    if (exchange->answer == ANSWER_HEAD)
        exchange->answer = ANSWER_BEGUN;
    return note_written(exchange, front_flush(exchange->front));
}

void answering_forget(struct exchange *exchange)
{
    front_forget(exchange->front);
    if (exchange_has_answered(exchange))
        return;
    exchange->answer = ANSWER_NONE;
    exchange->status = 0;
    exchange->first_byte_ns = 0;
    exchange->response_body_bytes = 0;
}
