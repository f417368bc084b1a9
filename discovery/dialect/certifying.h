/* The certificate that a container wishes for by lb.tls, where that names no hosts of its own: for all hosts that any of
 * its words lead to it. Pure. */
#ifndef DISCOVERY_DIALECT_CERTIFYING_H
#define DISCOVERY_DIALECT_CERTIFYING_H

#include "discovery/dialect/hearing.h"

/* Once all dialects were read. */
void certifying_settle(struct hearing *hearing);

#endif
