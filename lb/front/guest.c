#include "lb/front/guest.h"

#include "lb/front/entrance.h"

void guest_come(struct guest *guest, struct crowd *crowd, const struct guest_handler *handler,
                const struct address *address)
{
    *guest = (struct guest){.crowd = crowd, .handler = handler};
    peer_note(&guest->peer, &crowd->options, address);
    list_append(&crowd->guests, &guest->node);
    crowd->client_count++;
    counter_add(&crowd->metrics->client_accepted_count, 1);
    counter_add(&crowd->metrics->client_open_count, 1);
}

enum err guest_enter(struct guest *guest)
{
    return entrance_make_room(guest->crowd, NULL) ? ERR_OK : ERR_TOO_MANY;
}

enum err guest_present(struct guest *guest, const struct address *client)
{
    const struct front_options *options = &guest->crowd->options;
    if (!address_eq(client, &guest->peer.address))
        peer_stand_in(&guest->peer, options, client);
    return peer_take_quota(&guest->peer, options) ? ERR_OK : ERR_TOO_MANY_OF_CLIENT;
}

void guest_leave(struct guest *guest)
{
    if (list_is_empty(&guest->node))
        return;
    list_unlink(&guest->node);
    guest->crowd->closing_client_count++;
}

void guest_go(struct guest *guest)
{
    struct crowd *crowd = guest->crowd;
    crowd->client_count--;
    crowd->closing_client_count--;
    peer_give_quota(&guest->peer, &crowd->options);
    counter_add(&crowd->metrics->client_open_count, (uint64_t)-1);
}
