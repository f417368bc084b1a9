/* fabio's tags for connections: urlprefix-:3306 proto=tcp, and urlprefix-a.test/ proto=tcp+sni, which is of
 * port 443 unless the host says another. Pure. */
#ifndef DISCOVERY_DIALECT_FABIO_STREAMS_H
#define DISCOVERY_DIALECT_FABIO_STREAMS_H

#include "discovery/dialect/claims.h"

/* One tag, without its urlprefix-, for the port of the container (0: its own), which stands in the word
 * `from`. False: it is for requests, and nothing was done. What cannot be followed is told. */
bool fabio_streams_read(struct claims *claims, struct view tag, uint16_t port, const char *from);

#endif
