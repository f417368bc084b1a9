#include "lb/proxy/switching.h"

#include "lb/back/complaint.h"
#include "lb/back/tally.h"
#include "lb/proxy/answering.h"
#include "lb/proxy/ending.h"

static void on_tunnel_over(void *owner, enum err end)
{
    struct exchange *exchange = owner;
    if (end == ERR_CLIENT_GONE || end == ERR_CLIENT_STALLED) {
        front_leave(exchange->front, end);
    } else if (end) {
        ending_fail(exchange, end);
    } else {
        tally_answer(&exchange->env->fleet, exchange->attempt.endpoint, exchange->status);
        ending_answered(exchange);
    }
}

void switching_start(struct exchange *exchange)
{
    const struct service_policy *policy = exchange->attempt.service->policy;
    struct block *from_client;
    exchange_enter(exchange, EXCHANGE_TUNNELLING);
    exchange->tunnel =
        tunnel_new(&exchange->env->tunnel_slab,
                   &(struct tunnel_limits){.idle_ms = policy->tunnel_timeout_ms,
                                           .client_stall_ms = policy->tunnel_timeout_ms,
                                           .backend_stall_ms = policy->wait_ms[WAIT_BODY]},
                   on_tunnel_over, exchange);
    struct stream *client = front_lend(exchange->front, &from_client);
    struct stream *backend = back_lend(exchange->attempt.back);
    tunnel_start(exchange->tunnel, client, view_of(NULL, 0), from_client, backend);
}

static bool was_asked_for(const struct exchange *exchange, const struct head *head)
{
    return exchange_is(exchange, EXCHANGE_WANTS_UPGRADE) && head_find(head, FIELD_UPGRADE);
}

void switching_answer(struct exchange *exchange, const struct head *head)
{
    if (!was_asked_for(exchange, head)) {
        complaint_make(&exchange->env->fleet, exchange->attempt.endpoint, COMPLAINT_SWITCH,
                       view_of(head->base, head->len));
        ending_fail(exchange, ERR_UPSTREAM_INVALID);
        return;
    }
    if (!answering_switch(exchange, head)) {
        ending_lose_client(exchange);
        return;
    }
    replay_forget(&exchange->outgoing.kept);
    if (exchange->request == REQUEST_SENT)
        switching_start(exchange);
}

void switching_relay(void *owner, struct view bytes)
{
    struct exchange *exchange = owner;
    if (!answering_body(exchange, bytes) || !answering_flush(exchange))
        ending_lose_client(exchange);
}

void switching_relay_end(void *owner)
{
    struct exchange *exchange = owner;
    front_shut(exchange->front);
}
