#include "discovery/docker/vantage.h"

#include <stdio.h>
#include <stdlib.h>

#include "discovery/field.h"
#include "lb/base/memory.h"

void vantage_init(struct vantage *vantage)
{
    *vantage = (struct vantage){.on_host = true};
}

void vantage_fini(struct vantage *vantage)
{
    text_fini(&vantage->network_names);
    free(vantage->special);
    vantage_init(vantage);
}

void vantage_take_host(struct vantage *vantage)
{
    vantage->on_host = true;
    vantage->network_count = vantage->gateway_count = vantage->gateway = 0;
    text_clear(&vantage->network_names);
}

/* ---- special networks ----------------------------------------------------------------------- */

static const struct vantage_special *find_special(const struct vantage *vantage,
                                                  const struct network_id *id)
{
    for (size_t i = 0; i < vantage->special_count; i++)
        if (network_id_eq(&vantage->special[i].id, id) ||
            network_id_eq(&vantage->special[i].name, id))
            return &vantage->special[i];
    return NULL;
}

static bool is_remote(const struct vantage *vantage, const struct network_id *id)
{
    const struct vantage_special *special = find_special(vantage, id);
    return special && special->is_remote;
}

static void add_special(struct vantage *vantage, const struct vantage_special *special)
{
    bool is_common = !special->is_remote && !special->is_internal;
    if (is_common || vantage->special_count == VANTAGE_SPECIAL_MAX)
        return;
    vantage->special =
        memory_resize(vantage->special, (vantage->special_count + 1) * sizeof(vantage->special[0]));
    vantage->special[vantage->special_count++] = *special;
}

static bool is_driver_remote(const char *driver)
{
    return driver[0] != '\0' && strcmp(driver, "bridge") != 0 && strcmp(driver, "host") != 0;
}

void vantage_note_driver(struct vantage *vantage, const struct network_id *id, const char *driver)
{
    if (is_driver_remote(driver) && !is_remote(vantage, id))
        add_special(vantage, &(struct vantage_special){.id = *id, .name = *id, .is_remote = true});
}

/* ---- ways to the host ----------------------------------------------------------------------- */

static void add_gateway(struct vantage *vantage, const char *address)
{
    if (address[0] == '\0' || vantage->gateway_count == VANTAGE_GATEWAYS_MAX)
        return;
    snprintf(vantage->gateways[vantage->gateway_count++], ADDRESS_TEXT_BYTES, "%s", address);
}

/* An internal network's gateway is the host as well, but the engine lets nothing through it; the
 * gateway of a macvlan is a router that knows nothing of the host's ports. */
static void find_gateways(struct vantage *vantage)
{
    char used[ADDRESS_TEXT_BYTES] = "";
    if (vantage->gateway_count > 0)
        snprintf(used, sizeof(used), "%s", vantage->gateways[vantage->gateway]);
    vantage->gateway_count = vantage->gateway = 0;
    for (size_t i = 0; i < 2 * vantage->network_count; i++) {
        const struct vantage_network *network = &vantage->networks[i % vantage->network_count];
        if (!find_special(vantage, &network->id))
            add_gateway(vantage,
                        i < vantage->network_count ? network->gateway : network->gateway_ipv6);
    }
    for (size_t i = 0; i < vantage->gateway_count; i++)
        if (strcmp(vantage->gateways[i], used) == 0)
            vantage->gateway = i;
}

void vantage_next_gateway(struct vantage *vantage)
{
    if (vantage->gateway_count > 0)
        vantage->gateway = (vantage->gateway + 1) % vantage->gateway_count;
}

const char *vantage_gateway(const struct vantage *vantage, bool with_ipv4, bool with_ipv6)
{
    for (size_t i = 0; i < vantage->gateway_count; i++) {
        const char *address = vantage->gateways[(vantage->gateway + i) % vantage->gateway_count];
        if (strchr(address, ':') ? with_ipv6 : with_ipv4)
            return address;
    }
    return "";
}

bool vantage_has_way_out(const struct vantage *vantage, bool by_ipv6)
{
    for (size_t i = 0; i < vantage->network_count; i++) {
        const struct vantage_network *network = &vantage->networks[i];
        const struct vantage_special *special = find_special(vantage, &network->id);
        const char *gateway = by_ipv6 ? network->gateway_ipv6 : network->gateway;
        if (gateway[0] != '\0' && !(special && special->is_internal))
            return true;
    }
    return vantage->on_host;
}

/* ---- what lb's container is on -------------------------------------------------------------- */

static bool has_network(const struct vantage *vantage, const struct network_id *id)
{
    for (size_t i = 0; i < vantage->network_count; i++)
        if (network_id_eq(&vantage->networks[i].id, id))
            return true;
    return false;
}

static bool is_same(const struct vantage *vantage, const struct container *container)
{
    size_t count = 0;
    for (size_t i = 0; i < container->network_count; i++) {
        const struct container_network *network = &container->networks[i];
        if (!network_id_is_set(&network->id))
            continue;
        if (!has_network(vantage, &network->id))
            return false;
        count++;
    }
    return count == vantage->network_count && vantage->on_host == container->is_host_network;
}

bool vantage_take_container(struct vantage *vantage, const struct container *container)
{
    if (is_same(vantage, container))
        return false;
    vantage_take_host(vantage);
    vantage->on_host = container->is_host_network;
    for (size_t i = 0; i < container->network_count; i++) {
        const struct container_network *network = &container->networks[i];
        if (!network_id_is_set(&network->id))
            continue;
        struct vantage_network *own = &vantage->networks[vantage->network_count++];
        *own = (struct vantage_network){.id = network->id};
        snprintf(own->gateway, sizeof(own->gateway), "%s", network->gateway);
        snprintf(own->gateway_ipv6, sizeof(own->gateway_ipv6), "%s", network->gateway_ipv6);
        text_appendf(&vantage->network_names, "%s%s", vantage->network_names.len > 0 ? ", " : "",
                     network->name);
    }
    find_gateways(vantage);
    return true;
}

void vantage_take_networks(struct vantage *vantage, const json_t *networks)
{
    vantage->special_count = 0;
    for (size_t i = 0; i < json_array_size(networks); i++) {
        const json_t *network = json_array_get(networks, i);
        struct vantage_special special = {
            .is_remote = is_driver_remote(field_str(network, "Driver")),
            .is_internal = field_bool(network, "Internal"),
        };
        network_id_parse(view_str(field_str(network, "Name")), &special.name);
        if (network_id_parse(view_str(field_str(network, "Id")), &special.id))
            add_special(vantage, &special);
    }
    find_gateways(vantage);
}

bool vantage_reaches(const struct vantage *vantage, const struct container_network *network)
{
    if (strcmp(network->name, "ingress") == 0)
        return false;
    if (vantage->on_host)
        return !is_remote(vantage, &network->id);
    return has_network(vantage, &network->id);
}
