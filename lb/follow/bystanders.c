#include "lb/follow/bystanders.h"

#include "lb/contract/key.h"
#include "lb/follow/member.h"
#include "lb/follow/serving.h"

static void list_containers(struct bystanders *bystanders)
{
    bystanders->containers = json_object();
    for (size_t i = 0; i < json_array_size(bystanders->services); i++) {
        const json_t *service = json_array_get(bystanders->services, i);
        const json_t *endpoints = json_object_get(service, KEY_ENDPOINTS);
        for (size_t j = 0; j < json_array_size(endpoints); j++) {
            const json_t *endpoint = json_array_get(endpoints, j);
            const char *container = member_container(endpoint);
            if (container && serving_protocol(endpoint) != PROTOCOL_UDP)
                json_object_set_new(bystanders->containers, container, json_true());
        }
    }
}

bool bystanders_have(struct bystanders *bystanders, const json_t *endpoint)
{
    const char *container = member_container(endpoint);
    if (serving_protocol(endpoint) != PROTOCOL_UDP || !container)
        return false;
    if (!bystanders->containers)
        list_containers(bystanders);
    return json_object_get(bystanders->containers, container) != NULL;
}

void bystanders_fini(struct bystanders *bystanders)
{
    json_decref(bystanders->containers);
    bystanders->containers = NULL;
}
