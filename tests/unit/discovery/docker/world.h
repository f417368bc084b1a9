/* A container and lb's place, as a case asks for them. */
#ifndef TESTS_UNIT_DISCOVERY_DOCKER_WORLD_H
#define TESTS_UNIT_DISCOVERY_DOCKER_WORLD_H

#include <stdlib.h>
#include <string.h>

#include "discovery/docker/vantage.h"
#include "tests/unit/discovery/fixture.h"

/* A container that has exactly what a case asks for. */
struct want {
    const char *labels;
    const char *networks; /* "name=ip name=ip"; the network's id is its name */
    const char *ports;    /* inspect's NetworkSettings.Ports */
    const char *mode;     /* HostConfig.NetworkMode */
    bool exposes_none;
    bool is_down;
};

static inline struct container *make(const struct want *want, char digit)
{
    struct engine_id id = fixture_id(digit);
    char names[256];
    json_t *networks = json_object();
    snprintf(names, sizeof(names), "%s", want->networks ? want->networks : "");
    for (char *save, *pair = strtok_r(names, " ", &save); pair; pair = strtok_r(NULL, " ", &save)) {
        char *ip = strchr(pair, '=');
        *ip++ = '\0';
        json_object_set_new(networks, pair,
                            json_pack("{s:s,s:s}", "NetworkID", pair, "IPAddress", ip));
    }
    json_t *root = json_pack(
        "{s:s,s:s,s:{s:b,s:s},s:{s:s},s:{s:o,s:o},s:{s:o,s:o}}", "Id", id.text, "Name", "/c",
        "State", "Running", !want->is_down, "Status", want->is_down ? "exited" : "running",
        "HostConfig", "NetworkMode", want->mode ? want->mode : "default", "Config", "Labels",
        json_loads(want->labels ? want->labels : "{}", 0, NULL), "ExposedPorts",
        json_loads(want->exposes_none ? "{}" : "{\"80/tcp\":{}}", 0, NULL), "NetworkSettings",
        "Networks", networks, "Ports", json_loads(want->ports ? want->ports : "{}", 0, NULL));
    assert_non_null(root);
    struct container *container = container_from_inspect(root, NULL);
    json_decref(root);
    assert_non_null(container);
    return container;
}

enum stand { HOST, INSIDE, INSIDE_NO_GATEWAY, INSIDE_IPV6 };

/* lb on the host, or in container 9 on the network "web". */
static inline void stand(struct vantage *vantage, enum stand where)
{
    vantage_init(vantage);
    if (where == HOST)
        return;
    vantage->on_host = false;
    vantage->id = vantage->network_id = fixture_id('9');
    vantage->network_count = 1;
    strcpy(vantage->networks[0].id.text, "web");
    text_append_str(&vantage->network_names, "web");
    if (where == INSIDE)
        strcpy(vantage->networks[0].gateway, "172.18.0.1");
    if (where == INSIDE_IPV6)
        strcpy(vantage->networks[0].gateway_ipv6, "fd00::1");
    vantage_take_networks(vantage, NULL);
}

#endif
