/* Which of the ports that a container exposes is its own. Pure. */
#ifndef DISCOVERY_DIALECT_EXPOSED_H
#define DISCOVERY_DIALECT_EXPOSED_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* "8080/tcp" or "8080" is 8080, "53/udp" is 53 and one of UDP; SCTP and everything else 0. */
uint16_t exposed_parse(const char *text, bool *is_udp);

/* The same, and 0 for those of the other kind: `of_udp` asks for UDP, else for TCP. */
uint16_t exposed_parse_of(const char *text, bool of_udp);

/* Of TCP. */
uint16_t exposed_parse_port(const char *text);

/* Whether the container exposes it, as one of UDP or of TCP. */
bool exposed_has(const json_t *exposed, uint16_t port, bool of_udp);

/* 0: it exposes none. */
uint16_t exposed_find_lowest(const json_t *exposed, bool of_udp);

struct exposed_word {
    bool is_named;   /* some dialect has a name for it */
    bool is_ignored; /* some dialect leaves it out */
};

/* The port to talk to, and of how many: of those not ignored the lowest that has a name, else the
 * lowest. */
struct exposed_choice {
    uint16_t port;         /* 0: none */
    unsigned count;        /* of that kind and not ignored */
    bool is_named;         /* it has a name */
    uint16_t ignored_port; /* the lowest that is ignored, when only such are there; else 0 */
};

/* `exposed` is as the engine has it, {"80/tcp":{}}, or anything else for none; `ask` tells what is
 * said of a port. */
struct exposed_choice exposed_choose(const json_t *exposed, bool of_udp,
                                     struct exposed_word (*ask)(const void *owner, uint16_t port),
                                     const void *owner);

#endif
