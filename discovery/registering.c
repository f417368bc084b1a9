#include "discovery/registering.h"

#include "lb/base/clock.h"

static void pass_on(void *owner, enum report_kind kind, const char *text)
{
    const struct registering *registering = owner;
    const struct report *report = &registering->sources->report;
    report->say(report->owner, kind, text);
}

static void obstruct(void *owner, const char *why, const char *remedy)
{
    struct registering *registering = owner;
    registering->has_news |=
        why ? obstacle_set(&registering->obstacle, why, remedy, clock_wall_ns())
            : obstacle_clear(&registering->obstacle);
}

void registering_open(struct registering *registering, const struct registrar_options *options,
                      struct fetch_loop *loop, struct sources *sources)
{
    registering->sources = sources;
    registering->registrar = registrar_open(
        options, loop,
        &(struct report){.owner = registering, .say = pass_on, .obstruct = obstruct});
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
    obstacle_fini(&registering->obstacle);
    *registering = (struct registering){0};
}
