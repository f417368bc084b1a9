#include "lb/front/h1_preface.h"

#include "lb/front/h1_handshake.h"
#include "lb/front/h1_request.h"
#include "lb/front/preface.h"

void h1_preface_await(struct h1_client *client)
{
    h1_client_enter(client, H1_CLIENT_PREFACED);
    h1_client_arm(client, h1_client_options(client)->head_timeout_ms);
}

/* Together with what has come of it before, which is seldom anything. */
static struct view gather(struct h1_client *client, struct view data)
{
    struct block *before = client->held;
    if (!before)
        return data;
    if (block_room(before) < data.len) {
        client->held = block_take(&h1_client_loop(client)->blocks, before->len + data.len);
        block_append(client->held, block_view(before));
        block_give(&h1_client_loop(client)->blocks, before);
    }
    block_append(client->held, data);
    return block_view(client->held);
}

static void keep(struct h1_client *client, struct view data)
{
    if (client->held || data.len == 0)
        return;
    client->held = block_take(&h1_client_loop(client)->blocks, data.len);
    block_append(client->held, data);
}

/* The rest of what came with the header. */
static void begin(struct h1_client *client, struct view rest, enum err refusal)
{
    struct block *held = client->held; /* where the rest is, perhaps */
    client->held = NULL;
    h1_handshake_begin(client, rest, refusal);
    block_give(&h1_client_loop(client)->blocks, held);
}

/* While lb drains, its first request has what is left of the header's time. */
static void let_in(struct h1_client *client, struct view rest)
{
    h1_client_enter(client, H1_CLIENT_IDLE);
    if (!client->front.crowd->is_draining)
        h1_client_arm(client, h1_client_options(client)->idle_timeout_ms);
    h1_request_pump(client, rest);
}

/* Who is to speak TLS understands nothing that is not. */
static void refuse(struct h1_client *client, enum err err, enum handshake_end end)
{
    if (client->speaks_tls)
        h1_handshake_fail(client, end);
    else
        h1_client_refuse(client, err);
}

void h1_preface_give_up(struct h1_client *client)
{
    refuse(client, ERR_HEAD_TIMEOUT, HANDSHAKE_TIMEOUT);
}

void h1_preface_read(struct h1_client *client, struct view data)
{
    struct view all = gather(client, data);
    struct peer *peer = &client->front.peer;
    struct preface preface;
    switch (preface_read(all, &peer->address, &preface)) {
    case PREFACE_MORE:
        keep(client, all);
        return;
    case PREFACE_WRONG:
        refuse(client, ERR_PROXY_HEADER, HANDSHAKE_NO_TLS);
        return;
    case PREFACE_DONE:
        break;
    }
    if (!address_eq(&preface.client, &peer->address))
        peer_stand_in(peer, h1_client_options(client), &preface.client);
    bool is_free = peer_take_quota(peer, h1_client_options(client));
    if (client->speaks_tls)
        begin(client, view_skip(all, preface.len), is_free ? ERR_OK : ERR_TOO_MANY_OF_CLIENT);
    else if (is_free)
        let_in(client, view_skip(all, preface.len));
    else
        h1_client_refuse(client, ERR_TOO_MANY_OF_CLIENT);
}
