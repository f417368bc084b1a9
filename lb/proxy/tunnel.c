#include "lb/proxy/tunnel.h"

bool tunnel_is_wanted(const struct exchange *exchange, const struct head *head)
{
    return exchange->wants_upgrade && head_find(head, FIELD_UPGRADE);
}

/* The request is complete: what the client says from now on belongs to the tunnel. */
static void take_client(struct exchange *exchange)
{
    exchange->is_request_chunked = false;
    exchange->is_request_complete = false;
    client_become_tunnel(exchange->client);
}

void tunnel_start(struct exchange *exchange)
{
    exchange->is_tunnel = true;
    replay_forget(&exchange->replay);
    upstream_become_tunnel(exchange->attempt.upstream);
    if (exchange->is_request_complete)
        take_client(exchange);
}

void tunnel_note_sent(struct exchange *exchange)
{
    client_touch(exchange->client);
    if (exchange->is_request_complete && !exchange->client->is_tunnel)
        take_client(exchange);
}

void tunnel_end_answer(struct exchange *exchange)
{
    exchange->has_backend_ended = true;
    client_shut_write(exchange->client);
    client_touch(exchange->client);
}

void tunnel_end_request(struct exchange *exchange)
{
    exchange->is_request_complete = true;
    upstream_shut_write(exchange->attempt.upstream);
    client_touch(exchange->client); /* the backend learns only now that it is to end, too */
}

bool tunnel_is_over(const struct exchange *exchange)
{
    return exchange->has_backend_ended && exchange->is_request_complete &&
           upstream_waiting_bytes(exchange->attempt.upstream) == 0;
}
