#include "lb/front/entrance.h"

#include "lb/front/h1_client.h"
#include "lb/front/h1_handshake.h"
#include "lb/front/h1_preface.h"
#include "lb/front/preface.h"

bool entrance_make_room(struct crowd *crowd, const struct list *newcomer)
{
    if (crowd_present_count(crowd) <= crowd->options.max_client_count)
        return true;
    struct list *node = crowd->idle_clients.next;
    bool is_free = node != &crowd->idle_clients && node != newcomer;
    struct h1_client *longest = list_entry(node, struct h1_client, node);
    if ((!is_free || longest->request_count == 0) && crowd->on_crowded)
        crowd->on_crowded(); /* it, or the new one, has not even asked */
    if (is_free)
        h1_client_close(longest);
    return is_free;
}

static enum err admit(struct h1_client *client, const struct address *peer)
{
    peer_note(&client->front.peer, h1_client_options(client), peer);
    if (!entrance_make_room(client->front.crowd, &client->node))
        return ERR_TOO_MANY;
    if (preface_is_expected(h1_client_options(client), peer)) {
        h1_preface_await(client); /* whose share it takes is told there */
        return ERR_OK;
    }
    return peer_take_quota(&client->front.peer, h1_client_options(client)) ? ERR_OK
                                                                           : ERR_TOO_MANY_OF_CLIENT;
}

static bool may_be_told(const struct crowd *crowd)
{
    return crowd_present_count(crowd) <=
           crowd->options.max_client_count + crowd->options.max_refused_count;
}

void entrance_accept(struct crowd *crowd, struct listener *listener,
                     const struct front_handler *handler)
{
    struct h1_client *client = h1_client_open(crowd, listener, handler);
    if (!client)
        return;
    enum err err = admit(client, &listener->peer);
    if (!err)
        h1_client_start(client);
    else if (may_be_told(crowd))
        h1_client_refuse(client, err);
    else
        front_abort(&client->front); /* too many even to be told so */
}

void entrance_accept_tls(struct crowd *crowd, struct listener *listener,
                         const struct front_handler *handler)
{
    struct h1_client *client = h1_client_open(crowd, listener, handler);
    if (!client)
        return;
    client->speaks_tls = true;
    enum err err = admit(client, &listener->peer);
    if (err && !may_be_told(crowd))
        front_abort(&client->front);
    else if (client->state == H1_CLIENT_PREFACED)
        h1_client_start(client);
    else
        h1_handshake_begin(client, view_of(NULL, 0), err);
}

void entrance_take_tls(struct crowd *crowd, const struct entrance_guest *guest,
                       const struct front_handler *handler)
{
    struct listener door = {.accepted_fd = guest->fd};
    struct peer peer = guest->peer;
    struct h1_client *client = h1_client_open(crowd, &door, handler);
    counter_add(&crowd->metrics->client_accepted_count, (uint64_t)-1);
    if (!client) {
        peer_give_quota(&peer, &crowd->options);
        return;
    }
    client->front.peer = peer;
    client->speaks_tls = true;
    h1_handshake_begin(client, guest->early, ERR_OK);
}
