/* Who is at the other end of a client's connection. */
#ifndef LB_FRONT_PEER_H
#define LB_FRONT_PEER_H

#include "lb/base/address.h"
#include "lb/front/front_options.h"

struct peer {
    struct address address;
    unsigned char ip_len;
    char ip[ADDRESS_TEXT_BYTES];
    bool is_trusted; /* its X-Forwarded-* fields are believed */
    bool has_quota;  /* it counts for its address */
};

/* Notes who the connection comes from, and whether that is a trusted proxy. */
void peer_note(struct peer *peer, const struct front_options *options,
               const struct address *address);

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
