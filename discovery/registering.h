/* The registrar, told what the sources want registered. */
#ifndef DISCOVERY_REGISTERING_H
#define DISCOVERY_REGISTERING_H

#include "discovery/registrar/registrar.h"
#include "discovery/sources.h"

/* Zeroed memory is closed: nothing is registered. */
struct registering {
    struct registrar *registrar;
    struct registrations wanted;
    struct sources *sources;
    struct report report;
};

/* All is borrowed until the close. */
void registering_open(struct registering *registering, const struct registrar_options *options,
                      struct fetch_loop *loop, struct sources *sources);

void registering_tick(struct registering *registering, uint64_t now_ms);
uint64_t registering_next_tick_ms(const struct registering *registering);
void registering_close(struct registering *registering);

#endif
