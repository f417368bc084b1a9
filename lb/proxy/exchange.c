#include "lb/proxy/exchange.h"

#include <assert.h>

#include "lb/http/forward.h"
#include "lb/proxy/complaint.h"
#include "lb/proxy/exchange_state.h"
#include "lb/proxy/holding.h"
#include "lb/proxy/outcome.h"
#include "lb/proxy/refusal.h"
#include "lb/proxy/report.h"
#include "lb/proxy/sending.h"
#include "lb/proxy/tally.h"
#include "lb/proxy/tunnel.h"
#include "lb/proxy/upstream_cache.h"

static const struct upstream_handler upstream_handler;

static void attempt_after(struct exchange *exchange, enum err last_failure);

/* ---- the end ----------------------------------------------------------------------------------
 */

/* The one exit, good or bad: one record for each request. Frees the exchange. */
static void finish(struct exchange *exchange, enum err end)
{
    struct env *env = exchange->env;
    report_request(&(struct report){.client = exchange->client,
                                    .attempt = &exchange->attempt,
                                    .request_head = block_view(exchange->request_head),
                                    .request_id = exchange->request_id,
                                    .method = exchange->method,
                                    .minor_version = exchange->is_http10_client ? 0 : 1,
                                    .end = end,
                                    .status = exchange->status,
                                    .is_tunnel = exchange->is_tunnel,
                                    .request_body_bytes = exchange->request_body_bytes,
                                    .response_body_bytes = exchange->response_body_bytes,
                                    .started_ns = exchange->started_ns,
                                    .first_byte_ns = exchange->first_byte_ns,
                                    .hold_ns = hold_waited_ns(exchange->hold, env)});
    hold_end(exchange->hold, env);
    attempt_fini(&exchange->attempt);
    bulk_end(&exchange->bulk, exchange->client);
    metrics_add(&env->metrics.inflight_count, (uint64_t)-1);
    block_give(&env->loop->blocks, exchange->request_head);
    block_give(&env->loop->blocks, exchange->response_head);
    replay_forget(&exchange->replay);
    relay_reset(&env->to_upstream);
    relay_reset(&env->to_client);
    slab_give(&env->exchange_slab, exchange);
}

/* Ends the exchange with an answer of lb's own; where the backend's has begun, so that the client
 * gets what there is of it and cannot take it for the whole. The record tells of `end`. */
static void fail_as(struct exchange *exchange, enum err err, enum err end)
{
    struct client *client = exchange->client;
    bool persists = exchange->wants_keep_alive && !exchange->is_http10_client &&
                    exchange->is_request_complete && client_may_persist(client);
    enum stream_written written = STREAM_BROKEN;
    if (!exchange->has_answered) {
        struct view head = block_view(exchange->request_head);
        struct refusal refusal = {.err = err,
                                  .request_id = exchange->request_id,
                                  .is_to_head = exchange->is_head_request,
                                  .closes = !persists,
                                  .accept = forward_find(head, VIEW("accept"))};
        exchange->status = (unsigned)err_status(err);
        written = refusal_write(client, &refusal);
    }
    bool is_cut = exchange->has_answered, shows_cut = exchange->is_response_framed;
    finish(exchange, end);
    if (is_cut && shows_cut)
        client_finish(client, false);
    else if (is_cut)
        client_abort_later(client);
    else if (written == STREAM_BROKEN)
        client_abort(client);
    else
        client_finish(client, persists);
}

static void fail_exchange(struct exchange *exchange, enum err err)
{
    fail_as(exchange, err, err);
}

/* The client has shut its sending side while nobody had its request: mostly it has left, and no
 * backend is to work for it. Who still listens learns how it stands. */
static void drop_waiting(struct exchange *exchange)
{
    fail_as(exchange, ERR_NO_ENDPOINT, ERR_CLIENT_GONE);
}

/* As the labels of the endpoint say that has its request, or else the settings. */
static bool aborts_on_close(const struct exchange *exchange)
{
    unsigned choice =
        atomic_load_explicit(&exchange->attempt.endpoint->aborts_on_close, memory_order_relaxed);
    return choice == WAITS_UNSAID ? exchange->env->options.aborts_on_close : choice == WAITS_YES;
}

static void on_client_ended(void *owner)
{
    struct exchange *exchange = owner;
    if (exchange->state == EXCHANGE_HELD)
        drop_waiting(exchange);
    else if (aborts_on_close(exchange))
        client_leave(exchange->client, ERR_CLIENT_GONE);
}

