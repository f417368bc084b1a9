/* What registrator's labels and variables say: SERVICE_IGNORE, SERVICE_<port>_NAME and
 * SERVICE_<port>_IGNORE. A label wins over a variable of the same name. Pure. */
#ifndef DISCOVERY_DIALECT_REGISTRATOR_H
#define DISCOVERY_DIALECT_REGISTRATOR_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#define REGISTRATOR_NAME_BYTES 32

struct registrator {
    const json_t *labels;      /* an object, or anything else for none; both are borrowed */
    const json_t *environment; /* an array of "NAME=value" */
};

/* A value by its name, "" when there is none or it is empty: `SERVICE_NAME=${UNSET}` is a common
 * way to write nothing. Of several variables the last one counts, as for the program itself. */
const char *registrator_find(const struct registrator *from, const char *name);

/* The same for one port: SERVICE_<port>_<what>, whose name goes to `name`. */
const char *registrator_find_for_port(const struct registrator *from, uint16_t port,
                                      const char *what, char name[REGISTRATOR_NAME_BYTES]);

/* "8080/tcp" or "8080" is 8080; UDP, SCTP and everything else 0. */
uint16_t registrator_parse_port(const char *text);

/* The port to talk to, and of how many: of those exposed ("80/tcp") and not ignored the lowest that
 * has a name, else the lowest. */
struct registrator_choice {
    uint16_t port;   /* 0: none */
    unsigned count;  /* exposed, TCP and not ignored */
    bool is_named;   /* it has a name */
    bool is_ignored; /* there is none, but would have been one */
};
struct registrator_choice registrator_choose_port(const struct registrator *from,
                                                  const json_t *exposed);

#endif
