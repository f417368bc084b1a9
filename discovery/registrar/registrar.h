/* The registrar: keeps what a Consul agent has of this host's containers like what is to be there. It is
 * told the whole state, whenever that may have changed, and brings the agent to it: however long that one
 * was away, whatever it has lost, and whatever a crash has left there. Entries of others it never touches. */
#ifndef DISCOVERY_REGISTRAR_REGISTRAR_H
#define DISCOVERY_REGISTRAR_REGISTRAR_H

#include <stdint.h>

#include "discovery/registrar/registrar_options.h"
#include "discovery/registrations.h"
#include "discovery/report.h"

struct fetch_loop;
struct registrar;

/* `options`, `loop` and `report` are borrowed until the close. Does nothing yet. Gives. */
struct registrar *registrar_open(const struct registrar_options *options, struct fetch_loop *loop,
                                 const struct report *report);

/* What is to be there from now on. Copies what it keeps. */
void registrar_take(struct registrar *registrar, const struct registrations *wanted);

void registrar_tick(struct registrar *registrar, uint64_t now_ms);
uint64_t registrar_next_tick_ms(const struct registrar *registrar);

/* Entries stay as they are: the containers still run. NULL is fine. */
void registrar_close(struct registrar *registrar);

#endif
