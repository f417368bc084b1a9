#include "lb/contract/endpoint_id.h"

#include <stdio.h>
#include <string.h>

void endpoint_id_format(const char *container, uint16_t port, const char *protocol, char *out,
                        size_t size)
{
    const char *transport = strcmp(protocol, "udp") == 0 ? "/udp" : "";
    snprintf(out, size, "%s:%u%s", container, port, transport);
}

bool endpoint_id_is_port_of(const char *id, const char *container)
{
    size_t len = strlen(container);
    return strncmp(id, container, len) == 0 && id[len] == ':';
}
