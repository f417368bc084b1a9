/* What a container offers to TCP and UDP listeners, beside what it offers to HTTP's. Pure. */
#ifndef DISCOVERY_DIALECT_LISTENING_H
#define DISCOVERY_DIALECT_LISTENING_H

#include "discovery/dialect/hearing.h"

/* Whether some dialect has a listener for that port of TCP. */
bool listening_claims(const struct hearing *hearing, uint16_t port);

/* Once sites and their ports are taken: gives each listener that the claims of `out` ask for its port and
 * its service. Without a word for HTTP no port is offered by guess, and one that is named speaks TCP
 * where a listener is for it. `is_port_guessed`: no word names the container's port. */
void listening_settle(const struct hearing *hearing, bool is_port_guessed, struct offers *out);

/* Offers ports of UDP that it exposes: those with names of their own, else, where the service of the
 * container is meant, the lowest. */
void listening_offer_udp(const struct hearing *hearing, bool is_port_guessed, struct offers *out);

#endif
