/* registrator's words, as labels and as variables: SERVICE_NAME, SERVICE_PORT, SERVICE_IGNORE,
 * SERVICE_<port>_NAME, which offers the port also where it is not exposed, SERVICE_<port>_IGNORE, and
 * those of registrator_check.h. A label wins over a variable of the same name; an empty value is none.
 * Pure. */
#ifndef DISCOVERY_DIALECT_REGISTRATOR_H
#define DISCOVERY_DIALECT_REGISTRATOR_H

#include <stdint.h>

#include "discovery/dialect/statement.h"

/* The value of one of its words, "" where there is none. Borrowed. */
const char *registrator_find(const struct statement_source *source, const char *name);

/* What it says of a container. `statement` says nothing before. */
void registrator_read(const struct statement_source *source, struct statement *statement);

/* What it says of one port. `statement` is zeroed before. */
void registrator_read_port(const struct statement_source *source, uint16_t port,
                           struct statement_of_port *statement);

#endif
