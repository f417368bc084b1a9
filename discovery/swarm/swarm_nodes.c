#include "discovery/swarm/swarm_nodes.h"

#include <stdlib.h>
#include <string.h>

#include "discovery/clean.h"
#include "discovery/field.h"
#include "lb/base/memory.h"
#include "lb/contract/limits.h"

void swarm_nodes_fini(struct swarm_nodes *nodes)
{
    for (size_t i = 0; i < nodes->count; i++)
        free(nodes->list[i].name);
    free(nodes->list);
    *nodes = (struct swarm_nodes){0};
}

/* "0.0.0.0" is what some managers are told by themselves. */
static bool copy_address(struct view text, char out[ADDRESS_TEXT_BYTES])
{
    struct address address;
    out[0] = '\0';
    if (!address_parse_ip(text, 0, &address) && !address_parse(text, &address))
        return false;
    address_format_ip(&address, out);
    if (strcmp(out, "0.0.0.0") == 0 || strcmp(out, "::") == 0)
        out[0] = '\0';
    return out[0] != '\0';
}

void swarm_nodes_take(struct swarm_nodes *nodes, const json_t *element)
{
    const json_t *status = json_object_get(element, "Status");
    const json_t *manager = json_object_get(element, "ManagerStatus");
    struct swarm_id id;
    if (!swarm_id_parse(view_str(field_str(element, "ID")), &id) || nodes->count == SWARM_NODES_MAX)
        return;
    nodes->list =
        memory_make_room(nodes->list, nodes->count, &nodes->capacity, sizeof(nodes->list[0]));
    struct swarm_node *node = &nodes->list[nodes->count++];
    *node = (struct swarm_node){.id = id};
    node->name =
        clean_copy(view_str(field_str(json_object_get(element, "Description"), "Hostname")),
                   LIMITS_NAME_BYTES_MAX);
    if (!copy_address(view_str(field_str(status, "Addr")), node->address))
        copy_address(view_str(field_str(manager, "Addr")), node->address);
    node->is_down = strcmp(field_str(status, "State"), "down") == 0;
}

static int compare(const void *left, const void *right)
{
    const struct swarm_node *a = left, *b = right;
    return swarm_id_compare(&a->id, &b->id);
}

void swarm_nodes_sort(struct swarm_nodes *nodes)
{
    if (nodes->count > 0)
        qsort(nodes->list, nodes->count, sizeof(nodes->list[0]), compare);
}

const struct swarm_node *swarm_nodes_find(const struct swarm_nodes *nodes,
                                          const struct swarm_id *id)
{
    struct swarm_node key = {.id = *id};
    if (nodes->count == 0)
        return NULL;
    return bsearch(&key, nodes->list, nodes->count, sizeof(nodes->list[0]), compare);
}
