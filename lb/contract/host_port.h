/* Host and port of a URL that an operator or a label writes: "a.test", "a.test:8443", "[fd00::1]:80".
 * Pure. */
#ifndef LB_CONTRACT_HOST_PORT_H
#define LB_CONTRACT_HOST_PORT_H

#include <stdbool.h>

#include "lb/base/view.h"

/* Letters, digits, "-", "." and "_", or an address; a port behind it. Nobody's name or password. */
bool host_port_is(struct view text);

#endif
