#include "discovery/registering.h"

void registering_open(struct registering *registering, const struct registrar_options *options,
                      struct fetch_loop *loop, struct sources *sources)
{
    registering->sources = sources;
    registering->report = sources_registrar_report(sources);
    registering->registrar = registrar_open(options, loop, &registering->report);
}

void registering_tick(struct registering *registering, uint64_t now_ms)
{
    if (!registering->registrar)
        return;
    if (sources_enlist(registering->sources, &registering->wanted))
        registrar_take(registering->registrar, &registering->wanted);
    registrar_tick(registering->registrar, now_ms);
}

uint64_t registering_next_tick_ms(const struct registering *registering)
{
    return registering->registrar ? registrar_next_tick_ms(registering->registrar) : UINT64_MAX;
}

void registering_close(struct registering *registering)
{
    registrar_close(registering->registrar);
    registrations_fini(&registering->wanted);
    *registering = (struct registering){0};
}
