/* What is kept of a container for a catalog: its words about that, its ports and what its image is called.
 * Of environments and labels that is little. Pure. */
#ifndef DISCOVERY_DOCKER_PAPERS_H
#define DISCOVERY_DOCKER_PAPERS_H

#include "discovery/dialect/dialect.h"

#define PAPERS_PORTS_MAX 256u

struct papers_port {
    uint16_t number;
    bool is_udp; /* else TCP */
};

struct papers {
    json_t *labels;            /* an object: SERVICE_ words and lb.enable */
    json_t *environment;       /* an array of "SERVICE_NAME=value" */
    char *image;               /* its base name; "": it has none */
    struct papers_port *ports; /* that are exposed; TCP first, then by number */
    size_t port_count;
    uint64_t hash; /* of all of it */
    bool keep_out; /* its own words keep it out of a catalog: SERVICE_IGNORE, lb.enable=false */
    bool is_cut;   /* there are more words, or longer ones, than anybody means */
};

/* Gives. */
struct papers *papers_read(const struct dialect_container *said);

/* NULL is fine. */
void papers_free(struct papers *papers);

/* Where its words are; borrowed. */
struct statement_source papers_source(const struct papers *papers);

bool papers_expose(const struct papers *papers, uint16_t port, bool is_udp);

#endif
