/* Who is at the other end of a client's connection. */
#ifndef LB_FRONT_PEER_H
#define LB_FRONT_PEER_H

#include "lb/base/address.h"
#include "lb/front/front_options.h"

#define PEER_IP_BYTES 46u

/* Who connected, where that is a balancer that told of another by a PROXY header. */
struct peer_balancer {
    unsigned char ip[16]; /* of IPv6, or mapped to it */
    in_port_t port;       /* as in a packet */
};

struct peer {
    struct address address;
    struct peer_balancer balancer; /* if has_balancer */
    unsigned char ip_len;
    char ip[PEER_IP_BYTES];
    bool is_trusted; /* its X-Forwarded-* fields are believed */
    bool has_quota;  /* it counts for its address */
    bool has_balancer;
};

/* Notes who the connection comes from, and whether that is a trusted proxy. */
void peer_note(struct peer *peer, const struct front_options *options,
               const struct address *address);

/* Who connected speaks for `address` from now on, by a PROXY header. Before it has a share. */
void peer_stand_in(struct peer *peer, const struct front_options *options,
                   const struct address *address);

/* Who connected, whoever it speaks for. */
struct address peer_connected(const struct peer *peer);

/* One more connection from its address. False: it has too many. */
bool peer_take_quota(struct peer *peer, const struct front_options *options);

/* One less, if it was counted. */
void peer_give_quota(struct peer *peer, const struct front_options *options);

/* Its IP address as text. Borrowed. */
static inline struct view peer_ip(const struct peer *peer)
{
    return view_of(peer->ip, peer->ip_len);
}

#endif
