#include "discovery/docker/placement.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "discovery/clean.h"
#include "lb/base/text.h"

/* Longest sentence: names in it are bounded, but there may be many of them. */

static void refuse(struct placement *out, enum left_out_reason reason, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void refuse(struct placement *out, enum left_out_reason reason, const char *format, ...)
{
    struct text text = TEXT_INIT;
    va_list args;
    va_start(args, format);
    text_vappendf(&text, format, args);
    va_end(args);
    out->is_usable = false;
    out->reason = reason;
    out->detail = clean_copy(text_view(&text), LIMITS_SENTENCE_BYTES_MAX);
    text_fini(&text);
}

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

/* Shells give 128 and the signal, and the engine does. */
static void append_exit_code(const struct container *container, struct text *why)
{
    int code = container->exit_code;
    text_appendf(why, " with code %d", code);
    if (code > 128 && code < 128 + 65)
        text_appendf(why, " (signal %d)", code - 128);
    if (container->was_oom_killed)
        text_append_str(why, ", as the kernel killed it, or a process of it, for want of memory "
                             "(OOMKilled)");
    else if (code == 137 && !container->has_autopsy)
        text_append_str(why, ", killed by an order or for want of memory");
}

static const char *find_remedy(const struct container *container)
{
    const char *status = container->status;
    if (strcmp(status, "restarting") == 0)
        return "The engine starts it again by itself; docker logs shows what it wrote.";
    if (strcmp(status, "dead") == 0 || strcmp(status, "removing") == 0)
        return "It cannot be started again: docker rm, and create it anew.";
    if (container->error)
        return "docker start brings it up once that is mended.";
    if (container->was_oom_killed)
        return "Give it more memory (docker update --memory), then docker start brings it up.";
    if (container->has_exit_code && container->exit_code != 0)
        return "docker start brings it up; docker logs shows what it wrote.";
    return NULL;
}

static void refuse_not_running(const struct container *container, struct placement *out)
{
    struct text why = TEXT_INIT;
    text_append_str(&why, container->status[0] ? container->status : "not running");
    if (container->has_exit_code && strcmp(container->status, "exited") == 0)
        append_exit_code(container, &why);
    else if (container->has_exit_code && container->exit_code > 0) {
        text_append_str(&why, ", after its last run ended");
        append_exit_code(container, &why);
    }
    if (container->error)
        text_appendf(&why, "; the engine says: %s", container->error);
    refuse(out, LEFT_OUT_NOT_RUNNING, "it is %s", text_str(&why));
    out->remedy = find_remedy(container);
    text_fini(&why);
}

static void refuse_unknown(const struct container *container, struct placement *out)
{
    refuse(out, LEFT_OUT_NO_ADDRESS, "%s",
           container->is_too_large ? "what the engine tells of it is larger than 4 MiB"
                                   : "the engine did not answer when asked about it");
    out->remedy = container->is_too_large ? "Take labels or variables away from it."
                                          : "lb-discovery asks again by itself.";
}

static void refuse_for_owner(const struct container *owner, struct placement *out)
{
    refuse(out, LEFT_OUT_NOT_RUNNING,
           "it uses the network of the container %s, which is not running", owner->name);
    out->remedy = "Start that one, and then this one anew.";
}

/* Everything that can be said without looking at networks; true when something was wrong. */
static bool refuse_early(const struct container *container, const struct container *owner,
                         const struct vantage *vantage, struct placement *out)
{
    const struct lb_labels *asked = &container->asked;
    if (engine_id_is_set(&vantage->id) && engine_id_eq(&container->id, &vantage->id) &&
        !asked->is_named)
        refuse(out, LEFT_OUT_SELF, "this is the container that lb itself runs in");
    else if (asked->disabled_by)
        refuse(out, LEFT_OUT_DISABLED, "it has %s", asked->disabled_by);
    else if (container->is_unknown)
        refuse_unknown(container, out);
    else if (!container->running)
        refuse_not_running(container, out);
    else if (owner && !owner->running)
        refuse_for_owner(owner, out);
    else if (asked->label_problem)
        refuse(out, LEFT_OUT_BAD_LABEL, "%s", asked->label_problem);
    else if (asked->port_problem)
        refuse(out, LEFT_OUT_BAD_PORT, "%s", asked->port_problem);
    else if (asked->port == 0 && container->exposed.port == 0)
        refuse(out, LEFT_OUT_NO_PORT,
               "it exposes no TCP port, and neither lb.port nor SERVICE_PORT names one");
    else
        return false;
    return true;
}

/* May this network be used at all? The label lb.network narrows the choice to one. */
static bool is_choice(const struct container *container, const struct vantage *vantage,
                      const struct container_network *network)
{
    const char *wanted = container->asked.network;
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
        if (!(is_all ? use_host(vantage, is_any || is_any_ipv4, is_any || is_any_ipv6,
                                binding->host_port, out)
                     : use_bound(vantage, binding, out)))
            continue;
        explain_published(binding, out);
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

/* `to_all`: on every address of the host, by one IP version at least. */
static bool is_published(const struct container *owner, uint16_t port, bool to_all)
{
    for (size_t i = 0; i < owner->binding_count; i++) {
        const char *ip = owner->bindings[i].host_ip;
        bool is_all = ip[0] == '\0' || strcmp(ip, "0.0.0.0") == 0 || strcmp(ip, "::") == 0;
        if (owner->bindings[i].port == port && (is_all || !to_all))
            return true;
    }
    return false;
}

/* Its port is published, and lb's container does not get there all the same. */
static void refuse_published(const struct container *owner, const struct vantage *vantage,
                             uint16_t port, const char *names, struct placement *out)
{
    bool leads_to_host = vantage->gateway_count > 0;
    bool to_all = is_published(owner, port, true);
    refuse(out, LEFT_OUT_NO_SHARED_NETWORK,
           "its port %u is published on the host, %s; it is on: %s; lb is on: %s", port,
           !leads_to_host ? "where no network of lb's container leads"
           : to_all       ? "but not for the IP version by which lb's container gets there"
                          : "but on an address that lb's container cannot reach",
           names, vantage->network_count > 0 ? text_str(&vantage->network_names) : "no network");
    if (!leads_to_host)
        out->remedy = "Let docker network connect join lb to a network of its, or to a bridge "
                      "network that is not internal.";
    else if (to_all)
        out->remedy = "Publish it for that IP version too, or let docker network connect join it "
                      "to a network of lb's.";
    else
        out->remedy = "Publish the port on all addresses of the host (-p 8080:80 instead of -p "
                      "127.0.0.1:8080:80), or let docker network connect join it to a network of "
                      "lb's.";
}

static bool has_no_network(const struct container *owner)
{
    return owner->network_count == 1 && strcmp(owner->networks[0].name, "none") == 0 &&
           owner->networks[0].ip[0] == '\0';
}

/* It runs and has a port, but nothing leads to it: says what it has and what lb has. */
static void refuse_networks(const struct container *container, const struct container *owner,
                            const struct vantage *vantage, uint16_t port, struct placement *out)
{
    struct text names = TEXT_INIT;
    append_networks(owner, &names);
    if (owner->is_host_network) {
        refuse(out, LEFT_OUT_NO_SHARED_NETWORK,
               "it uses the host's network, and no network of lb's container leads there");
        out->remedy = "Put lb on a bridge network that is not internal, or on the host's.";
    } else if (has_no_network(owner)) {
        refuse(out, LEFT_OUT_NO_ADDRESS, "it has no network (--network none)");
        out->remedy = "Create it anew on a network that lb reaches.";
    } else if (names.len == 0)
        refuse(out, LEFT_OUT_NO_ADDRESS, "it is on no network, or its network is not ready yet");
    else if (container->asked.network) {
        refuse(out, LEFT_OUT_NO_SHARED_NETWORK,
               "the label lb.network asks for %s; it is on: %s; lb is on: %s",
               container->asked.network, text_str(&names),
               vantage->on_host ? "the host" : text_str(&vantage->network_names));
        out->remedy = "Correct the label lb.network and create it anew, or let docker network "
                      "connect join it and lb to that network.";
    } else if (!vantage->on_host && is_published(owner, port, false)) {
        refuse_published(owner, vantage, port, text_str(&names), out);
    } else if (vantage->on_host) {
        refuse(out, LEFT_OUT_NO_SHARED_NETWORK, "it is on: %s; the host has no route there",
               text_str(&names));
        out->remedy = "docker network connect, to a bridge network, would give it one.";
    } else {
        refuse(out, LEFT_OUT_NO_SHARED_NETWORK, "it is on: %s; lb is on: %s", text_str(&names),
               vantage->network_count > 0 ? text_str(&vantage->network_names) : "no network");
        if (vantage->gateway_count == 0)
            out->remedy = "docker network connect, for it or for lb, would join them.";
    }
    text_fini(&names);
}

/* How many networks there were to choose from, and which. */
static void explain_network(const struct container *container, const struct container *owner,
                            const struct vantage *vantage, const struct container_network *network,
                            struct placement *out)
{
    struct text names = TEXT_INIT;
    unsigned count = 0;
    for (size_t i = 0; i < owner->network_count; i++)
        if (is_choice(container, vantage, &owner->networks[i]))
            text_appendf(&names, "%s%s", count++ > 0 ? ", " : "", owner->networks[i].name);
    if (container->asked.network)
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

static void find_address(const struct container *container, const struct container *owner,
                         const struct vantage *vantage, uint16_t port, struct placement *out)
{
    bool is_ours =
        engine_id_is_set(&vantage->network_id) && engine_id_eq(&owner->id, &vantage->network_id);
    const struct container_network *network = choose_network(container, owner, vantage);
    bool found = true;
    if (owner->is_host_network)
        found = use_host_network(vantage, port, out);
    else if (is_ours) {
        out->is_on_host = settle_on(out, "127.0.0.1", port);
        explain(out, "it and lb have one network namespace");
    } else if (network) {
        settle_on(out, network->ip, port);
        explain_network(container, owner, vantage, network, out);
    } else
        found = !container->asked.network && use_published(owner, vantage, port, out);
    if (!found)
        refuse_networks(container, owner, vantage, port, out);
    else if (owner != container)
        explain_loan(owner, out);
}

static uint16_t choose_port(const struct container *container, struct placement *out)
{
    const struct registrator_choice *exposed = &container->exposed;
    char *from = out->port_from;
    if (container->asked.port > 0)
        snprintf(from, PLACEMENT_PORT_FROM_BYTES, "%s%s",
                 strcmp(container->asked.port_from, "lb.port") == 0 ? "the label " : "",
                 container->asked.port_from);
    else if (exposed->port > 0 && exposed->is_named && exposed->count > 1)
        snprintf(from, PLACEMENT_PORT_FROM_BYTES,
                 "of the %u TCP ports that it exposes the lowest that has a name (SERVICE_%u_NAME)",
                 exposed->count, exposed->port);
    else if (exposed->port > 0 && exposed->count > 1)
        snprintf(from, PLACEMENT_PORT_FROM_BYTES, "the lowest of the %u TCP ports that it exposes",
                 exposed->count);
    else if (exposed->port > 0)
        snprintf(from, PLACEMENT_PORT_FROM_BYTES, "the only TCP port that it exposes");
    out->port = container->asked.port > 0 ? container->asked.port : exposed->port;
    return out->port;
}

void placement_find(const struct container *container, const struct container *owner,
                    const struct vantage *vantage, struct placement *out)
{
    *out = (struct placement){0};
    uint16_t port = choose_port(container, out);
    if (refuse_early(container, owner, vantage, out))
        return;
    if (container->asked.address[0] != '\0') {
        settle_on(out, container->asked.address, port);
        explain(out, "the label lb.address");
    } else if (!owner)
        refuse(out, LEFT_OUT_NO_ADDRESS, "it uses the network of a container that is not known");
    else
        find_address(container, owner, vantage, port, out);
}

void placement_fini(struct placement *placement)
{
    free(placement->detail);
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
    return a->reason == b->reason && strcmp(a->detail, b->detail) == 0;
}
