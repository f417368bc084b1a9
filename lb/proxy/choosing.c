#include "lb/proxy/choosing.h"

#include "lb/base/hash.h"
#include "lb/http/cookie.h"
#include "lb/http/field_line.h"
#include "lb/policy/algorithm.h"
#include "lb/proxy/stickiness.h"

#define IPV6_PREFIX_BYTES 8u /* a network of one customer */

/* ---- what a service asks for ----------------------------------------------------------------- */

/* The address of the client after those of trusted proxies; IPv6 without what a client changes. */
static struct view client_of(const struct exchange *exchange, struct address *room)
{
    const struct trust *trust = &exchange->env->crowd.options.trust;
    struct view client = forwarded_for_client(exchange->forwarded.forwarded_for, trust);
    if (!address_parse_ip(forwarded_for_ip(client), 0, room))
        *room = exchange->front->peer.address;
    if (room->socket.any.sa_family == AF_INET)
        return view_of((const char *)&room->socket.v4.sin_addr, sizeof(room->socket.v4.sin_addr));
    return view_of((const char *)&room->socket.v6.sin6_addr, IPV6_PREFIX_BYTES);
}

static struct view path_of(const struct exchange *exchange)
{
    struct view target = exchange->forwarded.target;
    return view_cut(&target, '?');
}

static struct view header_of(struct view head, struct view name)
{
    struct view lines = field_line_first(head), value;
    return field_line_next(&lines, name, &value) ? value : view_of(NULL, 0);
}

static struct view asked_for(const struct exchange *exchange, const struct balance_rule *rule,
                             struct address *room)
{
    struct view head = block_view(exchange->outgoing.head), name = view_str(rule->name);
    switch (rule->algorithm) {
    case BALANCE_HASH_CONNECTION: /* requests of one come one after the other */
    case BALANCE_HASH_CLIENT:
        return client_of(exchange, room);
    case BALANCE_HASH_HEADER:
        return header_of(head, name);
    case BALANCE_HASH_COOKIE:
        return cookie_find(head, name);
    case BALANCE_HASH_PATH:
        return path_of(exchange);
    case BALANCE_ROUND_ROBIN:
    case BALANCE_LEAST_REQUESTS:
        break;
    }
    return view_of(NULL, 0);
}

/* ---- the choice ------------------------------------------------------------------------------ */

struct endpoint *choosing_pick(void *owner)
{
    struct exchange *exchange = owner;
    struct attempt *attempt = &exchange->attempt;
    const struct pool_service *service = attempt_listed(attempt);
    if (service->is_paused)
        return NULL;
    struct endpoint *endpoint = stickiness_find(exchange);
    if (endpoint)
        return endpoint;
    struct address room;
    struct view text = asked_for(exchange, &service->policy->balance, &room);
    const struct algorithm_key key = {.hash = hash_view(HASH_INIT, text), .is_given = text.len > 0};
    return algorithm_pick(service, &attempt->tried, &key);
}
