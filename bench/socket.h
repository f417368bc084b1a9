/* Sockets for the measuring programs: what cannot be had ends the program with a message. */
#ifndef BENCH_SOCKET_H
#define BENCH_SOCKET_H

#include <stdint.h>
#include <sys/epoll.h>

#include "lb/base/address.h"

/* Ends the program: "TITLE: error text" and status 1. */
void socket_die(const char *what) __attribute__((noreturn));

/* "IP:PORT" from the command line; ends the program when it is none. */
struct address socket_address(const char *text);

/* A non-blocking listener. Several programs may listen on the same port. */
int socket_listen(const struct address *at);

/* Connected, non-blocking, without Nagle's delay. Waits: for loopback only. Fails: -1. */
int socket_connect(const struct address *to);

/* Begins to connect, non-blocking. Connections come from so many loopback addresses in turn, `source` being a count of them: an
 * address has few ports, and those of connections that have ended rest. */
#define SOCKET_SOURCES 200u
int socket_call_from(const struct address *to, unsigned source);

/* The next waiting connection, non-blocking, without Nagle's delay. Fails: -1. */
int socket_accept(int listener);

/* Adds `fd` to `epoll`, or changes what it waits for; `owner` comes back in the event. */
void socket_watch(int epoll, int fd, int operation, uint32_t events, void *owner);

#endif
