#include "lb/proxy/bulk.h"

static struct splice_pool *pool_of(const struct exchange *exchange)
{
    return &exchange->env->loop->splices;
}

void bulk_begin_request(struct exchange *exchange)
{
    if (!exchange->request_splice && !exchange->replay.is_complete)
        exchange->request_splice = client_splice(exchange->client);
}

void bulk_begin_response(struct exchange *exchange)
{
    if (!exchange->response_splice)
        exchange->response_splice = upstream_splice(exchange->attempt.upstream);
}

bool bulk_has_request(const struct exchange *exchange)
{
    return exchange->request_splice && exchange->request_splice->len > 0;
}

bool bulk_has_response(const struct exchange *exchange)
{
    return exchange->response_splice && exchange->response_splice->len > 0;
}

static void end_request(struct exchange *exchange)
{
    if (!exchange->request_splice)
        return;
    client_unsplice(exchange->client);
    splice_give(pool_of(exchange), exchange->request_splice);
    exchange->request_splice = NULL;
}

void bulk_send(struct exchange *exchange)
{
    struct client *client = exchange->client;
    size_t count;
    enum stream_written written =
        upstream_write_splice(exchange->attempt.upstream, exchange->request_splice, &count);
    if (written == STREAM_BROKEN) {
        count += exchange->request_splice->len; /* nobody will have it, as with a copied body */
        end_request(exchange);
    }
    exchange->request_body_bytes += count;
    client_skip(client, count);
    if (written == STREAM_FULL)
        client_pause_body(client);
    else
        client_take_body(client);
}

bool bulk_answer(struct exchange *exchange)
{
    struct upstream *upstream = exchange->attempt.upstream;
    size_t count;
    enum stream_written written =
        client_write_splice(exchange->client, exchange->response_splice, &count);
    exchange->response_body_bytes += count;
    if (written == STREAM_BROKEN)
        return false;
    if (written == STREAM_FULL)
        upstream_pause(upstream);
    else
        upstream_resume(upstream);
    upstream_skip(upstream, count);
    return true;
}

void bulk_end(struct exchange *exchange)
{
    end_request(exchange);
    splice_give(pool_of(exchange), exchange->response_splice);
    exchange->response_splice = NULL;
}
