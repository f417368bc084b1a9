/* Ports that words are about, such as SERVICE_8080_NAME, and those that the container exposes. Pure. */
#ifndef DISCOVERY_DIALECT_PORT_WORDS_H
#define DISCOVERY_DIALECT_PORT_WORDS_H

#include "discovery/dialect/statement.h"

#define PORT_WORDS_MAX 64u

/* In ascending order; the lowest ones where there are more. */
struct port_words {
    bool of_udp; /* else of TCP; said before any is added */
    uint16_t ports[PORT_WORDS_MAX];
    size_t count;
};

bool port_words_has(const struct port_words *words, uint16_t port);

/* Adds the ports of SERVICE_<port>_<what>, as labels or variables, whose value is not empty: of UDP those
 * that are exposed for it, of TCP all but those that are exposed for UDP alone. */
void port_words_add_named(struct port_words *words, const struct statement_source *source,
                          const char *what);

/* Adds those that the container exposes. */
void port_words_add_exposed(struct port_words *words, const struct statement_source *source);

#endif
