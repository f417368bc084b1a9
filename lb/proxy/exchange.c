#include "lb/proxy/exchange.h"

#include <string.h>

#include "lb/back/outcome.h"
#include "lb/back/tally.h"
#include "lb/back/upstream_cache.h"
#include "lb/http/forward.h"
#include "lb/proxy/answering.h"
#include "lb/proxy/challenge.h"
#include "lb/proxy/choosing.h"
#include "lb/proxy/client_certificate.h"
#include "lb/proxy/ending.h"
#include "lb/proxy/exchange_state.h"
#include "lb/proxy/filtering.h"
#include "lb/proxy/holding.h"
#include "lb/proxy/refusal.h"
#include "lb/proxy/routing.h"
#include "lb/proxy/sending.h"
#include "lb/proxy/sharing.h"
#include "lb/proxy/sign_in.h"
#include "lb/proxy/switching.h"

static const struct back_handler back_handler;

static void attempt_after(struct exchange *exchange, enum err last_failure);
static void wait_or_fail(struct exchange *exchange, enum err err);

/* ---- the request ---------------------------------------------------------------------------- */

static bool names_no_host(const struct head *head)
{
    return head->minor_version == 0 && head->form != TARGET_ABSOLUTE &&
           !head_find(head, FIELD_HOST);
}

static unsigned facts_of(const struct head *head)
{
    return head_is_method(head, VIEW("HEAD")) * EXCHANGE_TO_HEAD |
           (head->minor_version == 0) * EXCHANGE_FROM_HTTP10 |
           head->wants_upgrade * EXCHANGE_WANTS_UPGRADE |
           names_no_host(head) * EXCHANGE_NAMES_NO_HOST;
}

static void note_retry(void *owner)
{
    struct exchange *exchange = owner;
    exchange->facts |= EXCHANGE_IS_NOTABLE;
}

static const struct attempt_asker asker = {.route = routing_late,
                                           .is_moot = routing_is_moot,
                                           .choose = choosing_pick,
                                           .move = sharing_move,
                                           .note_retry = note_retry};

/* What who certifies this host looks for, if it is there: whatever routes and the operator want else. */
static bool answer_challenge(struct exchange *exchange) __attribute__((noinline));

static bool answer_challenge(struct exchange *exchange)
{
    struct env *env = exchange->env;
    struct view token = challenge_token(exchange->forwarded.target);
    struct text answer = TEXT_INIT;
    bool is_asked =
        exchange_is(exchange, EXCHANGE_TO_HEAD) || view_eq(exchange->forwarded.method, VIEW("GET"));
    bool is_there =
        token.len > 0 && is_asked && challenge_read(&env->options.challenges, token, &answer);
    if (is_there) {
        attempt_init(&exchange->attempt, env, NULL, exchange->started_ns);
        ending_answer(exchange, ERR_CHALLENGE, text_view(&answer));
    }
    text_fini(&answer);
    return is_there;
}

/* Lines that the backend gets of a client by TLS. NULL: none. */
static struct block *lines_of(const struct front *front, struct env *env)
{
    return front->tls ? client_certificate_lines(tls_session_facts(front->tls), &env->loop->blocks)
                      : NULL;
}

