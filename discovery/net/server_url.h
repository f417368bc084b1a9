/* Where the engine's API is: "unix:///path", "tcp://host:port" or "http://host:port". */
#ifndef DISCOVERY_NET_SERVER_URL_H
#define DISCOVERY_NET_SERVER_URL_H

#include <stdbool.h>

#define SERVER_URL_BYTES    512
#define SERVER_URL_ACCEPTED "unix:///path, tcp://host:port or http://host:port"

struct server_url {
    char text[SERVER_URL_BYTES];        /* as given, for messages */
    char socket_path[SERVER_URL_BYTES]; /* "" for TCP */
    char url[SERVER_URL_BYTES];         /* what the paths of requests are appended to */
};

/* Fails: false, and `*problem` says what is wrong (a constant). */
bool server_url_parse(const char *text, struct server_url *out, const char **problem);

#endif
