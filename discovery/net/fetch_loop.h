/* Where the requests of all pools wait together, and who calls their handlers (fetch.h). */
#ifndef DISCOVERY_NET_FETCH_LOOP_H
#define DISCOVERY_NET_FETCH_LOOP_H

#include <poll.h>
#include <stddef.h>

struct fetch_loop;

/* Gives: fetch_loop_close(). Fails: NULL when libcurl cannot be set up. */
struct fetch_loop *fetch_loop_open(void);

/* After its pools. NULL is fine. */
void fetch_loop_close(struct fetch_loop *loop);

/* Sleeps until a request or one of `fds` has something, at most `timeout_ms`. `revents` of the fds
 * are filled in. */
void fetch_loop_wait(struct fetch_loop *loop, struct pollfd *fds, size_t count, int timeout_ms);

/* Does what can be done without waiting, and calls the handlers. */
void fetch_loop_turn(struct fetch_loop *loop);

#endif
