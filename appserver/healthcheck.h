/* Asks a running server whether it is well: for Docker's HEALTHCHECK, so that the image needs no
 * curl. */
#ifndef APPSERVER_HEALTHCHECK_H
#define APPSERVER_HEALTHCHECK_H

#include <stdbool.h>

#include "lb/base/address.h"
#include "lb/base/text.h"

/* GETs `path` from the server that listens on `listen` (by loopback when it listens on any
 * address), within 2 seconds. Fails: false for anything but a 200, with the reason in `why`. */
bool healthcheck_run(const struct address *listen, const char *path, struct text *why);

#endif