static void on_client_gone(void *owner, enum err why)
{
    finish(owner, why);
}

/* ---- the tunnel -------------------------------------------------------------------------------
 */

static void finish_tunnel(struct exchange *exchange)
{
    struct client *client = exchange->client;
    if (!tunnel_is_over(exchange))
        return;
    tally_answer(exchange->env, exchange->attempt.endpoint, exchange->status);
    finish(exchange, ERR_OK);
    client_finish(client, false);
}

/* ---- the request ------------------------------------------------------------------------------
 */

static void on_request(struct client *client, const struct head *head)
{
    struct env *env = client->env;
    struct exchange *exchange = slab_take(&env->exchange_slab);
    *exchange = (struct exchange){
        .env = env,
        .client = client,
        .is_head_request = head_is_method(head, VIEW("HEAD")),
        .is_http10_client = head->minor_version == 0,
        .wants_keep_alive = head->is_keep_alive,
        .is_request_chunked = head->framing == FRAMING_CHUNKED,
        .is_request_complete = !client_has_body_left(client),
        .wants_upgrade = head->wants_upgrade,
        .started_ns = loop_mono_ns(env->loop),
    };
    attempt_init(&exchange->attempt, env, exchange->started_ns);
    replay_init(&exchange->replay, &env->loop->blocks);
    client->exchange = exchange;
    metrics_add(&env->metrics.inflight_count, 1);
    struct forward_request options = {.client_ip = client_ip(client),
                                      .is_trusted = client->peer.is_trusted,
                                      .trust = env->options.trust,
                                      .adds_forwarded = env->options.adds_forwarded,
                                      .omits_via = env->options.omits_via,
                                      .instance = env->options.instance,
                                      .scheme = VIEW("http"),
                                      .default_host = env->options.service,
                                      .rng = &env->rng};
    exchange->request_head = block_take(&env->loop->blocks, forward_request_bound(head, &options));
    exchange->request_id = forward_request(head, &options, exchange->request_head);
    exchange->method = view_of(exchange->request_head->bytes, head->method.len);
    enum err err = refusal_find(env, head);
    if (err)
        fail_exchange(exchange, err);
    else
        attempt_after(exchange, ERR_OK);
}

static void on_request_body(void *owner, struct view piece)
{
    struct exchange *exchange = owner;
    uint64_t max = exchange->env->options.max_body_bytes;
    exchange->request_body_bytes += piece.len;
    if (max > 0 && exchange->request_body_bytes > max) {
        fail_exchange(exchange, ERR_BODY_TOO_LARGE);
        return;
    }
    struct relay *relay = &exchange->env->to_upstream;
    if (!relay_body(relay, piece, exchange->is_request_chunked)) {
        sending_flush(exchange);
        relay_body(relay, piece, exchange->is_request_chunked);
    }
}

static void on_request_end(void *owner, struct view trailers)
{
    struct exchange *exchange = owner;
    if (exchange->client->is_tunnel) {
        tunnel_end_request(exchange);
        finish_tunnel(exchange);
        return;
    }
    exchange->is_request_complete = true;
    relay_end(&exchange->env->to_upstream, exchange->is_request_chunked, trailers);
}

static void on_request_flush(void *owner)
{
    struct exchange *exchange = owner;
    if (exchange->state == EXCHANGE_RELAYING)
        sending_flush(exchange);
}

static void on_request_spliced(void *owner)
{
    struct exchange *exchange = owner;
    bulk_send(&exchange->bulk, exchange->client, exchange->attempt.upstream,
              &exchange->request_body_bytes);
}

static void on_bad_body(void *owner, enum err err)
{
    fail_exchange(owner, err);
}

static void on_response_spliced(void *owner)
{
    struct exchange *exchange = owner;
    struct client *client = exchange->client;
    if (bulk_answer(&exchange->bulk, client, exchange->attempt.upstream,
                    &exchange->response_body_bytes))
        return;
    finish(exchange, ERR_CLIENT_GONE);
    client_abort(client);
}

static void on_client_drained(void *owner)
{
    struct exchange *exchange = owner;
    if (bulk_has_response(&exchange->bulk))
        on_response_spliced(exchange);
    else if (exchange->attempt.upstream && exchange->state == EXCHANGE_RELAYING)
        upstream_resume(exchange->attempt.upstream);
}

