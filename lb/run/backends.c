#include "lb/run/backends.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>

#include "lb/base/memory.h"

static void add(struct backends *backends, const struct address *address)
{
    backends->addresses =
        memory_resize(backends->addresses, (backends->count + 1) * sizeof(*backends->addresses));
    backends->addresses[backends->count++] = *address;
}

static bool resolve(const struct config_backend *backend, struct backends *backends,
                    struct text *problem)
{
    char port[8];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    snprintf(port, sizeof(port), "%u", backend->port);
    int rc = getaddrinfo(backend->host, port, &hints, &found);
    if (rc != 0) {
        text_appendf(problem, "--backend %s:%s: the host has no address: %s", backend->host, port,
                     gai_strerror(rc));
        return false;
    }
    for (const struct addrinfo *info = found; info; info = info->ai_next) {
        struct address address;
        if (address_from_sockaddr(info->ai_addr, &address))
            add(backends, &address);
    }
    freeaddrinfo(found);
    return true;
}

bool backends_resolve(const struct config *config, struct backends *backends, struct text *problem)
{
    for (unsigned i = 0; i < config->backend_count; i++)
        if (!resolve(&config->backends[i], backends, problem))
            return false;
    return true;
}

void backends_fini(struct backends *backends)
{
    free(backends->addresses);
    *backends = (struct backends){0};
}