static void on_request(struct front *front, const struct head *head)
{
    struct env *env = env_of(front->crowd);
    struct exchange *exchange = slab_take(&env->exchange_slab);
    memset(exchange, 0, offsetof(struct exchange, forwarded));
    exchange->env = env;
    exchange->front = front;
    exchange->facts = facts_of(head);
    exchange->request = front->is_request_complete ? REQUEST_READ : REQUEST_COMING;
    exchange->started_ns = loop_mono_ns(env->loop);
    exchange->attempt.asker = &asker;
    exchange->attempt.request = exchange;
    exchange->attempt.forwarded = &exchange->forwarded;
    front->exchange = exchange;
    counter_add(&env->metrics.inflight_count, 1);
    env_note_running(env);
    struct block *lines = lines_of(front, env);
    struct forward_request options = {.client_ip = peer_ip(&front->peer),
                                      .is_trusted = front->peer.is_trusted,
                                      .trust = env->crowd.options.trust,
                                      .adds_forwarded = env->options.adds_forwarded,
                                      .omits_via = env->options.omits_via,
                                      .begins_traces = env->options.begins_traces,
                                      .instance = env->options.instance,
                                      .scheme = front->tls ? VIEW("https") : VIEW("http"),
                                      .lines = lines ? block_view(lines) : VIEW(""),
                                      .default_host = env->options.service,
                                      .rng = &env->rng};
    back_request_init(&exchange->outgoing, &env->fleet, head, &options, &exchange->forwarded);
    if (lines)
        block_give(&env->loop->blocks, lines);
    if (challenge_is_served(&env->options.challenges) && answer_challenge(exchange))
        return;
    const struct routes_target *target;
    enum err err = routing_find(exchange, &target);
    attempt_init(&exchange->attempt, env, target, exchange->started_ns);
    enum err refusal = refusal_find(env, head);
    if (!refusal && !exchange->sign_in)
        refusal = err;
    if (!refusal && filtering_is_too_large(exchange, head->content_length))
        refusal = ERR_BODY_TOO_LARGE;
    if (refusal)
        ending_fail(exchange, refusal);
    else if (err)
        wait_or_fail(exchange, err);
    else
        attempt_after(exchange, ERR_OK);
}

static void on_request_body(void *owner, struct view piece)
{
    struct exchange *exchange = owner;
    exchange->request_body_bytes += piece.len;
    if (filtering_is_too_large(exchange, exchange->request_body_bytes)) {
        ending_fail(exchange, ERR_BODY_TOO_LARGE);
        return;
    }
    sending_body(exchange, piece);
}

static void on_request_end(void *owner, struct view trailers)
{
    struct exchange *exchange = owner;
    exchange->request = REQUEST_READ;
    if (trailers.len > 0 && filtering_drops_trailers(exchange))
        trailers = VIEW("");
    back_send_end(&exchange->env->fleet, &exchange->outgoing, trailers);
}

static void on_request_flush(void *owner)
{
    struct exchange *exchange = owner;
    if (exchange->state != EXCHANGE_RELAYING || exchange->request == REQUEST_SENT)
        return;
    sending_flush(exchange);
    if (exchange->answer == ANSWER_SWITCHED && exchange->request == REQUEST_SENT)
        switching_start(exchange);
}

static void on_request_spliced(void *owner)
{
    struct exchange *exchange = owner;
    bulk_send(&exchange->bulk, exchange->front, exchange->attempt.back,
              &exchange->request_body_bytes);
}

static void on_bad_body(void *owner, enum err err)
{
    ending_fail(owner, err);
}

static void on_response_spliced(void *owner)
{
    struct exchange *exchange = owner;
    if (bulk_answer(&exchange->bulk, exchange->front, exchange->attempt.back,
                    &exchange->response_body_bytes))
        return;
    ending_lose_client(exchange);
}

static void on_client_drained(void *owner)
{
    struct exchange *exchange = owner;
    if (bulk_has_response(&exchange->bulk))
        on_response_spliced(exchange);
    else if (exchange->attempt.back && exchange->state == EXCHANGE_RELAYING)
        back_resume(exchange->attempt.back);
}

/* As the labels of the endpoint say that has its request, or else the settings. */
static bool aborts_on_close(const struct exchange *exchange)
{
    unsigned choice =
        atomic_load_explicit(&exchange->attempt.endpoint->aborts_on_close, memory_order_relaxed);
    return choice == WAITS_UNSAID ? exchange->attempt.service->policy->aborts_on_close != 0
                                  : choice == WAITS_YES;
}

