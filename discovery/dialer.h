/* Connects to the Unix socket at which lb listens (lb --discovery unix:PATH), again and again. It opens no listener. */
#ifndef DISCOVERY_DIALER_H
#define DISCOVERY_DIALER_H

#include <stdbool.h>
#include <stdint.h>

#include "discovery/net/backoff.h"
#include "discovery/report.h"
#include "lb/base/rng.h"
#include "lb/base/text.h"

/* Of a path, with its NUL (unix(7), sun_path). */
#define DIALER_PATH_BYTES 108

struct dialer {
    const char *path; /* NULL: there is nobody to connect to; borrowed */
    int fd;           /* -1: not connected; else non-blocking */
    uint64_t try_at_ms, connected_at_ms;
    unsigned short_lives; /* connections in a row that were closed as soon as they were there */
    struct backoff backoff;
    struct rng rng;
    struct report report;
    struct text told; /* the trouble that was told last; empty once it is over */
};

void dialer_init(struct dialer *dialer, const char *path, const struct report *report);
void dialer_fini(struct dialer *dialer);

/* Tries where it is time to. Gives true when there is a connection that was not there before. What is in the way
 * is told once, with what would change it. */
bool dialer_tick(struct dialer *dialer, uint64_t now_ms);

/* When it tries again; UINT64_MAX: there is nothing to try. */
uint64_t dialer_next_tick_ms(const struct dialer *dialer);

/* The other side has closed the connection, which ends here, too. */
void dialer_lose(struct dialer *dialer, uint64_t now_ms);

#endif
