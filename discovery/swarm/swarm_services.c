#include "discovery/swarm/swarm_services.h"

#include <stdlib.h>
#include <string.h>

#include "discovery/clean.h"
#include "discovery/field.h"
#include "lb/base/memory.h"
#include "lb/contract/limits.h"

void swarm_services_fini(struct swarm_services *services)
{
    for (size_t i = 0; i < services->count; i++) {
        free(services->list[i].name);
        json_decref(services->list[i].labels);
        json_decref(services->list[i].ports);
    }
    free(services->list);
    *services = (struct swarm_services){0};
}

static struct swarm_service *add(struct swarm_services *services)
{
    services->list = memory_make_room(services->list, services->count, &services->capacity,
                                      sizeof(services->list[0]));
    struct swarm_service *service = &services->list[services->count++];
    *service = (struct swarm_service){.name = NULL};
    return service;
}

/* "paused" and "rollback_paused" wait for somebody. */
static bool is_updating(const json_t *element)
{
    const char *state = field_str(json_object_get(element, "UpdateStatus"), "State");
    return strcmp(state, "updating") == 0 || strcmp(state, "rollback_started") == 0;
}

/* As wished; where the wish says nothing, as they are. */
static json_t *find_ports(const json_t *element)
{
    const json_t *spec = json_object_get(element, "Spec");
    json_t *ports = json_object_get(json_object_get(spec, "EndpointSpec"), "Ports");
    return ports ? ports : json_object_get(json_object_get(element, "Endpoint"), "Ports");
}

void swarm_services_take(struct swarm_services *services, const json_t *element)
{
    const json_t *spec = json_object_get(element, "Spec");
    struct swarm_id id;
    if (!swarm_id_parse(view_str(field_str(element, "ID")), &id) ||
        services->count == SWARM_SERVICES_MAX) {
        services->lost_count++;
        return;
    }
    struct swarm_service *service = add(services);
    service->id = id;
    service->name = clean_copy(view_str(field_str(spec, "Name")), LIMITS_NAME_BYTES_MAX);
    service->version = (uint64_t)field_int(json_object_get(element, "Version"), "Index", 0);
    service->labels = json_incref(json_object_get(spec, "Labels"));
    service->ports = json_incref(find_ports(element));
    service->is_updating = is_updating(element);
    services->is_updating |= service->is_updating;
}

static int compare(const void *left, const void *right)
{
    const struct swarm_service *a = left, *b = right;
    return swarm_id_compare(&a->id, &b->id);
}

void swarm_services_sort(struct swarm_services *services)
{
    if (services->count > 0)
        qsort(services->list, services->count, sizeof(services->list[0]), compare);
}

const struct swarm_service *swarm_services_find(const struct swarm_services *services,
                                                const struct swarm_id *id)
{
    struct swarm_service key = {.id = *id};
    if (services->count == 0)
        return NULL;
    return bsearch(&key, services->list, services->count, sizeof(services->list[0]), compare);
}
