#include "lb/front/peer.h"

void peer_note(struct peer *peer, const struct front_options *options,
               const struct address *address)
{
    char room[ADDRESS_TEXT_BYTES];
    peer->address = *address;
    struct view ip = view_str(address_format_ip(address, room));
    memcpy(peer->ip, ip.ptr, ip.len + 1);
    peer->ip_len = (unsigned char)ip.len;
    for (unsigned i = 0; i < options->trust.count && !peer->is_trusted; i++)
        peer->is_trusted = cidr_contains(&options->trust.cidrs[i], &peer->address);
}

void peer_stand_in(struct peer *peer, const struct front_options *options,
                   const struct address *address)
{
    struct address balancer = peer->address;
    address_map(&balancer);
    memcpy(peer->balancer.ip, &balancer.socket.v6.sin6_addr, sizeof(peer->balancer.ip));
    peer->balancer.port = balancer.socket.v6.sin6_port;
    peer->has_balancer = true;
    peer->is_trusted = false;
    peer_note(peer, options, address);
}

struct address peer_connected(const struct peer *peer)
{
    struct address balancer = {0};
    if (!peer->has_balancer)
        return peer->address;
    balancer.socket.v6.sin6_family = AF_INET6;
    balancer.socket.v6.sin6_port = peer->balancer.port;
    memcpy(&balancer.socket.v6.sin6_addr, peer->balancer.ip, sizeof(peer->balancer.ip));
    address_unmap(&balancer);
    return balancer;
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
