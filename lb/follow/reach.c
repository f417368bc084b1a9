#include "lb/follow/reach.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"
#include "lb/contract/key.h"
#include "lb/follow/serving.h"
#include "lb/net/interfaces.h"

void reach_add_own(struct reach *reach, const struct address *listener)
{
    reach->own = memory_resize(reach->own, (reach->own_count + 1) * sizeof(*reach->own));
    reach->own[reach->own_count++] = *listener;
}

void reach_forget_own(struct reach *reach)
{
    free(reach->own);
    reach->own = NULL;
    reach->own_count = 0;
}

/* An IPv4-mapped address is the IPv4 one. Port 0. */
static struct address plain(const struct address *address)
{
    struct address ip;
    char text[ADDRESS_TEXT_BYTES];
    address_format_ip(address, text);
    return address_parse_ip(view_str(text), 0, &ip) ? ip : *address;
}

/* The IPv4 address that a translator or a tunnel on the way makes of an IPv6 one; else itself. */
static struct address translated(const struct address *ip)
{
    static const struct {
        const char *range;
        unsigned at;
    } kinds[] = {
        {"64:ff9b::/96", 12},    /* RFC 6052 */
        {"::ffff:0:0:0/96", 12}, /* RFC 7915 */
        {"::/96", 12},           /* RFC 4291 § 2.5.5.1 */
        {"2002::/16", 2},        /* RFC 3056 */
    };
    struct cidr range;
    struct address v4 = {0};
    if (ip->socket.any.sa_family != AF_INET6 || IN6_IS_ADDR_LOOPBACK(&ip->socket.v6.sin6_addr))
        return *ip;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (!cidr_parse(view_str(kinds[i].range), &range) || !cidr_contains(&range, ip))
            continue;
        v4.socket.v4.sin_family = AF_INET;
        memcpy(&v4.socket.v4.sin_addr, &ip->socket.v6.sin6_addr.s6_addr[kinds[i].at], 4);
        return v4;
    }
    return *ip;
}

static const struct {
    const char *range, *what;
} special[] = {
    {"0.0.0.0/8", "unspecified"},
    {"::/128", "unspecified"},
    {"169.254.0.0/16", "link-local"},
    {"fe80::/10", "link-local"},
    {"fd00:ec2::254/128", "a cloud's metadata service"},
    {"100.100.100.200/32", "a cloud's metadata service"},
    {"192.0.0.192/32", "a cloud's metadata service"},
    {"224.0.0.0/4", "multicast"},
    {"ff00::/8", "multicast"},
    {"240.0.0.0/4", "no address of one host"},
    {"127.0.0.0/8", "loopback"},
    {"::1/128", "loopback"},
};

static const char *special_of(const struct address *ip, bool is_on_host)
{
    struct cidr range;
    for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
        if (cidr_parse(view_str(special[i].range), &range) && cidr_contains(&range, ip) &&
            !(is_on_host && address_is_loopback(ip)))
            return special[i].what;
    return NULL;
}

static bool is_allowed(const struct reach *reach, const struct address *ip)
{
    for (unsigned i = 0; i < reach->allowed_count; i++)
        if (cidr_contains(&reach->allowed[i], ip))
            return true;
    return false;
}

struct own_port {
    const struct address *address; /* that is asked for */
    const struct address *ip;      /* of it, or what is made of it on the way */
    bool is_there;                 /* lb has that port, at whichever address */
};

static bool is_at(struct own_port *port, const struct address *listener)
{
    if (address_port(listener) != address_port(port->address))
        return false;
    struct address own = plain(listener);
    port->is_there = true;
    return address_eq(&own, port->ip);
}

/* Requests come by TCP, too. */
static bool is_at_rule(const struct listener_table *table, enum service_kind kind,
                       struct own_port *port)
{
    unsigned count = table ? listener_table_rule_count(table) : 0;
    for (unsigned i = 0; i < count; i++) {
        const struct listener_rule *rule = listener_table_rule(table, i);
        if ((rule->kind == SERVICE_UDP) == (kind == SERVICE_UDP) && is_at(port, &rule->at))
            return true;
    }
    return false;
}

/* A port of lb's at any address of its machine: whether that listener is there or comes to be. */
static bool is_own(const struct reach *reach, const struct address *address, enum service_kind kind,
                   const struct address *ip)
{
    struct own_port port = {.address = address,
                            .ip = ip,
                            .is_there = listener_range_has(&reach->dynamic, address_port(address))};
    for (unsigned i = 0; i < reach->own_count; i++)
        if (is_at(&port, &reach->own[i]))
            return true;
    if (is_at_rule(reach->listeners, kind, &port))
        return true;
    return port.is_there && (address_is_loopback(ip) || interfaces_have(ip));
}

bool reach_refuses(const struct reach *reach, const struct address *address, enum service_kind kind,
                   bool is_on_host, struct text *why)
{
    char text[ADDRESS_TEXT_BYTES];
    struct address ip = plain(address), v4 = translated(&ip);
    if (!reach->is_guarded)
        return false;
    if (is_own(reach, address, kind, &ip) || is_own(reach, address, kind, &v4)) {
        if (why)
            text_appendf(why, "its address %s is lb itself", address_format(address, text));
        return true;
    }
    const char *what = NULL;
    if (!is_allowed(reach, &ip)) {
        what = special_of(&ip, is_on_host);
        what = what ? what : special_of(&v4, is_on_host);
    }
    if (what && why)
        text_appendf(why, "its address %s is %s, and labels do not lead there by themselves",
                     address_format_ip(address, text), what);
    return what != NULL;
}

static bool refuses_port(const struct reach *reach, const json_t *endpoint, uint64_t port,
                         enum service_kind kind, struct text *why)
{
    struct address address;
    const char *ip = json_string_value(json_object_get(endpoint, KEY_ADDRESS));
    return address_parse_ip(view_str(ip), (uint16_t)port, &address) &&
           reach_refuses(reach, &address, kind,
                         json_is_true(json_object_get(endpoint, KEY_ON_HOST)), why);
}

/* Where there are several sources, a file's endpoints are still the operator's own word. */
static bool is_of_file(const json_t *endpoint)
{
    const char *source = json_string_value(json_object_get(endpoint, KEY_SOURCE));
    return view_eq(view_str(source), VIEW("file"));
}

/* Checks may ask at another port, with any method: not at lb's own, either. */
bool reach_refuses_object(const struct reach *reach, const json_t *endpoint, struct text *why)
{
    json_int_t port = json_integer_value(json_object_get(endpoint, KEY_PORT));
    const json_t *check = json_object_get(endpoint, KEY_CHECK);
    const char *check_port = json_string_value(json_object_get(check, KEY_PORT));
    bool is_udp = serving_protocol(endpoint) == PROTOCOL_UDP;
    uint64_t other;
    return reach->is_guarded && !is_of_file(endpoint) &&
           (refuses_port(reach, endpoint, (uint64_t)port, is_udp ? SERVICE_UDP : SERVICE_TCP,
                         why) ||
            (view_parse_u64(view_str(check_port), UINT16_MAX, &other) &&
             refuses_port(reach, endpoint, other, SERVICE_TCP, why)));
}
