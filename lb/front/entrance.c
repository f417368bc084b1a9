#include "lb/front/entrance.h"

/* The client that has been idle for the longest gives way. False: all are busy. */
static bool make_room(struct crowd *crowd)
{
    if (crowd_present_count(crowd) <= crowd->options.max_client_count)
        return true;
    struct client *longest = list_entry(crowd->idle_clients.next, struct client, node);
    if (longest->request_count == 0 && crowd->on_crowded)
        crowd->on_crowded(); /* it, or the new one, has not even asked */
    if (longest->node.next == &crowd->idle_clients)
        return false; /* only the new one is idle */
    client_close(longest);
    return true;
}

static enum err admit(struct client *client, const struct address *peer)
{
    peer_note(&client->peer, &client->crowd->options, peer);
    if (!make_room(client->crowd))
        return ERR_TOO_MANY;
    return peer_take_quota(&client->peer, &client->crowd->options) ? ERR_OK
                                                                   : ERR_TOO_MANY_OF_CLIENT;
}

void entrance_accept(struct crowd *crowd, struct listener *listener,
                     const struct client_handler *handler)
{
    struct client *client = client_open(crowd, listener, handler);
    if (!client)
        return;
    enum err err = admit(client, &listener->peer);
    if (!err)
        client_start(client);
    else if (crowd_present_count(crowd) <=
             crowd->options.max_client_count + crowd->options.max_refused_count)
        client_refuse(client, err);
    else
        client_abort(client); /* too many even to be told so */
}
