#include "discovery/docker/placement.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "discovery/clean.h"
#include "lb/base/text.h"

/* Longest sentence on where an address comes from. */
#define FROM_MAX_BYTES 320

/* Says where the address comes from. Replaces what was said. */
static void explain(struct placement *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void explain(struct placement *out, const char *format, ...)
{
    struct text text = TEXT_INIT;
    va_list args;
    va_start(args, format);
    text_vappendf(&text, format, args);
    va_end(args);
    free(out->address_from);
    out->address_from = clean_copy(text_view(&text), FROM_MAX_BYTES);
    text_fini(&text);
}

static bool settle_on(struct placement *out, const char *address, uint16_t port)
{
    snprintf(out->address, sizeof(out->address), "%s", address);
    out->port = port;
    out->is_usable = true;
    return true;
}

/* May this network be used at all? The label lb.network narrows the choice to one. */
static bool is_choice(const char *wanted, const struct vantage *vantage,
                      const struct container_network *network)
{
    return network->ip[0] != '\0' && (!wanted || strcmp(wanted, network->name) == 0) &&
           vantage_reaches(vantage, network);
}

/* The networks are sorted by name. On the host the engine's default bridge comes last, because a
 * network that someone made is the one they meant. */
const struct container_network *placement_choose_network(const char *wanted,
                                                         const struct container *owner,
                                                         const struct vantage *vantage)
{
    const struct container_network *fallback = NULL;
    for (size_t i = 0; i < owner->network_count; i++) {
        const struct container_network *network = &owner->networks[i];
        if (!is_choice(wanted, vantage, network))
            continue;
        if (!vantage->on_host || strcmp(network->name, "bridge") != 0)
            return network;
        fallback = network;
    }
    return fallback;
}

/* The engine's host, seen from the host or from a container. */
static bool use_host(const struct vantage *vantage, bool with_ipv4, bool with_ipv6, uint16_t port,
                     struct placement *out)
{
    out->is_on_host = vantage->on_host;
    if (vantage->on_host)
        return settle_on(out, with_ipv4 ? "127.0.0.1" : "::1", port);
    const char *gateway = vantage_gateway(vantage, with_ipv4, with_ipv6);
    out->is_by_gateway = gateway[0] != '\0';
    return out->is_by_gateway && settle_on(out, gateway, port);
}

/* A port bound to one address of the host. Loopback is reached from the host only. */
static bool use_bound(const struct vantage *vantage, const struct container_binding *binding,
                      struct placement *out)
{
    struct address address;
    if (!address_parse_ip(view_str(binding->host_ip), 0, &address))
        return false;
    bool is_reached =
        vantage->on_host || (!address_is_loopback(&address) &&
                             vantage_has_way_out(vantage, strchr(binding->host_ip, ':')));
    out->is_on_host = vantage->on_host;
    return is_reached && settle_on(out, binding->host_ip, binding->host_port);
}

static void explain_published(const struct container_binding *binding, struct placement *out)
{
    char inner[sizeof(out->port_from)];
    struct text from = TEXT_INIT;
    memcpy(inner, out->port_from, sizeof(inner));
    text_appendf(&from, "where its port %u is published: %s", binding->port, inner);
    snprintf(out->port_from, sizeof(out->port_from), "%.*s", (int)sizeof(out->port_from) - 1,
             text_str(&from));
    text_fini(&from);
    explain(out, "the host, where its port is published on %s%s",
            binding->host_ip[0] ? binding->host_ip : "all addresses",
            out->is_by_gateway ? ", by way of the gateway of lb's container" : "");
}

/* A port published on the engine's host. */
static bool use_published(const struct offer *offer, const struct container *owner,
                          const struct vantage *vantage, struct placement *out)
{
    for (size_t i = 0; i < owner->binding_count; i++) {
        const struct container_binding *binding = &owner->bindings[i];
        bool is_any_ipv4 = strcmp(binding->host_ip, "0.0.0.0") == 0;
        bool is_any_ipv6 = strcmp(binding->host_ip, "::") == 0;
        bool is_any = binding->host_ip[0] == '\0';
        bool is_all = is_any || is_any_ipv4 || is_any_ipv6;
        if (binding->port != offer->port || binding->is_udp != offers_is_udp(offer))
            continue;
        if (!(is_all ? use_host(vantage, is_any || is_any_ipv4, is_any || is_any_ipv6,
                                binding->host_port, out)
                     : use_bound(vantage, binding, out)))
            continue;
        explain_published(binding, out);
        return true;
    }
    return false;
}

/* How many networks there were to choose from, and which. */
static void explain_network(const struct offer *offer, const struct container *owner,
                            const struct vantage *vantage, const struct container_network *network,
                            struct placement *out)
{
    struct text names = TEXT_INIT;
    unsigned count = 0;
    for (size_t i = 0; i < owner->network_count; i++)
        if (is_choice(offer->options->network, vantage, &owner->networks[i]))
            text_appendf(&names, "%s%s", count++ > 0 ? ", " : "", owner->networks[i].name);
    if (offer->options->network)
        explain(out, "its network %s, as the label lb.network says", network->name);
    else if (count == 1)
        explain(out, "its network %s, %s", network->name,
                vantage->on_host ? "which the host reaches" : "which lb is on too");
    else
        explain(out, "its network %s, the first by name of the %u that %s: %s%s", network->name,
                count, vantage->on_host ? "the host reaches" : "lb is on too", text_str(&names),
                vantage->on_host ? " (Docker's own bridge comes last)" : "");
    text_fini(&names);
}

/* The network is another container's. */
static void explain_loan(const struct container *owner, struct placement *out)
{
    char *from = out->address_from;
    out->address_from = NULL;
    explain(out, "it uses the network of the container %s: %s", owner->name, from);
    free(from);
}

static bool use_host_network(const struct vantage *vantage, uint16_t port, struct placement *out)
{
    if (!use_host(vantage, true, true, port, out))
        return false;
    explain(out, "it uses the host's network%s",
            out->is_by_gateway ? ", which lb reaches by way of the gateway of its container" : "");
    return true;
}

static void find_address(const struct offer *offer, const struct container *container,
                         const struct container *owner, const struct vantage *vantage,
                         struct placement *out)
{
    uint16_t port = offer->port;
    bool is_ours =
        engine_id_is_set(&vantage->network_id) && engine_id_eq(&owner->id, &vantage->network_id);
    const struct container_network *network =
        placement_choose_network(offer->options->network, owner, vantage);
    bool found = true;
    if (owner->is_host_network)
        found = use_host_network(vantage, port, out);
    else if (is_ours) {
        out->is_on_host = settle_on(out, "127.0.0.1", port);
        explain(out, "it and lb have one network namespace");
    } else if (network) {
        settle_on(out, network->ip, port);
        explain_network(offer, owner, vantage, network, out);
    } else
        found = !offer->options->network && use_published(offer, owner, vantage, out);
    if (!found)
        hindrance_of_networks(offer, owner, vantage, &out->hindrance);
    else if (owner != container)
        explain_loan(owner, out);
}

static void begin(const struct offer *offer, struct placement *out)
{
    *out = (struct placement){.port = offer->port, .is_udp = offers_is_udp(offer)};
    memcpy(out->port_from, offer->port_from, sizeof(out->port_from));
}

void placement_find(const struct offer *offer, const struct container *container,
                    const struct container *owner, const struct vantage *vantage,
                    struct placement *out)
{
    begin(offer, out);
    if (offer->options->address[0] != '\0') {
        settle_on(out, offer->options->address, offer->port);
        explain(out, "the label lb.address");
    } else if (!owner)
        hindrance_of_owner_unknown(&out->hindrance);
    else
        find_address(offer, container, owner, vantage, out);
}

void placement_refuse(const struct offer *offer, struct hindrance *hindrance, struct placement *out)
{
    begin(offer, out);
    out->hindrance = *hindrance;
    *hindrance = (struct hindrance){0};
}

void placement_fini(struct placement *placement)
{
    hindrance_fini(&placement->hindrance);
    free(placement->address_from);
    *placement = (struct placement){0};
}

bool placement_eq(const struct placement *a, const struct placement *b)
{
    if (a->is_usable != b->is_usable)
        return false;
    if (a->is_usable)
        return a->port == b->port && a->is_on_host == b->is_on_host &&
               strcmp(a->address, b->address) == 0;
    return hindrance_eq(&a->hindrance, &b->hindrance);
}
