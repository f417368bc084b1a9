#include "lb/run/backends.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"

void backends_add(struct backends *backends, const struct address *address)
{
    backends->addresses =
        memory_resize(backends->addresses, (backends->count + 1) * sizeof(*backends->addresses));
    backends->addresses[backends->count++] = *address;
}

void backends_add_unknown(struct backends *backends, const char *host, unsigned port,
                          const char *problem)
{
    backends->unknowns = memory_resize(backends->unknowns,
                                       (backends->unknown_count + 1) * sizeof(*backends->unknowns));
    struct backends_unknown *unknown = &backends->unknowns[backends->unknown_count++];
    snprintf(unknown->name, sizeof(unknown->name), "%s:%u", host, port);
    snprintf(unknown->problem, sizeof(unknown->problem), "its name has no address: %s", problem);
}

static void want(const struct address *address, const char *service, struct pool_wanted *wanted)
{
    char id[ADDRESS_TEXT_BYTES];
    address_format(address, id);
    for (unsigned i = 0; i < wanted->endpoint_count; i++)
        if (strcmp(wanted->endpoints[i].id, id) == 0)
            return;
    wanted->endpoints =
        memory_resize(wanted->endpoints, (wanted->endpoint_count + 1) * sizeof(*wanted->endpoints));
    const char *kept = memory_copy(id, strlen(id));
    wanted->endpoints[wanted->endpoint_count++] =
        (struct pool_wanted_endpoint){.service = service,
                                      .id = kept,
                                      .name = kept,
                                      .address = *address,
                                      .weight = 1,
                                      .state = ENDPOINT_READY,
                                      .cause = "static"};
}

void backends_want(const struct backends *backends, const char *service, struct pool_wanted *wanted)
{
    for (unsigned i = 0; i < backends->count; i++)
        want(&backends->addresses[i], service, wanted);
}

void backends_unwant(struct pool_wanted *wanted)
{
    for (unsigned i = 0; i < wanted->endpoint_count; i++)
        free((char *)(uintptr_t)wanted->endpoints[i].id);
    wanted->endpoint_count = 0;
}

void backends_fini(struct backends *backends)
{
    free(backends->addresses);
    free(backends->unknowns);
    *backends = (struct backends){0};
}
