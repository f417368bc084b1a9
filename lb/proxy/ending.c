#include "lb/proxy/ending.h"

#include "lb/proxy/refusal.h"
#include "lb/proxy/report.h"
#include "lb/proxy/retargeting.h"
#include "lb/proxy/securing.h"
#include "lb/proxy/sign_in.h"
#include "lb/proxy/telling.h"

/* What only a request has that had to wait, or was told something of. */
static void end_waits(struct exchange *exchange)
{
    if (exchange->sign_in)
        sign_in_end(exchange);
    hold_end(exchange->hold, exchange->env);
    queue_end(exchange->queue, exchange->env);
    if (exchange->told)
        telling_forget(exchange);
}

static inline struct report report_of(const struct exchange *exchange, enum err end)
{
    return (struct report){.peer = &exchange->front->peer,
                           .attempt = &exchange->attempt,
                           .forwarded = &exchange->forwarded,
                           .rule = exchange->rule,
                           .minor_version = exchange_is(exchange, EXCHANGE_FROM_HTTP10) ? 0 : 1,
                           .end = end,
                           .status = exchange->status,
                           .is_tunnel = exchange->answer == ANSWER_SWITCHED,
                           .request_body_bytes = exchange->request_body_bytes,
                           .response_body_bytes = exchange->response_body_bytes,
                           .started_ns = exchange->started_ns,
                           .first_byte_ns = exchange->first_byte_ns,
                           .hold = exchange->hold,
                           .queue = exchange->queue};
}

/* A record is large, and not all want one: nor is what it is made of laid out for all. */
static void tell(const struct exchange *exchange, enum err end) __attribute__((noinline));

static void tell(const struct exchange *exchange, enum err end)
{
    const struct treatment *treatment = exchange_treatment(exchange);
    if (treatment && treatment->is_unlogged)
        return;
    struct report report = report_of(exchange, end);
    report.tls = exchange->front->tls;
    report_tell(&report);
}

/* What few requests need. */
static void end_aside(struct exchange *exchange, enum err end, bool is_told)
    __attribute__((cold, noinline));

static void end_aside(struct exchange *exchange, enum err end, bool is_told)
{
    if (exchange_is(exchange, EXCHANGE_IS_NOTABLE) && !is_told)
        tell(exchange, end);
    if (exchange_is(exchange, EXCHANGE_WENT_ASIDE))
        end_waits(exchange);
}

/* The one exit, good or bad: one record for each request. Frees the exchange. */
static void finish(struct exchange *exchange, enum err end)
{
    struct env *env = exchange->env;
    if (exchange->tunnel) {
        exchange->request_body_bytes += exchange->tunnel->client.said_bytes;
        exchange->response_body_bytes += exchange->tunnel->backend.said_bytes;
    }
    struct report report = report_of(exchange, end);
    bool is_told = env_tells(env, report_count(&report));
    if (is_told)
        tell(exchange, end);
    if (exchange->facts & (EXCHANGE_WENT_ASIDE | EXCHANGE_IS_NOTABLE))
        end_aside(exchange, end, is_told);
    tunnel_free(exchange->tunnel);
    attempt_fini(&exchange->attempt);
    bulk_end(&exchange->bulk, exchange->front);
    counter_add(&env->metrics.inflight_count, (uint64_t)-1);
    back_request_fini(&exchange->outgoing, &env->fleet);
    if (exchange->asked)
        block_give(&env->loop->blocks, exchange->asked);
    table_use_end(exchange->rule_kept);
    front_forget(exchange->front);
    slab_give(&env->exchange_slab, exchange);
    env_note_running(env);
}

/* With an answer of lb's own; where the backend's has begun, so that the client gets what there is of
 * it and cannot take it for the whole. The record tells of `end`. */
static void fail_as(struct exchange *exchange, enum err err, enum err end,
                    const struct answer_page *page)
{
    struct front *front = exchange->front;
    bool is_cut = exchange_has_answered(exchange);
    exchange->facts |= EXCHANGE_IS_NOTABLE;
    enum stream_written written = STREAM_BROKEN;
    if (!is_cut) {
        struct refusal refusal = {.err = err,
                                  .request_id = exchange->forwarded.request_id,
                                  .is_to_head = exchange_is(exchange, EXCHANGE_TO_HEAD),
                                  .page = page,
                                  .accept = exchange->forwarded.accept};
        struct text location = TEXT_INIT;
        exchange->status = (unsigned)err_status(err);
        if (err == ERR_SLASH)
            retargeting_append_slash(exchange, &location);
        if (err == ERR_PAUSED)
            refusal.retry_after_s = hold_retry_after_s(&exchange->attempt);
        refusal.location = text_view(&location);
        if (exchange_treatment(exchange))
            refusal.pages = exchange_treatment(exchange)->error_pages;
        if (front->tls)
            securing_tell(exchange, err);
        refusal.lines = telling_lines(exchange);
        written = refusal_write(front, &refusal);
        text_fini(&location);
    }
    finish(exchange, end);
    if (is_cut)
        front_break_off(front);
    else if (written == STREAM_BROKEN)
        front_abort(front);
    else
        front_finish(front);
}

void ending_fail(struct exchange *exchange, enum err err)
{
    fail_as(exchange, err, err, NULL);
}

void ending_answer(struct exchange *exchange, enum err end, struct view body)
{
    fail_as(exchange, end, end, &(struct answer_page){.content_type = "text/plain", .body = body});
}

void ending_drop_waiting(struct exchange *exchange)
{
    fail_as(exchange, ERR_NO_ENDPOINT, ERR_CLIENT_GONE, NULL);
}

void ending_answered(struct exchange *exchange)
{
    struct front *front = exchange->front;
    finish(exchange, ERR_OK);
    front_finish(front);
}

void ending_lose_client(struct exchange *exchange)
{
    struct front *front = exchange->front;
    finish(exchange, ERR_CLIENT_GONE);
    front_abort(front);
}

void ending_of_gone_client(struct exchange *exchange, enum err why)
{
    finish(exchange, why);
}
