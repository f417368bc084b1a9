/* What registrator would register of a container: one entry for each port that counts. Pure. */
#ifndef DISCOVERY_DIALECT_REGISTRATOR_PORTS_H
#define DISCOVERY_DIALECT_REGISTRATOR_PORTS_H

#include "discovery/dialect/statement.h"

#define REGISTRATOR_PORTS_MAX 64u

struct registrator_entry {
    uint16_t port;
    bool is_udp;
    char *name; /* of the service */
    char *id;
    json_t *tags; /* an array of strings */
    json_t *meta; /* an object of strings: all other SERVICE_ words, in small letters */
};

/* Zeroed memory is empty. */
struct registrator_ports {
    struct registrator_entry items[REGISTRATOR_PORTS_MAX]; /* by port */
    size_t count;
    struct text remark; /* sentences about words that Consul would refuse */
};

/* All is borrowed. */
struct registrator_subject {
    struct statement_source from;
    const json_t *ports; /* that count: {"80/tcp":…}; the published ones, or all exposed ones */
    const char *image_name; /* its base name */
    const char *host, *container;
    const char *tags; /* "a,b": that each entry gets besides; or NULL */
    bool
        has_sole_name; /* of ports without a name of their own there is one: it has no port behind its name */
    bool is_explicit; /* only what SERVICE_NAME or SERVICE_<port>_NAME names */
};

void registrator_ports_read(const struct registrator_subject *subject,
                            struct registrator_ports *out);
void registrator_ports_fini(struct registrator_ports *ports);

/* The tags of one port, 0: those for all; an array. `from`, of STATEMENT_FROM_BYTES, gets the word that
 * has them, "" where there are none. Gives. */
json_t *registrator_ports_tags(const struct statement_source *source, uint16_t port, char *from);

#endif
