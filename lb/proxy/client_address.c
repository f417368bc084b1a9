#include "lb/proxy/client_address.h"

static bool is_trusted(const struct trust *trust, const struct address *address)
{
    for (unsigned i = 0; i < trust->count; i++)
        if (cidr_contains(&trust->cidrs[i], address))
            return true;
    return false;
}

void client_address_find(const struct exchange *exchange, struct address *out)
{
    const struct peer *peer = &exchange->front->peer;
    const struct trust *trust = &exchange->env->crowd.options.trust;
    struct view chain = exchange->forwarded.forwarded_for;
    *out = peer->address;
    if (!peer->is_trusted)
        return;
    while (chain.ptr) {
        struct address said;
        if (!address_parse_ip(forwarded_for_ip(forwarded_for_cut(&chain)), 0, &said))
            return;
        *out = said;
        if (!is_trusted(trust, &said))
            return;
    }
}