static void on_client_ended(void *owner)
{
    struct exchange *exchange = owner;
    if (exchange->state == EXCHANGE_HELD)
        ending_drop_waiting(exchange);
    else if (exchange->state == EXCHANGE_SIGNING_IN)
        return; /* it is soon known who it is */
    else if (aborts_on_close(exchange))
        front_leave(exchange->front, ERR_CLIENT_GONE);
}

static void on_client_gone(void *owner, enum err why)
{
    ending_of_gone_client(owner, why);
}

const struct front_handler exchange_front_handler = {
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

/* ---- attempts ------------------------------------------------------------------------------- */

/* `why`: what it had failed with before it waited. */
static void go_on(struct exchange *exchange, enum err err, enum err why)
{
    if (err)
        wait_or_fail(exchange, err); /* its route may ask now who it is */
    else if (front_has_left(exchange->front))
        ending_drop_waiting(exchange);
    else
        attempt_after(exchange, why);
}

static void on_hold_over(void *owner, enum err err)
{
    struct exchange *exchange = owner;
    go_on(exchange, err, exchange->hold->why);
}

/* It is known who it is: it goes by its route once more. */
static void on_signed_in(struct exchange *exchange, enum err err)
{
    if (!err)
        err = attempt_aim_again(&exchange->attempt);
    if (err)
        wait_or_fail(exchange, err);
    else
        attempt_after(exchange, ERR_OK);
}

static void wait_or_fail(struct exchange *exchange, enum err err)
{
    if (!exchange->sign_in) {
        ending_fail(exchange, err);
        return;
    }
    exchange_enter(exchange, EXCHANGE_SIGNING_IN);
    sign_in_wait(exchange, on_signed_in);
}

/* By its route, which it has met only now: nobody who comes would change that. */
static bool is_refused(enum err err)
{
    return (err_status(err) < 500 && err != ERR_NO_ROUTE) || err == ERR_OTHER_SCHEME;
}

/* Nobody is there for it: somebody may come. */
static void hold_or_fail(struct exchange *exchange, enum err err)
{
    exchange->facts |= EXCHANGE_WENT_ASIDE;
    if (exchange->sign_in || is_refused(err))
        wait_or_fail(exchange, err);
    else if (hold_begin(&exchange->hold, &exchange->attempt, err, on_hold_over, exchange))
        exchange_enter(exchange, EXCHANGE_HELD);
    else
        ending_fail(exchange, hold_refusal(&exchange->attempt, err));
}

static void on_queue_over(void *owner, enum err err)
{
    struct exchange *exchange = owner;
    go_on(exchange, err, exchange->queue->why);
}

/* All have as many as they take. */
static void queue_or_fail(struct exchange *exchange, enum err last_failure)
{
    exchange->facts |= EXCHANGE_WENT_ASIDE;
    enum err err =
        queue_begin(&exchange->queue, &exchange->attempt, last_failure, on_queue_over, exchange);
    if (err)
        ending_fail(exchange, err);
    else
        exchange_enter(exchange, EXCHANGE_HELD);
}

static void start_relaying(struct exchange *exchange)
{
    exchange_enter(exchange, EXCHANGE_RELAYING);
    sending_start(exchange);
}

/* Tries the next endpoint, waits for one, or ends the exchange. */
static void attempt_after(struct exchange *exchange, enum err last_failure)
{
    struct attempt *attempt = &exchange->attempt;
    enum err err = attempt_start(attempt, last_failure, &back_handler, exchange);
    exchange_enter(exchange, EXCHANGE_CONNECTING);
    if (err == ERR_QUEUE_FULL)
        queue_or_fail(exchange, last_failure);
    else if (err)
        hold_or_fail(exchange, err);
    else if (attempt->is_reused)
        start_relaying(exchange);
}

static void on_back_ready(void *owner)
{
    struct exchange *exchange = owner;
    attempt_note_connected(&exchange->attempt);
    start_relaying(exchange);
}

static void on_back_failed(void *owner, enum err err)
{
    struct exchange *exchange = owner;
    struct retry_facts facts = {.method = exchange->forwarded.method,
                                .is_kept = exchange->outgoing.kept.is_complete,
                                .has_answered = exchange_has_answered(exchange)};
    bool may_retry = attempt_try_fail(&exchange->attempt, err, &facts);
    answering_forget(exchange);
    if (exchange->request == REQUEST_COMING)
        front_pause_body(exchange->front);
    if (may_retry)
        attempt_after(exchange, err);
    else
        ending_fail(exchange, err);
}

/* ---- the response --------------------------------------------------------------------------- */

static void on_switched(void *owner, const struct head *head)
{
    struct exchange *exchange = owner;
    outcome_answered(exchange->attempt.back, head->status, &exchange->forwarded);
    switching_answer(exchange, head);
}

static void on_response(void *owner, const struct head *head)
{
    struct exchange *exchange = owner;
    outcome_answered(exchange->attempt.back, head->status, &exchange->forwarded);
    if (head->status >= 200)
        answering_begin(exchange, head);
    else if (!answering_interim(exchange, head))
        ending_lose_client(exchange);
}

static void on_response_body(void *owner, struct view piece)
{
    struct exchange *exchange = owner;
    if (!answering_body(exchange, piece))
        ending_lose_client(exchange);
}

static void on_response_flush(void *owner)
{
    struct exchange *exchange = owner;
    if (answering_flush(exchange))
        bulk_begin_response(&exchange->bulk, exchange->attempt.back, exchange->front);
    else
        ending_lose_client(exchange);
}

static void on_response_end(void *owner, struct view trailers)
{
    struct exchange *exchange = owner;
    front_send_end(exchange->front, trailers);
    tally_answer(&exchange->env->fleet, exchange->attempt.endpoint, exchange->status);
    tally_duration(&exchange->env->fleet, exchange->attempt.endpoint,
                   loop_mono_ns(exchange->env->loop) - exchange->attempt.began_ns);
    if (!answering_flush(exchange)) {
        ending_lose_client(exchange);
        return;
    }
    upstream_cache_put(exchange->attempt.back);
    exchange->attempt.back = NULL;
    ending_answered(exchange);
}

static void on_back_drained(void *owner)
{
    struct exchange *exchange = owner;
    if (bulk_has_request(&exchange->bulk))
        on_request_spliced(exchange);
    else if (exchange->state == EXCHANGE_RELAYING && exchange->request == REQUEST_COMING)
        front_take_body(exchange->front);
}

static bool may_be_replayed(void *owner)
{
    const struct exchange *exchange = owner;
    const struct retry_facts facts = {.failure = ERR_UPSTREAM_RESET,
                                      .method = exchange->forwarded.method,
                                      .attempt_count = attempt_paid_count(&exchange->attempt),
                                      .replay_count = exchange->attempt.replay_count,
                                      .was_sent = true,
                                      .is_kept = exchange->outgoing.kept.is_complete,
                                      .has_answered = exchange_has_answered(exchange)};
    const struct retry_rules rules = attempt_cost_rules(&exchange->attempt);
    return retry_may(&facts, &rules);
}

static bool may_go_elsewhere(void *owner)
{
    const struct exchange *exchange = owner;
    return may_be_replayed(owner) && attempt_aim_has_other(&exchange->attempt);
}

static const struct back_handler back_handler = {
    .may_be_replayed = may_be_replayed,
    .may_go_elsewhere = may_go_elsewhere,
    .on_ready = on_back_ready,
    .on_failed = on_back_failed,
    .on_response = on_response,
    .on_switched = on_switched,
    .on_raw = switching_relay,
    .on_raw_end = switching_relay_end,
    .on_body = on_response_body,
    .on_spliced = on_response_spliced,
    .on_flush = on_response_flush,
    .on_response_end = on_response_end,
    .on_drained = on_back_drained,
};
