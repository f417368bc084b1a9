#include "lb/run/backends.h"

#include <netdb.h>
#include <stdio.h>

#include "lb/base/log.h"

static bool resolve(const struct config_backend *backend, struct membership *membership)
{
    char port[8];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    snprintf(port, sizeof(port), "%u", backend->port);
    int rc = getaddrinfo(backend->host, port, &hints, &found);
    if (rc != 0) {
        log_error("--backend %s:%s: the host has no address: %s", backend->host, port,
                  gai_strerror(rc));
        return false;
    }
    for (const struct addrinfo *info = found; info; info = info->ai_next) {
        struct address address;
        if (address_from_sockaddr(info->ai_addr, &address))
            membership_add_static(membership, &address);
    }
    freeaddrinfo(found);
    return true;
}

bool backends_resolve(const struct config *config, struct membership *membership)
{
    for (unsigned i = 0; i < config->backend_count; i++)
        if (!resolve(&config->backends[i], membership))
            return false;
    return true;
}
