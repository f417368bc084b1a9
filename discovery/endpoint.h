/* Where the engine's API is: "unix:///path", "tcp://host:port" or "http://host:port". */
#ifndef DISCOVERY_ENDPOINT_H
#define DISCOVERY_ENDPOINT_H

#include <stdbool.h>

#define ENDPOINT_BYTES    512
#define ENDPOINT_ACCEPTED "unix:///path, tcp://host:port or http://host:port"

struct endpoint {
    char text[ENDPOINT_BYTES];        /* as given, for messages */
    char socket_path[ENDPOINT_BYTES]; /* "" for TCP */
    char url[ENDPOINT_BYTES];         /* what the paths of requests are appended to */
};

/* Fails: false, and `*problem` says what is wrong (a constant). */
bool endpoint_parse(const char *text, struct endpoint *out, const char **problem);

#endif
