/* What the command line and the environment ask for. */
#ifndef APPSERVER_SETTINGS_H
#define APPSERVER_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "lb/base/address.h"
#include "lb/base/text.h"
#include "lb/sentry/dsn.h"

enum settings_action {
    SETTINGS_SERVE,
    SETTINGS_HEALTHCHECK,
    SETTINGS_HELP,
    SETTINGS_VERSION,
};

struct settings {
    enum settings_action action;
    struct address listen;
    const char *name; /* NULL: the hostname */
    const char *healthcheck_path;
    uint64_t keepalive_ms; /* 0: every answer closes its connection */
    uint64_t wait_ms;      /* how long a peer may keep the server waiting */
    uint64_t linger_ms;
    uint64_t grace_ms;
    const char *ignored; /* a variable that is somebody else's; NULL: none */
    struct dsn dsn;      /* of Sentry; empty: nobody is told of exceptions */
    bool no_drain;
    bool no_log;
};

/* Fills `out` with defaults, then environment APPSERVER_*, then flags. Borrows `argv` for ever.
 * Fails: false, with a message in `error` that names the flag, the fault and what is accepted. */
bool settings_parse(int argc, char **argv, struct settings *out, struct text *error);

/* The text of --help. */
extern const char settings_help[];

#endif
