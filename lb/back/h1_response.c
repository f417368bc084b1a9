#include "lb/back/h1_response.h"

#include "lb/back/complaint.h"
#include "lb/back/h1_stage.h"
#include "lb/back/h1_switched.h"
#include "lb/back/trust.h"
#include "lb/policy/idle_limit.h"

/* The backend says how long it keeps idle connections; 0: not at all. */
static void note_idle_limit(struct h1_upstream *upstream, const struct head *head)
{
    const struct field *field = head_find(head, FIELD_KEEP_ALIVE);
    atomic_uint *known_ms = &upstream->back.endpoint->idle_limit_ms;
    unsigned limit_ms;
    if (!field || !idle_limit_parse(head_field_value(head, field), &limit_ms))
        return;
    if (limit_ms == 0)
        upstream->is_persistent = false;
    else if (atomic_load_explicit(known_ms, memory_order_relaxed) != limit_ms)
        atomic_store_explicit(known_ms, limit_ms, memory_order_relaxed);
}

static void start_response(struct h1_upstream *upstream)
{
    upstream->parser =
        parsers_take(upstream->back.fleet->parsers, &upstream->back.fleet->response_setup);
    upstream->parser->answers_head_request = upstream->answers_head_request;
}

/* Nothing behind it is HTTP: `rest` goes to who has the stream then. */
static void switch_over(struct h1_upstream *upstream, struct view rest)
{
    h1_switched_begin(upstream);
    upstream->back.handler->on_switched(upstream->back.owner, &upstream->parser->head);
    stream_tell_again(&upstream->stream, rest);
}

/* Another head follows. */
static void receive_interim(struct h1_upstream *upstream)
{
    upstream->back.handler->on_response(upstream->back.owner, &upstream->parser->head);
    if (upstream->state == H1_UPSTREAM_CLOSING)
        return;
    parser_reset(upstream->parser);
    upstream->parser->answers_head_request = upstream->answers_head_request;
}

/* `here_bytes` of the answer are at hand behind its head. */
static void receive_final(struct h1_upstream *upstream, size_t here_bytes)
{
    const struct head *head = &upstream->parser->head;
    h1_stage_enter(upstream, H1_UPSTREAM_RECEIVING);
    upstream->is_persistent = head->is_keep_alive;
    note_idle_limit(upstream, head);
    if (head->framing != FRAMING_LENGTH || head->content_length > here_bytes)
        upstream->is_stream = patience_is_for_stream(head);
    upstream->back.handler->on_response(upstream->back.owner, head);
}

/* Gives whether the response goes on behind its head, of which `rest` is here. */
static bool receive_head(struct h1_upstream *upstream, struct view rest)
{
    unsigned status = upstream->parser->head.status;
    upstream->has_response_begun = true;
    if (status >= 200)
        receive_final(upstream, rest.len);
    else if (status != 101)
        receive_interim(upstream);
    else
        switch_over(upstream, rest);
    return status != 101;
}

void h1_response_note_unasked(struct h1_upstream *upstream, struct view bytes)
{
    complaint_make(upstream->back.fleet, upstream->back.endpoint, COMPLAINT_UNASKED, bytes);
    upstream->is_persistent = false;
    trust_lose(upstream->back.fleet, upstream->back.endpoint);
}

/* The last call for this response: the owner may give the upstream to another exchange. */
static void end_response(struct h1_upstream *upstream)
{
    upstream->back.handler->on_response_end(upstream->back.owner,
                                            parser_trailers(upstream->parser));
}

/* Uses up `input`. Ends early when the owner closed the upstream or the response is complete. */
static void pump(struct h1_upstream *upstream, struct view input)
{
    struct view piece;
    while (upstream->state != H1_UPSTREAM_CLOSING) {
        switch (parser_step(upstream->parser, &input, &piece)) {
        case PARSER_MORE:
            if (upstream->state == H1_UPSTREAM_RECEIVING)
                patience_body(upstream);
            upstream->back.handler->on_flush(upstream->back.owner);
            return;
        case PARSER_HEAD:
            if (!receive_head(upstream, input))
                return;
            break;
        case PARSER_BODY:
            upstream->back.handler->on_body(upstream->back.owner, piece);
            break;
        case PARSER_END:
            if (input.len > 0)
                h1_response_note_unasked(upstream, input);
            end_response(upstream);
            return;
        case PARSER_ERROR:
            complaint_make(upstream->back.fleet, upstream->back.endpoint,
                           complaint_of(upstream->parser), upstream->parser->flaw_at);
            h1_stage_fail(upstream, upstream->parser->err);
            return;
        }
    }
}

void h1_response_take(struct h1_upstream *upstream, struct view data)
{
    if (!upstream->parser)
        start_response(upstream);
    pump(upstream, data);
}

struct splice *back_splice(struct back *back)
{
    struct h1_upstream *upstream = h1_upstream_of(back);
    uint64_t left = parser_bulk_bytes(upstream->parser);
    return left < SPLICE_WORTH_BYTES ? NULL : stream_splice(&upstream->stream, left);
}

void back_skip(struct back *back, size_t len)
{
    struct h1_upstream *upstream = h1_upstream_of(back);
    parser_skip(upstream->parser, len);
    pump(upstream, view_of(NULL, 0));
}

/* Its FIN is here and its acknowledgement of anything of the request is not: it had closed before
 * the request came, so any method may be sent again, however much of it the kernel still took
 * before the reset that answered it. A reset alone does not prove that. */
static bool is_unaccepted(const struct h1_upstream *upstream, bool is_reset)
{
    return !is_reset && upstream->sent_bytes > 0 &&
           stream_unacknowledged_bytes(&upstream->stream) > 0 &&
           stream_acknowledged_bytes(&upstream->stream) <= upstream->earlier_bytes + 1;
}

void h1_response_end(struct h1_upstream *upstream, bool is_reset)
{
    enum parser_phase phase = upstream->parser ? upstream->parser->phase : PARSER_AT_START;
    if (upstream->state == H1_UPSTREAM_IDLE || phase == PARSER_AT_END) {
        h1_stage_fail(upstream, ERR_UPSTREAM_RESET);
        return;
    }
    upstream->is_persistent = false;
    if (phase == PARSER_IN_START_LINE || phase == PARSER_IN_FIELDS)
        complaint_make(upstream->back.fleet, upstream->back.endpoint, COMPLAINT_HEAD_CUT,
                       text_view(&upstream->parser->stash));
    bool is_untouched = phase == PARSER_AT_START && !upstream->has_response_begun;
    if (is_untouched) {
        upstream->back.is_unaccepted = is_unaccepted(upstream, is_reset);
        h1_stage_fail(upstream, ERR_UPSTREAM_RESET);
    } else if (!is_reset && parser_finish(upstream->parser) == PARSER_END) {
        end_response(upstream);
    } else {
        h1_stage_fail(upstream, ERR_UPSTREAM_TRUNCATED);
    }
}

void back_pause(struct back *back)
{
    struct h1_upstream *upstream = h1_upstream_of(back);
    pressure_begin(&upstream->back.pressure, loop_now_ms(upstream->back.fleet->loop));
    stream_pause(&upstream->stream);
}

void back_resume(struct back *back)
{
    struct h1_upstream *upstream = h1_upstream_of(back);
    pressure_end(&upstream->back.pressure, loop_now_ms(upstream->back.fleet->loop));
    stream_resume(&upstream->stream);
    if (upstream->state == H1_UPSTREAM_RECEIVING)
        patience_body(upstream);
}
