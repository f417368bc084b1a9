/* A row of the table of dialects, and the container that they are asked about. */
#ifndef DISCOVERY_DIALECT_DIALECT_ROW_H
#define DISCOVERY_DIALECT_DIALECT_ROW_H

#include "discovery/dialect/dialect_settings.h"
#include "discovery/dialect/statement.h"

#define DIALECT_MAX 8

struct dialect {
    const char *word;
    const char *route_from;    /* who names the service of a route of it; for people */
    const char *listener_from; /* the same of a listener; NULL: it has no words for those */
    void (*read)(const struct statement_source *source, struct statement *statement);
    /* NULL: it has no words for single ports. */
    void (*read_port)(const struct statement_source *source, uint16_t port,
                      struct statement_of_port *statement);
};

/* A container; all borrowed. */
struct dialect_container {
    struct statement_source from;
    const json_t *exposed; /* {"80/tcp":{}}, or anything else for none */
    const char *image;
    const char *name;
    const struct dialect_settings *settings; /* NULL: none */
};

#endif
