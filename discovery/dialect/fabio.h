/* fabio's tags, urlprefix-HOST/PATH OPTIONS, in registrator's SERVICE_TAGS and SERVICE_<port>_TAGS. All
 * containers with the same host and path are one pool;
 * with proto=tcp they are of fabio_streams.h. Pure. */
#ifndef DISCOVERY_DIALECT_FABIO_H
#define DISCOVERY_DIALECT_FABIO_H

#include "discovery/dialect/statement.h"

/* What they say of a container. `statement` says nothing before. */
void fabio_read(const struct statement_source *source, struct statement *statement);

/* One tag, which stands in the word `from`, for the port (0: that of the container). Others than
 * urlprefix- are passed over. */
void fabio_read_tag(struct claims *claims, struct view tag, uint16_t port, const char *from);

#endif
