#include "discovery/vantage.h"

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
    free(vantage->remote);
    vantage_init(vantage);
}

void vantage_take_host(struct vantage *vantage)
{
    vantage->on_host = true;
    vantage->network_count = 0;
    vantage->gateway[0] = '\0';
    text_clear(&vantage->network_names);
}

static bool has_id(const struct engine_id *ids, size_t count, const struct engine_id *id)
{
    for (size_t i = 0; i < count; i++)
        if (engine_id_eq(&ids[i], id))
            return true;
    return false;
}

static bool is_same(const struct vantage *vantage, const struct container *container)
{
    size_t count = 0;
    for (size_t i = 0; i < container->network_count; i++) {
        const struct container_network *network = &container->networks[i];
        if (!engine_id_is_set(&network->id))
            continue;
        if (!has_id(vantage->networks, vantage->network_count, &network->id))
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
        if (!engine_id_is_set(&network->id))
            continue;
        vantage->networks[vantage->network_count++] = network->id;
        text_appendf(&vantage->network_names, "%s%s", vantage->network_names.len > 0 ? ", " : "",
                     network->name);
        if (vantage->gateway[0] == '\0')
            snprintf(vantage->gateway, sizeof(vantage->gateway), "%s", network->gateway);
    }
    return true;
}

void vantage_take_networks(struct vantage *vantage, const json_t *networks)
{
    vantage->remote_count = 0;
    for (size_t i = 0; i < json_array_size(networks); i++) {
        const json_t *network = json_array_get(networks, i);
        struct engine_id id;
        if (engine_id_parse_network(view_str(field_str(network, "Id")), &id))
            vantage_note_driver(vantage, &id, field_str(network, "Driver"));
    }
}

void vantage_note_driver(struct vantage *vantage, const struct engine_id *id, const char *driver)
{
    if (driver[0] == '\0' || strcmp(driver, "bridge") == 0 || strcmp(driver, "host") == 0 ||
        vantage->remote_count == VANTAGE_REMOTE_MAX ||
        has_id(vantage->remote, vantage->remote_count, id))
        return;
    vantage->remote =
        memory_resize(vantage->remote, (vantage->remote_count + 1) * sizeof(vantage->remote[0]));
    vantage->remote[vantage->remote_count++] = *id;
}

bool vantage_reaches(const struct vantage *vantage, const struct container_network *network)
{
    if (strcmp(network->name, "ingress") == 0)
        return false;
    if (vantage->on_host)
        return !has_id(vantage->remote, vantage->remote_count, &network->id);
    return has_id(vantage->networks, vantage->network_count, &network->id);
}
