/* registrator's words for a check: SERVICE_CHECK_HTTP, _TCP, _INTERVAL, _TIMEOUT and _HTTP_METHOD, and
 * the same with a port (SERVICE_80_CHECK_HTTP) where it is the only one. Pure. */
#ifndef DISCOVERY_DIALECT_REGISTRATOR_CHECK_H
#define DISCOVERY_DIALECT_REGISTRATOR_CHECK_H

#include "discovery/dialect/statement.h"

/* What lb itself is to ask, as Consul would. What it cannot do is told. */
void registrator_check_read(const struct statement_source *source, struct statement *statement);

#endif
