/* A connection to an endpoint: sends one request at a time, reads its response, and waits idle in
 * between. Knows nothing of clients.
 *
 *   CONNECTING → SENDING → AWAITING_HEAD → RECEIVING → IDLE → SENDING … → CLOSING
 *                                        → SWITCHED → LENT → CLOSING
 */
#ifndef LB_BACK_UPSTREAM_H
#define LB_BACK_UPSTREAM_H

#include "lb/back/upstream_state.h"

/* Starts to connect; on_ready or on_failed follows, never before return. Takes a reference to the
 * endpoint by itself, and one more use of the service. NULL: it failed at once, `*status` is a
 * negative libuv error. Thread: worker.
 */
struct upstream *upstream_open(struct fleet *fleet, struct service_local *service,
                               struct endpoint *endpoint, const struct upstream_handler *handler,
                               void *owner, int *status);

/* Announces a request: the response to it is read from now on. */
void upstream_begin(struct upstream *upstream, bool is_head_request);

/* Writes a part of the request. STREAM_BROKEN: nothing was taken; on_failed follows, or a response
 * that the backend had sent before. */
enum stream_written upstream_write(struct upstream *upstream, const struct iovec *pieces,
                                   unsigned count);

/* All of the request was handed over: the response's deadline begins. */
void upstream_end_request(struct upstream *upstream);

/* After on_switched: its stream is to be handed over to another owner, until upstream_close. Gives
 * what was read behind the 101, to be handed to block_give; NULL: nothing. */
struct stream *upstream_lend(struct upstream *upstream, struct block **unread);

/* Bytes that the backend has not taken yet. */
size_t upstream_waiting_bytes(const struct upstream *upstream);

/* The rest of the response's body goes into a pipe, told by on_spliced, and upstream_skip must be
 * told how much of it has left the pipe. Gives: to be handed to splice_give. NULL: it is not worth
 * it, or cannot be done. */
struct splice *upstream_splice(struct upstream *upstream);

/* So many bytes of the response were passed on; may end in on_response_end. */
void upstream_skip(struct upstream *upstream, size_t len);

/* As upstream_write, of what is in the pipe: `*count` bytes. */
enum stream_written upstream_write_splice(struct upstream *upstream, struct splice *splice,
                                          size_t *count);

/* Pressure from the client. Idempotent. */
void upstream_pause(struct upstream *upstream);
void upstream_resume(struct upstream *upstream);

/* How long it has been idle. */
unsigned upstream_idle_ms(const struct upstream *upstream);

/* Whether the idle connection still stands and holds no byte that nobody asked for. No system call
 * where the loop has just looked and had nothing to tell; what it may tell later in the same turn
 * is then no answer to a request that begins now. One call where it has not looked since the last
 * response, or so long ago that an end may wait in the kernel. */
bool upstream_is_clean(struct upstream *upstream);

/* After on_response_end: the connection can serve another request. One system call where the last
 * read may have left something. */
bool upstream_is_reusable(struct upstream *upstream);

/* The upstream waits for its next request. on_failed tells the new owner when the backend
 * (ERR_UPSTREAM_RESET) or the idle deadline (ERR_UPSTREAM_TIMEOUT) ends it. */
void upstream_idle(struct upstream *upstream, const struct upstream_handler *handler, void *owner);

/* An idle upstream gets its next owner: upstream_begin may follow. */
void upstream_wake(struct upstream *upstream, const struct upstream_handler *handler, void *owner);

/* Closes without a call up. Idempotent. */
void upstream_close(struct upstream *upstream);

#endif
