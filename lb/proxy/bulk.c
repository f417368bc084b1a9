#include "lb/proxy/bulk.h"

static void give(struct client *client, struct splice **splice)
{
    splice_give(&client->crowd->loop->splices, *splice);
    *splice = NULL;
}

void bulk_begin_request(struct bulk *bulk, struct client *client)
{
    if (!bulk->request)
        bulk->request = client_splice(client);
}

void bulk_begin_response(struct bulk *bulk, struct upstream *upstream)
{
    if (!bulk->response)
        bulk->response = upstream_splice(upstream);
}

bool bulk_has_request(const struct bulk *bulk)
{
    return bulk->request && bulk->request->len > 0;
}

bool bulk_has_response(const struct bulk *bulk)
{
    return bulk->response && bulk->response->len > 0;
}

static void end_request(struct bulk *bulk, struct client *client)
{
    if (!bulk->request)
        return;
    client_unsplice(client);
    give(client, &bulk->request);
}

void bulk_send(struct bulk *bulk, struct client *client, struct upstream *upstream,
               uint64_t *body_bytes)
{
    size_t count;
    enum stream_written written = upstream_write_splice(upstream, bulk->request, &count);
    if (written == STREAM_BROKEN) {
        count += bulk->request->len; /* nobody will have it, as with a copied body */
        end_request(bulk, client);
    }
    *body_bytes += count;
    client_skip(client, count);
    if (written == STREAM_FULL)
        client_pause_body(client);
    else
        client_take_body(client);
}

bool bulk_answer(struct bulk *bulk, struct client *client, struct upstream *upstream,
                 uint64_t *body_bytes)
{
    size_t count;
    enum stream_written written = client_write_splice(client, bulk->response, &count);
    *body_bytes += count;
    if (written == STREAM_BROKEN)
        return false;
    if (written == STREAM_FULL)
        upstream_pause(upstream);
    else
        upstream_resume(upstream);
    upstream_skip(upstream, count);
    return true;
}

void bulk_end(struct bulk *bulk, struct client *client)
{
    end_request(bulk, client);
    if (bulk->response)
        give(client, &bulk->response);
}
