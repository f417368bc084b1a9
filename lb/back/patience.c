#include "lb/back/patience.h"

#include <limits.h>

#include "lb/policy/idle_limit.h"

/* While an answer is awaited the network is looked at so often. */
#define LOOK_MS 2000u

static void arm(struct h1_upstream *upstream, unsigned delay_ms)
{
    deadline_arm(&upstream->back.fleet->loop->deadlines, &upstream->deadline, delay_ms);
}

static void arm_or_not(struct h1_upstream *upstream, unsigned delay_ms)
{
    deadline_arm_if(&upstream->back.fleet->loop->deadlines, &upstream->deadline, delay_ms);
}

/* The route's, the endpoint's own, or the service's. */
static unsigned limit_ms(const struct h1_upstream *upstream, enum wait wait)
{
    const unsigned *of_route_ms = upstream->back.wait_ms;
    if (of_route_ms && of_route_ms[wait] != WAITS_UNGIVEN)
        return of_route_ms[wait];
    unsigned own_ms =
        atomic_load_explicit(&upstream->back.endpoint->wait_ms[wait], memory_order_relaxed);
    return own_ms == WAITS_UNGIVEN ? upstream->back.service->policy->wait_ms[wait] : own_ms;
}

/* Another endpoint may be tried meanwhile, but the kernel knocks again only after a second, and
 * then after two more: who has no other one waits for that. */
static unsigned connect_step_ms(const struct h1_upstream *upstream)
{
    const struct service_policy *policy = upstream->back.service->policy;
    return address_is_private(&upstream->back.endpoint->address) ? policy->connect_timeout_ms
                                                                 : policy->far_connect_timeout_ms;
}

static void arm_connect(struct h1_upstream *upstream)
{
    unsigned step_ms = connect_step_ms(upstream);
    if (step_ms == 0 || step_ms > upstream->connect_left_ms)
        step_ms = upstream->connect_left_ms;
    upstream->connect_left_ms -= step_ms;
    arm(upstream, step_ms);
}

void patience_connect(struct h1_upstream *upstream)
{
    unsigned step_ms = connect_step_ms(upstream);
    unsigned all_ms = upstream->back.service->policy->last_connect_timeout_ms;
    if (all_ms == 0)
        all_ms = UINT_MAX;
    upstream->connect_left_ms = all_ms > step_ms ? all_ms : step_ms;
    arm_connect(upstream);
}

static unsigned dead_after_ms(const struct h1_upstream *upstream)
{
    return upstream->back.service->policy->dead_after_ms;
}

/* Until some of it has to be taken, or the next look at the network. */
static void arm_send(struct h1_upstream *upstream)
{
    unsigned step_ms = upstream->send_left_ms, look_ms = dead_after_ms(upstream);
    if (look_ms > 0 && look_ms < step_ms)
        step_ms = look_ms;
    if (upstream->send_left_ms != UINT_MAX)
        upstream->send_left_ms -= step_ms;
    arm_or_not(upstream, step_ms == UINT_MAX ? 0 : step_ms);
}

void patience_send(struct h1_upstream *upstream)
{
    unsigned left_ms = limit_ms(upstream, WAIT_BODY);
    upstream->watched_bytes = stream_unacknowledged_bytes(&upstream->stream);
    upstream->send_left_ms = left_ms > 0 ? left_ms : UINT_MAX;
    arm_send(upstream);
}

/* Until the response is due, or the next look at the network. */
static void arm_response(struct h1_upstream *upstream)
{
    arm(upstream, upstream->response_left_ms < LOOK_MS ? upstream->response_left_ms : LOOK_MS);
}

void patience_answer(struct h1_upstream *upstream)
{
    unsigned left_ms = limit_ms(upstream, WAIT_RESPONSE);
    upstream->response_left_ms = left_ms > 0 ? left_ms : UINT_MAX;
    upstream->waits_since_ms = loop_now_ms(upstream->back.fleet->loop);
    arm_response(upstream);
}

static struct view content_type(const struct head *head)
{
    for (unsigned i = 0; i < head->field_count; i++)
        if (view_eq_nocase(head_field_name(head, &head->fields[i]), VIEW("content-type")))
            return head_field_value(head, &head->fields[i]);
    return view_of("", 0);
}

/* What is quiet by its nature, and what nobody knows the end of. */
bool patience_is_for_stream(const struct head *head)
{
    static const struct view types[] = {
        {"text/event-stream", 17}, {"application/x-ndjson", 20}, {"application/grpc", 16}};
    if (head->framing != FRAMING_LENGTH)
        return true;
    struct view type = content_type(head);
    for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (type.len >= types[i].len && view_eq_nocase(view_of(type.ptr, types[i].len), types[i]))
            return true;
    return false;
}

