#include "lb/front/peer.h"

void peer_note(struct peer *peer, const struct front_options *options,
               const struct address *address)
{
    peer->address = *address;
    peer->ip_len = (unsigned char)strlen(address_format_ip(&peer->address, peer->ip));
    for (unsigned i = 0; i < options->trust.count && !peer->is_trusted; i++)
        peer->is_trusted = cidr_contains(&options->trust.cidrs[i], &peer->address);
}

bool peer_take_quota(struct peer *peer, const struct front_options *options)
{
    struct quota *quota = options->quota;
    peer->has_quota = quota && quota_take(quota, &peer->address);
    return !quota || peer->has_quota;
}

void peer_give_quota(struct peer *peer, const struct front_options *options)
{
    if (peer->has_quota)
        quota_give(options->quota, &peer->address);
}
