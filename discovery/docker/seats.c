#include "discovery/docker/seats.h"

#include <stdio.h>

#include "discovery/docker/placement.h"

static struct seat *add(struct seats *seats, uint16_t port, bool is_udp)
{
    if (seats_of(seats, port, is_udp))
        return NULL;
    if (seats->count == REGISTRATOR_PORTS_MAX) {
        seats->has_more = true;
        return NULL;
    }
    struct seat *seat = &seats->items[seats->count++];
    *seat = (struct seat){.port = port, .is_udp = is_udp, .outer = port};
    return seat;
}

const struct seat *seats_of(const struct seats *seats, uint16_t port, bool is_udp)
{
    for (size_t i = 0; i < seats->count; i++)
        if (seats->items[i].port == port && seats->items[i].is_udp == is_udp)
            return &seats->items[i];
    return NULL;
}

static void copy(char to[ADDRESS_TEXT_BYTES], const char *address)
{
    snprintf(to, ADDRESS_TEXT_BYTES, "%s", address);
}

/* ---- at the host ---------------------------------------------------------------------------- */

static void put_on_host(struct seat *seat, const struct enlistment_settings *settings,
                        const char *near)
{
    copy(seat->address, settings->advertise ? settings->advertise : "");
    copy(seat->near, settings->advertise ? settings->advertise : near);
}

static bool is_any(const char *host_ip)
{
    return host_ip[0] == '\0' || strcmp(host_ip, "0.0.0.0") == 0 || strcmp(host_ip, "::") == 0;
}

static bool is_loopback(const char *host_ip)
{
    struct address address;
    return address_parse_ip(view_str(host_ip), 0, &address) && address_is_loopback(&address);
}

static void publish(struct seat *seat, const struct container_binding *binding,
                    const struct enlistment_settings *settings)
{
    const char *host_ip = binding->host_ip;
    seat->outer = binding->host_port;
    seat->is_loopback = is_loopback(host_ip);
    if (is_any(host_ip))
        put_on_host(seat, settings, strcmp(host_ip, "::") == 0 ? "::1" : "127.0.0.1");
    else
        put_on_host(seat, settings, host_ip);
    if (!settings->advertise && !is_any(host_ip) && !seat->is_loopback)
        copy(seat->address, host_ip);
}

static bool is_same_port(const struct container_binding *a, const struct container_binding *b)
{
    return a->port == b->port && a->is_udp == b->is_udp;
}

/* Of several bindings of one port, `first` and those that follow it: the first that others reach. */
static const struct container_binding *choose_binding(const struct container *owner, size_t first)
{
    for (size_t i = first; i < owner->binding_count; i++) {
        if (!is_same_port(&owner->bindings[i], &owner->bindings[first]))
            break;
        if (!is_loopback(owner->bindings[i].host_ip))
            return &owner->bindings[i];
    }
    return &owner->bindings[first];
}

/* Of another one's bindings those that are for its own ports. */
static void add_published(const struct container *container, const struct container *owner,
                          const struct enlistment_settings *settings, bool of_udp,
                          struct seats *out)
{
    for (size_t i = 0; i < owner->binding_count; i++) {
        const struct container_binding *binding = &owner->bindings[i];
        if (binding->is_udp != of_udp || seats_of(out, binding->port, of_udp) ||
            (owner != container && !papers_expose(container->papers, binding->port, of_udp)))
            continue;
        struct seat *seat = add(out, binding->port, of_udp);
        if (seat)
            publish(seat, choose_binding(owner, i), settings);
    }
}

static void add_of_host(const struct container *container,
                        const struct enlistment_settings *settings, struct seats *out)
{
    for (size_t i = 0; i < container->papers->port_count; i++) {
        const struct papers_port *port = &container->papers->ports[i];
        struct seat *seat = add(out, port->number, port->is_udp);
        if (seat)
            put_on_host(seat, settings, "127.0.0.1");
    }
}

/* ---- at the container ------------------------------------------------------------------------ */

/* Any with an address, Docker's own bridge last; a swarm's ingress leads to no container. */
static const struct container_network *choose_any(const struct container *owner)
{
    const struct container_network *fallback = NULL;
    for (size_t i = 0; i < owner->network_count; i++) {
        const struct container_network *network = &owner->networks[i];
        if (network->ip[0] == '\0' || strcmp(network->name, "ingress") == 0)
            continue;
        if (strcmp(network->name, "bridge") != 0)
            return network;
        fallback = network;
    }
    return fallback;
}

/* Where lb reaches it, if it does: lb.network is asked for all of the container. */
static const struct container_network *choose_network(const struct container *container,
                                                      const struct container *owner,
                                                      const struct vantage *vantage)
{
    const char *wanted =
        container->offers.count > 0 ? container->offers.items[0].options->network : NULL;
    const struct container_network *network = placement_choose_network(wanted, owner, vantage);
    return network || wanted ? network : choose_any(owner);
}

static void add_inside(const struct container_network *network, uint16_t port, bool is_udp,
                       struct seats *out)
{
    struct seat *seat = add(out, port, is_udp);
    if (!seat)
        return;
    copy(seat->address, network->ip);
    copy(seat->near, network->ip);
}

static void add_internal(const struct container *container, const struct container *owner,
                         const struct vantage *vantage, bool of_udp, struct seats *out)
{
    const struct container_network *network = choose_network(container, owner, vantage);
    if (!network)
        return;
    for (size_t i = 0; i < container->papers->port_count; i++)
        if (container->papers->ports[i].is_udp == of_udp)
            add_inside(network, container->papers->ports[i].number, of_udp, out);
    for (size_t i = 0; owner == container && i < owner->binding_count; i++)
        if (owner->bindings[i].is_udp == of_udp)
            add_inside(network, owner->bindings[i].port, of_udp, out);
}

void seats_find(const struct container *container, const struct container *owner,
                const struct vantage *vantage, const struct enlistment_settings *settings,
                struct seats *out)
{
    out->count = 0;
    out->has_more = false;
    if (owner->is_host_network) {
        add_of_host(container, settings, out);
        return;
    }
    for (int of_udp = 0; of_udp < 2; of_udp++) {
        if (settings->is_internal)
            add_internal(container, owner, vantage, of_udp, out);
        else
            add_published(container, owner, settings, of_udp, out);
    }
}
