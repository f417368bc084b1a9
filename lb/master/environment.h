/* The environment of a child: the master's own but for words that are not its business. */
#ifndef LB_MASTER_ENVIRONMENT_H
#define LB_MASTER_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

/* Room for so many more than there are. */
#define ENVIRONMENT_ADDED_MAX 8u

/* Whether lb-discovery alone reads it: tokens, keys and places of an engine or an agent (CONSUL_*, DOCKER_*). */
bool environment_is_of_discovery(const char *entry);

/* Whether it is between the master and who started it (NOTIFY_SOCKET, LISTEN_*, WATCHDOG_*), or between it and its
 * children (LB_MASTER_*, LB_OUTBOX_FD). */
bool environment_is_of_master(const char *entry);

/* Fills `out` with what a proxy process gets of `from`. Borrows the strings. Gives how many. */
size_t environment_of_proxy(char *const *from, char **out, size_t room);

/* Fills `out` with those of `from` that are discovery's alone. Gives how many. */
size_t environment_of_discovery(char *const *from, char **out, size_t room);

/* Those that are about Consul alone, which lb-acme may share with. */
size_t environment_of_consul(char *const *from, char **out, size_t room);

/* Appends to the `count` words of `out` those of `from` whose name is not there yet. Gives how many there are then. */
size_t environment_add(char *const *from, char **out, size_t count, size_t room);

/* Fills `out` with all of `from` but for what is between masters. */
size_t environment_of_master(char *const *from, char **out, size_t room);

/* How many there are. */
size_t environment_count(char *const *list);

#endif
