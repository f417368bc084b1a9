#include "lb/run/reach.h"

#include <arpa/inet.h>
#include <ifaddrs.h>

void reach_add_own(struct reach *reach, const struct address *listener)
{
    if (reach->own_count < REACH_OWN_MAX)
        reach->own[reach->own_count++] = *listener;
}

/* An IPv4-mapped address is the IPv4 one. Port 0. */
static struct address plain(const struct address *address)
{
    struct address ip;
    char text[ADDRESS_TEXT_BYTES];
    address_format_ip(address, text);
    return address_parse_ip(view_str(text), 0, &ip) ? ip : *address;
}

static const struct {
    const char *range, *what;
} special[] = {
    {"0.0.0.0/8", "unspecified"},
    {"::/128", "unspecified"},
    {"169.254.0.0/16", "link-local"},
    {"fe80::/10", "link-local"},
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

static bool has_interface(const struct address *ip)
{
    struct ifaddrs *first = NULL;
    struct address own;
    bool found = false;
    if (getifaddrs(&first) < 0)
        return true;
    for (struct ifaddrs *at = first; at && !found; at = at->ifa_next) {
        if (!at->ifa_addr || !address_from_sockaddr(at->ifa_addr, &own))
            continue;
        struct address its = plain(&own);
        found = address_eq(&its, ip);
    }
    freeifaddrs(first);
    return found;
}

/* A port of lb's at any address of its machine: whether that listener is there or comes to be. */
static bool is_own(const struct reach *reach, const struct address *address,
                   const struct address *ip)
{
    bool has_port = false;
    for (unsigned i = 0; i < reach->own_count; i++) {
        struct address own = plain(&reach->own[i]);
        if (address_port(&reach->own[i]) != address_port(address))
            continue;
        if (address_eq(&own, ip))
            return true;
        has_port = true;
    }
    return has_port && (address_is_loopback(ip) || has_interface(ip));
}

bool reach_refuses(const struct reach *reach, const struct address *address, bool is_on_host,
                   struct text *why)
{
    char text[ADDRESS_TEXT_BYTES];
    struct address ip = plain(address);
    if (!reach->is_guarded)
        return false;
    if (is_own(reach, address, &ip)) {
        if (why)
            text_appendf(why, "its address %s is lb itself", address_format(address, text));
        return true;
    }
    const char *what = is_allowed(reach, &ip) ? NULL : special_of(&ip, is_on_host);
    if (what && why)
        text_appendf(why, "its address %s is %s, and labels do not lead there by themselves",
                     address_format_ip(address, text), what);
    return what != NULL;
}

bool reach_refuses_object(const struct reach *reach, const json_t *endpoint, struct text *why)
{
    struct address address;
    const char *ip = json_string_value(json_object_get(endpoint, "address"));
    json_int_t port = json_integer_value(json_object_get(endpoint, "port"));
    return reach->is_guarded && address_parse_ip(view_str(ip), (uint16_t)port, &address) &&
           reach_refuses(reach, &address, json_is_true(json_object_get(endpoint, "on_host")), why);
}
