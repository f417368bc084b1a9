/* The dialects in which containers say what they offer, and how what they say becomes offers. They
 * are heard in the order of their table, and what comes first counts: a port, a name, what is asked
 * for. Nothing that was left unsaid is guessed but the name (that of the image) and the port (the
 * lowest that is exposed). Pure. */
#ifndef DISCOVERY_DIALECT_DIALECT_H
#define DISCOVERY_DIALECT_DIALECT_H

#include "discovery/dialect/statement.h"

struct dialect {
    const char *word;
    void (*read)(const struct statement_source *source, struct statement *statement);
    /* NULL: it has no words for single ports. */
    void (*read_port)(const struct statement_source *source, uint16_t port,
                      struct statement_of_port *statement);
};

#define DIALECT_MAX 8

/* A container; all borrowed. */
struct dialect_container {
    struct statement_source from;
    const json_t *exposed; /* {"80/tcp":{}}, or anything else for none */
    const char *image;
    const char *name;
};

/* What a container offers by the words of all dialects. Gives: offers_fini(). */
void dialect_read(const struct dialect_container *container, struct offers *out);

/* The same by a table of one's own, of DIALECT_MAX at most. */
void dialect_read_by(const struct dialect *table, size_t count,
                     const struct dialect_container *container, struct offers *out);

#endif
