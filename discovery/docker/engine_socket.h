/* Where the socket of the Docker engine is, when nobody says. Thread: any. */
#ifndef DISCOVERY_DOCKER_ENGINE_SOCKET_H
#define DISCOVERY_DOCKER_ENGINE_SOCKET_H

#include <stddef.h>

/* The first of these endpoints, "unix:///PATH", at which there is a socket; else the first of all.
 * One at least. Looks at the file system. */
const char *engine_socket_choose(const char *const endpoints[], size_t count);

/* The same of the usual places: that of the engine, and the one that images of docker-gen and
 * nginx-proxy have it mounted at. */
const char *engine_socket_find(void);

#endif
