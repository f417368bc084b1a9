#include "discovery/consul/registrar.h"

#include <stdlib.h>

#include "lb/base/memory.h"

struct registrar {
    const struct registrar_options *options;
    struct report report;
};

struct registrar *registrar_open(const struct registrar_options *options, struct fetch_loop *loop,
                                 const struct report *report)
{
    struct registrar *registrar = memory_new(sizeof(*registrar));
    (void)loop;
    registrar->options = options;
    registrar->report = *report;
    return registrar;
}

void registrar_take(struct registrar *registrar, const struct registrations *wanted)
{
    (void)registrar;
    (void)wanted;
}

void registrar_tick(struct registrar *registrar, uint64_t now_ms)
{
    (void)registrar;
    (void)now_ms;
}

uint64_t registrar_next_tick_ms(const struct registrar *registrar)
{
    (void)registrar;
    return UINT64_MAX;
}

void registrar_close(struct registrar *registrar)
{
    free(registrar);
}
