/* What the registrar knows of what the agent has. */
#ifndef DISCOVERY_REGISTRAR_REGISTRAR_SEEN_H
#define DISCOVERY_REGISTRAR_REGISTRAR_SEEN_H

#include "discovery/registrar/registrar_state.h"

/* Reads the agent's lists when that is due. */
void registrar_seen_tick(struct registrar *registrar);

/* When it is, UINT64_MAX: not by the clock. */
uint64_t registrar_seen_next_tick_ms(const struct registrar *registrar);

/* What the agent has by the id of this entry, of which an ENTRY_LOOK has ended. */
void registrar_seen_take_one(struct registrar *registrar, struct entry *entry, struct view body);

#endif