const struct client_handler exchange_client_handler = {
    .on_request = on_request,
    .on_bad_request = refusal_of_bad_request,
    .on_body = on_request_body,
    .on_spliced = on_request_spliced,
    .on_request_end = on_request_end,
    .on_flush = on_request_flush,
    .on_bad_body = on_bad_body,
    .on_drained = on_client_drained,
    .on_ended = on_client_ended,
    .count_held = holding_of,
    .on_gone = on_client_gone,
};

/* ---- attempts ---------------------------------------------------------------------------------
 */

static void on_hold_over(void *owner, enum err err)
{
    struct exchange *exchange = owner;
    if (err)
        fail_exchange(exchange, err);
    else if (client_has_left(exchange->client))
        drop_waiting(exchange);
    else
        attempt_after(exchange, exchange->hold->why);
}

/* Nobody is there for it: somebody may come. */
static void hold_or_fail(struct exchange *exchange, enum err err)
{
    if (hold_begin(&exchange->hold, &exchange->attempt, err, on_hold_over, exchange))
        exchange->state = EXCHANGE_HELD;
    else
        fail_exchange(exchange, err);
}

/* Tries the next endpoint, waits for one, or ends the exchange. */
static void attempt_after(struct exchange *exchange, enum err last_failure)
{
    struct attempt *attempt = &exchange->attempt;
    enum err err = attempt_start(attempt, last_failure, &upstream_handler, exchange);
    exchange->is_head_sent = false;
    exchange->state = EXCHANGE_CONNECTING;
    if (err)
        hold_or_fail(exchange, err);
    else if (attempt->is_reused)
        sending_start(exchange);
}

static void on_upstream_ready(void *owner)
{
    struct exchange *exchange = owner;
    attempt_note_connected(&exchange->attempt);
    sending_start(exchange);
}

/* What was collected of an answer that broke off before the client got any of it. */
static void forget_answer(struct exchange *exchange)
{
    relay_reset(&exchange->env->to_client);
    block_give(&exchange->env->loop->blocks, exchange->response_head);
    exchange->response_head = NULL;
    if (exchange->has_answered)
        return;
    exchange->status = 0;
    exchange->first_byte_ns = 0;
    exchange->response_body_bytes = 0;
}

static void on_upstream_failed(void *owner, enum err err)
{
    struct exchange *exchange = owner;
    struct retry_facts facts = {.method = exchange->method,
                                .is_kept = exchange->replay.is_complete,
                                .has_answered = exchange->has_answered};
    bool may_retry = attempt_fail(&exchange->attempt, err, &facts);
    forget_answer(exchange);
    if (!exchange->is_request_complete)
        client_pause_body(exchange->client);
    if (may_retry)
        attempt_after(exchange, err);
    else
        fail_exchange(exchange, err);
}

/* ---- the response -----------------------------------------------------------------------------
 */

static void collect_head(struct exchange *exchange, const struct head *head,
                         const struct forward_response *options)
{
    struct block_pool *blocks = &exchange->env->loop->blocks;
    exchange->response_head = block_take(blocks, forward_response_bound(head));
    forward_response(head, options, exchange->response_head);
    relay_head(&exchange->env->to_client, block_view(exchange->response_head));
}

/* Sends what was collected. False: the client is gone, and so is the exchange. */
static bool answer_collected(struct exchange *exchange)
{
    struct env *env = exchange->env;
    struct client *client = exchange->client;
    unsigned count = relay_pieces(&env->to_client);
    if (count == 0)
        return true;
    enum stream_written written = client_write(client, env->to_client.pieces, count);
    exchange->has_answered = exchange->status != 0;
    relay_reset(&env->to_client);
    block_give(&env->loop->blocks, exchange->response_head);
    exchange->response_head = NULL;
    if (written == STREAM_BROKEN) {
        finish(exchange, ERR_CLIENT_GONE);
        client_abort(client);
        return false;
    }
    if (written == STREAM_FULL)
        upstream_pause(exchange->attempt.upstream);
    if (exchange->is_tunnel)
        client_touch(client);
    return true;
}

static void on_switching(struct exchange *exchange, const struct head *head)
{
    if (!tunnel_is_wanted(exchange, head)) {
        complaint_make(exchange->env, exchange->attempt.endpoint, COMPLAINT_SWITCH,
                       view_of(head->base, head->len));
        fail_exchange(exchange, ERR_UPSTREAM_INVALID); /* nobody asked for it */
        return;
    }
    exchange->first_byte_ns = loop_mono_ns(exchange->env->loop);
    exchange->status = 101;
    collect_head(exchange, head, &(struct forward_response){.connection = FORWARD_PERSISTS});
    if (answer_collected(exchange))
        tunnel_start(exchange);
}

