/* Which ports of a container are offered: those that a dialect names, else one of those exposed. Pure. */
#ifndef DISCOVERY_DIALECT_PORT_CHOICE_H
#define DISCOVERY_DIALECT_PORT_CHOICE_H

#include "discovery/dialect/hearing.h"

/* Adds one offer at least to `out`, which has room for STATEMENT_PORTS_MAX: what was left out, or is
 * not there, is offered all the same, for what is told about it. `porter` is the dialect that names ports
 * (hearing_find_porter). */
void port_choice_offer(const struct hearing *hearing, size_t porter, struct offers *out);

#endif
