#include "lb/front/h1_client_state.h"

/* NULL: none. */
static struct list *list_of(struct crowd *crowd, enum h1_client_state state)
{
    switch (state) {
    case H1_CLIENT_IDLE:
        return &crowd->idle_clients;
    case H1_CLIENT_QUEUED:
        return &crowd->queued_clients;
    case H1_CLIENT_SHAKING_HANDS:
        return &crowd->shaking_clients;
    case H1_CLIENT_CLOSING:
        return NULL;
    default:
        return &crowd->busy_clients;
    }
}

/* Its place is free for one that is queued. */
static void leave_handshakes(const struct h1_client *client)
{
    struct crowd *crowd = client->front.crowd;
    struct handshakes *counts = &crowd->metrics->handshakes;
    if (client->state == H1_CLIENT_QUEUED) {
        counter_add(&counts->waiting_count, (uint64_t)-1);
    } else if (client->state == H1_CLIENT_SHAKING_HANDS) {
        crowd->shaking_count--;
        counter_add(&counts->running_count, (uint64_t)-1);
        if (!list_is_empty(&crowd->queued_clients))
            loop_do_soon(crowd->loop, &crowd->handshake_turn);
    }
}

void h1_client_enter_seldom(struct h1_client *client, enum h1_client_state state)
{
    struct crowd *crowd = client->front.crowd;
    struct list *from = list_of(crowd, client->state), *to = list_of(crowd, state);
    leave_handshakes(client);
    if (client->state == H1_CLIENT_LENT)
        stream_hand_over(&client->stream, &h1_client_stream_handler, client);
    client->state = state;
    if (to == from)
        return;
    list_unlink(&client->node);
    if (to)
        list_append(to, &client->node);
}

void h1_client_close(struct h1_client *client)
{
    if (client->state == H1_CLIENT_CLOSING)
        return;
    client->front.crowd->closing_client_count++;
    h1_client_enter(client, H1_CLIENT_CLOSING);
    client->front.exchange = NULL;
    deadline_disarm(&client->deadline);
    h1_client_drop_parser(client);
    h1_client_drop_held(client);
    stream_close(&client->stream);
}

void h1_client_cut_off(struct h1_client *client)
{
    if (client->front.exchange || client->ends_by_reset ||
        stream_waiting_bytes(&client->stream) > 0)
        stream_abort(&client->stream);
    h1_client_close(client);
}

void h1_client_leave(struct h1_client *client, enum err why)
{
    void *exchange = client->front.exchange;
    const struct front_handler *handler = client->front.handler;
    h1_client_cut_off(client);
    if (exchange)
        handler->on_gone(exchange, why);
}

void h1_client_linger(struct h1_client *client)
{
    h1_client_enter(client, H1_CLIENT_LINGERING);
    h1_client_drop_parser(client);
    h1_client_drop_held(client);
    if (!client->ends_by_reset)
        stream_shut_write(&client->stream);
    if (!client->has_eof)
        stream_resume(&client->stream);
    h1_client_arm(client, stream_waiting_bytes(&client->stream) > 0
                              ? h1_client_options(client)->body_timeout_ms
                              : H1_CLIENT_LINGER_MS);
}

void h1_client_say_goodbye(struct h1_client *client, bool has_unread)
{
    if (stream_waiting_bytes(&client->stream) > 0 || (has_unread && !client->has_eof))
        h1_client_linger(client);
    else
        h1_client_close(client);
}

void h1_client_refuse(struct h1_client *client, enum err err)
{
    h1_client_enter(client, H1_CLIENT_SERVING);
    client->front.is_request_complete = false;
    client->front.handler->on_bad_request(&client->front, err);
}