static void on_interim(struct exchange *exchange, const struct head *head)
{
    if (head->status == 101) {
        on_switching(exchange, head);
        return;
    }
    if (exchange->is_http10_client)
        return; /* RFC 9110 § 15.2 */
    collect_head(exchange, head, &(struct forward_response){.connection = FORWARD_PERSISTS});
    if (answer_collected(exchange) && !exchange->is_request_complete)
        client_touch(exchange->client); /* 100: only now is it to send its body */
}

/* How the body reaches the client: as it came, or chunked, or, for HTTP/1.0, up to the close. */
static void on_response(void *owner, const struct head *head)
{
    struct exchange *exchange = owner;
    outcome_answered(exchange->attempt.upstream, head->status);
    if (head->status < 200) {
        on_interim(exchange, head);
        return;
    }
    bool is_framed = head->framing == FRAMING_NONE || head->framing == FRAMING_LENGTH;
    exchange->first_byte_ns = loop_mono_ns(exchange->env->loop);
    exchange->status = head->status;
    exchange->is_response_chunked = !is_framed && !exchange->is_http10_client;
    exchange->is_response_framed = is_framed || exchange->is_response_chunked;
    /* An answer that comes before the request's end mostly ends before it, too: then the rest of
     * the body is not read, and a next request would find no one. */
    exchange->persists = exchange->wants_keep_alive && client_may_persist(exchange->client) &&
                         exchange->is_response_framed && exchange->is_request_complete;
    struct forward_response options = {.is_chunked = exchange->is_response_chunked,
                                       .date = env_date(exchange->env),
                                       .connection = FORWARD_PERSISTS};
    if (!exchange->persists)
        options.connection = FORWARD_CLOSE;
    else if (exchange->is_http10_client)
        options.connection = FORWARD_KEEP_ALIVE;
    collect_head(exchange, head, &options);
}

static void on_response_body(void *owner, struct view piece)
{
    struct exchange *exchange = owner;
    struct relay *relay = &exchange->env->to_client;
    exchange->response_body_bytes += piece.len;
    if (!relay_body(relay, piece, exchange->is_response_chunked) && answer_collected(exchange))
        relay_body(relay, piece, exchange->is_response_chunked);
}

static void on_response_flush(void *owner)
{
    struct exchange *exchange = owner;
    if (answer_collected(exchange))
        bulk_begin_response(&exchange->bulk, exchange->attempt.upstream);
}

static void on_response_end(void *owner, struct view trailers)
{
    struct exchange *exchange = owner;
    struct client *client = exchange->client;
    bool persists = exchange->persists;
    relay_end(&exchange->env->to_client, exchange->is_response_chunked, trailers);
    if (!exchange->is_tunnel)
        tally_answer(exchange->env, exchange->attempt.endpoint, exchange->status);
    if (!exchange->is_tunnel && !persists)
        client_expect_end(client);
    if (!answer_collected(exchange))
        return;
    if (exchange->is_tunnel) {
        tunnel_end_answer(exchange);
        finish_tunnel(exchange);
        return;
    }
    upstream_cache_put(exchange->attempt.upstream);
    exchange->attempt.upstream = NULL;
    finish(exchange, ERR_OK);
    client_finish(client, persists);
}

static void on_upstream_drained(void *owner)
{
    struct exchange *exchange = owner;
    if (bulk_has_request(&exchange->bulk))
        on_request_spliced(exchange);
    else if (exchange->state == EXCHANGE_RELAYING && !exchange->is_request_complete)
        client_take_body(exchange->client);
    else if (exchange->is_tunnel)
        finish_tunnel(exchange);
}

static bool may_be_replayed(void *owner)
{
    const struct exchange *exchange = owner;
    const struct retry_facts facts = {.failure = ERR_UPSTREAM_RESET,
                                      .method = exchange->method,
                                      .attempt_count = exchange->attempt.count,
                                      .replay_count = exchange->attempt.replay_count,
                                      .was_sent = true,
                                      .is_kept = exchange->replay.is_complete,
                                      .has_answered = exchange->has_answered};
    return retry_may(&facts);
}

static const struct upstream_handler upstream_handler = {
    .may_be_replayed = may_be_replayed,
    .on_ready = on_upstream_ready,
    .on_failed = on_upstream_failed,
    .on_response = on_response,
    .on_body = on_response_body,
    .on_spliced = on_response_spliced,
    .on_flush = on_response_flush,
    .on_response_end = on_response_end,
    .on_drained = on_upstream_drained,
};
