#include "discovery/placement.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "discovery/clean.h"
#include "lb/base/text.h"

/* Longest sentence: names in it are bounded, but there may be many of them. */
#define DETAIL_MAX_BYTES 512

static void refuse(struct placement *out, enum set_reason reason, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void refuse(struct placement *out, enum set_reason reason, const char *format, ...)
{
    struct text text = TEXT_INIT;
    va_list args;
    va_start(args, format);
    text_vappendf(&text, format, args);
    va_end(args);
    out->is_usable = false;
    out->reason = reason;
    out->detail = clean_copy(text_view(&text), DETAIL_MAX_BYTES);
    text_fini(&text);
}

static bool settle_on(struct placement *out, const char *address, uint16_t port)
{
    snprintf(out->address, sizeof(out->address), "%s", address);
    out->port = port;
    out->is_usable = true;
    return true;
}

static void refuse_not_running(const struct container *container, struct placement *out)
{
    const char *status = container->status[0] ? container->status : "not running";
    int code = container->exit_code;
    if (!container->has_exit_code || strcmp(status, "exited") != 0)
        refuse(out, SET_REASON_NOT_RUNNING, "it is %s; start it", status);
    else if (code > 128)
        refuse(out, SET_REASON_NOT_RUNNING, "it is %s with code %d (signal %d)%s; start it", status,
               code, code - 128, code == 137 ? ", killed by an order or for want of memory" : "");
    else
        refuse(out, SET_REASON_NOT_RUNNING, "it is %s with code %d; start it", status, code);
}

/* Everything that can be said without looking at networks; true when something was wrong. */
static bool refuse_early(const struct container *container, const struct container *owner,
                         const struct vantage *vantage, struct placement *out)
{
    const struct settings *settings = &container->settings;
    if (engine_id_is_set(&vantage->id) && engine_id_eq(&container->id, &vantage->id) &&
        !settings->is_named)
        refuse(out, SET_REASON_SELF, "this is the container that lb itself runs in");
    else if (settings->disabled_by)
        refuse(out, SET_REASON_DISABLED, "it has %s", settings->disabled_by);
    else if (container->is_unknown && container->is_too_large)
        refuse(out, SET_REASON_NO_ADDRESS,
               "what the engine tells of it is larger than 4 MiB; take labels or variables away");
    else if (container->is_unknown)
        refuse(out, SET_REASON_NO_ADDRESS,
               "the engine did not answer when asked about it; it is asked again");
    else if (!container->running)
        refuse_not_running(container, out);
    else if (owner && !owner->running)
        refuse(out, SET_REASON_NOT_RUNNING,
               "it uses the network of the container %s, which is not running; start that one "
               "and then this one",
               owner->name);
    else if (settings->label_problem)
        refuse(out, SET_REASON_BAD_LABEL, "%s", settings->label_problem);
    else if (settings->port_problem)
        refuse(out, SET_REASON_BAD_PORT, "%s", settings->port_problem);
    else if (settings->port == 0 && container->exposed_port == 0)
        refuse(out, SET_REASON_NO_PORT,
               "it exposes no TCP port; add the label lb.port, or EXPOSE to its image");
    else
        return false;
    return true;
}

/* May this network be used at all? The label lb.network narrows the choice to one. */
static bool is_choice(const struct container *container, const struct vantage *vantage,
                      const struct container_network *network)
{
    const char *wanted = container->settings.network;
    return network->ip[0] != '\0' && (!wanted || strcmp(wanted, network->name) == 0) &&
           vantage_reaches(vantage, network);
}

/* The networks are sorted by name. On the host the engine's default bridge comes last, because a
 * network that someone made is the one they meant. */
static const struct container_network *choose_network(const struct container *container,
                                                      const struct container *owner,
                                                      const struct vantage *vantage)
{
    const struct container_network *fallback = NULL;
    for (size_t i = 0; i < owner->network_count; i++) {
        const struct container_network *network = &owner->networks[i];
        if (!is_choice(container, vantage, network))
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

/* A port published on the engine's host. */
static bool use_published(const struct container *owner, const struct vantage *vantage,
                          uint16_t port, struct placement *out)
{
    for (size_t i = 0; i < owner->binding_count; i++) {
        const struct container_binding *binding = &owner->bindings[i];
        bool is_any_ipv4 = strcmp(binding->host_ip, "0.0.0.0") == 0;
        bool is_any_ipv6 = strcmp(binding->host_ip, "::") == 0;
        bool is_any = binding->host_ip[0] == '\0';
        bool is_all = is_any || is_any_ipv4 || is_any_ipv6;
        if (binding->port != port)
            continue;
        if (is_all ? use_host(vantage, is_any || is_any_ipv4, is_any || is_any_ipv6,
                              binding->host_port, out)
                   : use_bound(vantage, binding, out))
            return true;
    }
    return false;
}

static void append_networks(const struct container *owner, struct text *names)
{
    for (size_t i = 0; i < owner->network_count; i++)
        if (owner->networks[i].ip[0] != '\0')
            text_appendf(names, "%s%s", names->len > 0 ? ", " : "", owner->networks[i].name);
}

static bool is_published(const struct container *owner, uint16_t port)
{
    for (size_t i = 0; i < owner->binding_count; i++)
        if (owner->bindings[i].port == port)
            return true;
    return false;
}

/* It runs and has a port, but nothing leads to it: says what it has and what lb has. */
static void refuse_networks(const struct container *container, const struct container *owner,
                            const struct vantage *vantage, uint16_t port, struct placement *out)
{
    struct text names = TEXT_INIT;
    append_networks(owner, &names);
    if (owner->is_host_network)
        refuse(out, SET_REASON_NO_SHARED_NETWORK,
               "it uses the host's network, and no network of lb's container leads there; put lb "
               "on a bridge network that is not internal, or on the host's");
    else if (names.len == 0)
        refuse(out, SET_REASON_NO_ADDRESS, "it is on no network, or its network is not ready yet");
    else if (container->settings.network) {
        refuse(out, SET_REASON_NO_SHARED_NETWORK,
               "the label lb.network asks for %s; it is on: %s; lb is on: %s",
               container->settings.network, text_str(&names),
               vantage->on_host ? "the host" : text_str(&vantage->network_names));
        out->remedy = "Correct the label lb.network and create it anew, or let docker network "
                      "connect join it and lb to that network.";
    } else if (!vantage->on_host && is_published(owner, port)) {
        refuse(out, SET_REASON_NO_SHARED_NETWORK,
               "its port %u is published on an address of the host that lb's container cannot "
               "reach; it is on: %s; lb is on: %s",
               port, text_str(&names),
               vantage->network_count > 0 ? text_str(&vantage->network_names) : "no network");
        out->remedy = "Publish the port on all addresses of the host (-p 8080:80 instead of -p "
                      "127.0.0.1:8080:80), or let docker network connect join it to a network of "
                      "lb's.";
    } else if (vantage->on_host)
        refuse(out, SET_REASON_NO_SHARED_NETWORK,
               "it is on: %s; the host has no route there: use a bridge network, or publish the "
               "port",
               text_str(&names));
    else
        refuse(out, SET_REASON_NO_SHARED_NETWORK, "it is on: %s; lb is on: %s", text_str(&names),
               vantage->network_count > 0 ? text_str(&vantage->network_names) : "no network");
    text_fini(&names);
}

static void find_address(const struct container *container, const struct container *owner,
                         const struct vantage *vantage, uint16_t port, struct placement *out)
{
    bool is_ours =
        engine_id_is_set(&vantage->network_id) && engine_id_eq(&owner->id, &vantage->network_id);
    const struct container_network *network = choose_network(container, owner, vantage);
    bool found = true;
    if (owner->is_host_network)
        found = use_host(vantage, true, true, port, out);
    else if (is_ours)
        out->is_on_host = settle_on(out, "127.0.0.1", port);
    else if (network)
        settle_on(out, network->ip, port);
    else
        found = !container->settings.network && use_published(owner, vantage, port, out);
    if (!found)
        refuse_networks(container, owner, vantage, port, out);
}

void placement_find(const struct container *container, const struct container *owner,
                    const struct vantage *vantage, struct placement *out)
{
    *out = (struct placement){0};
    if (refuse_early(container, owner, vantage, out))
        return;
    uint16_t port = container->settings.port;
    if (port == 0)
        port = container->exposed_port;
    if (container->settings.address[0] != '\0')
        settle_on(out, container->settings.address, port);
    else if (!owner)
        refuse(out, SET_REASON_NO_ADDRESS, "it uses the network of a container that is not known");
    else
        find_address(container, owner, vantage, port, out);
}

void placement_fini(struct placement *placement)
{
    free(placement->detail);
    *placement = (struct placement){0};
}

bool placement_eq(const struct placement *a, const struct placement *b)
{
    if (a->is_usable != b->is_usable)
        return false;
    if (a->is_usable)
        return a->port == b->port && a->is_on_host == b->is_on_host &&
               strcmp(a->address, b->address) == 0;
    return a->reason == b->reason && strcmp(a->detail, b->detail) == 0;
}