void patience_body(struct h1_upstream *upstream)
{
    arm_or_not(upstream, limit_ms(upstream, upstream->is_stream ? WAIT_STREAM : WAIT_BODY));
}

/* Its own idle limit, or a little less than the backend's. */
static unsigned idle_timeout_ms(const struct h1_upstream *upstream)
{
    unsigned own_ms = upstream->back.service->policy->upstream_idle_timeout_ms;
    unsigned limit_ms =
        atomic_load_explicit(&upstream->back.endpoint->idle_limit_ms, memory_order_relaxed);
    unsigned retire_ms = idle_limit_retire_ms(limit_ms);
    return limit_ms > 0 && (own_ms == 0 || retire_ms < own_ms) ? retire_ms : own_ms;
}

void patience_idle(struct h1_upstream *upstream)
{
    arm_or_not(upstream, idle_timeout_ms(upstream));
}

/* ---- deadlines ------------------------------------------------------------------------------ */

static enum err judge_connect(struct h1_upstream *upstream)
{
    if (upstream->connect_left_ms == 0)
        return ERR_CONNECT_TIMEOUT;
    upstream->is_slow = true;
    arm_connect(upstream);
    upstream->back.handler->on_slow(upstream->back.owner);
    return ERR_OK;
}

/* Its host has acknowledged nothing for so long, of what is on its way. */
static bool has_been_silent(struct h1_upstream *upstream, unsigned silent_ms)
{
    upstream->back.is_host_lost = stream_is_peer_lost(&upstream->stream, silent_ms);
    return upstream->back.is_host_lost;
}

static enum err judge_sending(struct h1_upstream *upstream)
{
    if (stream_waiting_bytes(&upstream->stream) == 0)
        return ERR_OK;
    if (dead_after_ms(upstream) > 0 && has_been_silent(upstream, dead_after_ms(upstream)))
        return ERR_UPSTREAM_RESET;
    if (stream_unacknowledged_bytes(&upstream->stream) != upstream->watched_bytes) {
        patience_send(upstream);
        return ERR_OK;
    }
    if (upstream->send_left_ms == 0)
        return ERR_UPSTREAM_STALLED;
    arm_send(upstream);
    return ERR_OK;
}

/* A backend that fell off the network does not acknowledge what it got. A request that another one can be
 * sent leaves it at the first look that says so; else it may be a pause (a machine that moves), and is waited
 * for as long as one is. A slow backend is: its kernel acknowledges. */
static bool is_host_lost(struct h1_upstream *upstream)
{
    unsigned limit_ms = dead_after_ms(upstream);
    uint64_t waited_ms = loop_now_ms(upstream->back.fleet->loop) - upstream->waits_since_ms;
    if (limit_ms == 0 || !stream_is_peer_lost(&upstream->stream, 0))
        return false;
    if (upstream->back.handler->may_go_elsewhere(upstream->back.owner))
        return has_been_silent(upstream, 0);
    return waited_ms >= limit_ms && has_been_silent(upstream, limit_ms);
}

/* A paused one does not answer before somebody lets it. */
static bool is_backend_away(struct h1_upstream *upstream)
{
    return is_host_lost(upstream) ||
           (endpoint_state(upstream->back.endpoint) == ENDPOINT_PAUSED &&
            upstream->back.handler->may_be_replayed(upstream->back.owner));
}

static enum err judge_answer(struct h1_upstream *upstream)
{
    uint64_t waited_ms = loop_now_ms(upstream->back.fleet->loop) - upstream->deadline.armed_ms;
    unsigned left_ms = upstream->response_left_ms;
    if (left_ms != UINT_MAX) /* there is a limit */
        upstream->response_left_ms = waited_ms < left_ms ? left_ms - (unsigned)waited_ms : 0;
    if (upstream->response_left_ms == 0)
        return ERR_UPSTREAM_TIMEOUT;
    if (is_backend_away(upstream))
        return ERR_UPSTREAM_RESET;
    arm_response(upstream);
    return ERR_OK;
}

enum err patience_judge(struct h1_upstream *upstream)
{
    switch (upstream->state) {
    case H1_UPSTREAM_CONNECTING:
        return judge_connect(upstream);
    case H1_UPSTREAM_SENDING:
    case H1_UPSTREAM_SWITCHED:
        return judge_sending(upstream);
    case H1_UPSTREAM_AWAITING_HEAD:
        return judge_answer(upstream);
    case H1_UPSTREAM_RECEIVING:
        return upstream->stream.is_reading ? ERR_UPSTREAM_STALLED : ERR_OK;
    case H1_UPSTREAM_IDLE:
        return ERR_UPSTREAM_TIMEOUT;
    case H1_UPSTREAM_LENT:
    case H1_UPSTREAM_CLOSING:
        break;
    }
    return ERR_OK;
}
