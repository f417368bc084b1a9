/* What the registrar is to bring about. */
#ifndef DISCOVERY_REGISTRAR_REGISTRAR_WANTED_H
#define DISCOVERY_REGISTRAR_REGISTRAR_WANTED_H

#include "discovery/registrar/registrar_state.h"

/* registrar_take() */
void registrar_wanted_take(struct registrar *registrar, const struct registrations *wanted);

#endif
