/* What the registrar is to bring about. */
#ifndef DISCOVERY_CONSUL_REGISTRAR_WANTED_H
#define DISCOVERY_CONSUL_REGISTRAR_WANTED_H

#include "discovery/consul/registrar_state.h"

/* registrar_take() */
void registrar_wanted_take(struct registrar *registrar, const struct registrations *wanted);

#endif
