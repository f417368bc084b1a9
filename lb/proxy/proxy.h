/* The door of this folder: what a worker does with its proxy. Thread: worker, but for init and
 * fini, which come before and after its thread. */
#ifndef LB_PROXY_PROXY_H
#define LB_PROXY_PROXY_H

#include "lb/net/listener.h"
#include "lb/proxy/env.h"

/* Borrows `loop`; copies the options. */
void proxy_init(struct env *env, struct loop *loop, const struct env_options *options,
                unsigned worker_index);

/* How many requests and TCP connections run is written there from now on, without a lock. Borrows it. Before its thread. */
void proxy_count_at(struct env *env, _Atomic uint32_t *running);

/* Other options from now on, copied; what has begun keeps the deadlines it was given. */
void proxy_configure(struct env *env, const struct env_options *options);

/* Takes over the latest snapshot and closes idle connections to endpoints that are not to be used
 * any more. */
void proxy_refresh(struct env *env);

/* Another worker has rung: requests that wait may find a place, or it needs one that an idle connection
 * holds. */
void proxy_serve(struct env *env);

/* Frees what is pooled and drops the snapshot. All connections must be gone. */
void proxy_fini(struct env *env);

/* Takes the connection that waits at `listener` and serves it. */
void proxy_accept(struct env *env, struct listener *listener);

/* The same at a listener for TLS, which is known by that address. A rule with a name that a TCP listener there has in the
 * snapshot in use takes who asks for that name; all others are served. */
void proxy_accept_tls(struct env *env, struct listener *listener, const struct address *at);

/* The same at a TCP listener, which is known by that address: bytes are passed on to an endpoint of the service
 * that the snapshot in use has it lead to. `at` goes with the listener, not with the connection. */
void proxy_accept_tcp(struct env *env, struct listener *listener, const struct address *at);

struct flow_gate;

/* Serves the datagrams of a UDP listener's socket, which it takes; copies `at`. Gives: to be handed to
 * proxy_close_udp. NULL: the loop cannot watch it; a negative libuv error is in `*status`. */
struct flow_gate *proxy_open_udp(struct env *env, int fd, const struct address *at, int *status);

/* Nothing is read from it any more. Its flows end, those first that wait for nothing; who waits for an answer has a
 * second for it, while proxy_is_busy says so. */
void proxy_close_udp(struct flow_gate *gate);

/* The same, but what waits there is left to who has the socket besides. */
void proxy_yield_udp(struct flow_gate *gate);

/* Has `on_gone` called once its socket is closed: soon after it was told to close, or with all others. */
void proxy_tell_udp(struct flow_gate *gate, void (*on_gone)(void *owner), void *owner);

/* Goes on, but each answer is the last one of its connection. */
void proxy_leave(struct env *env);

/* Says goodbye to idle clients and lets the others finish. Idempotent. */
void proxy_drain(struct env *env);

/* Whether clients are there, or flows. */
bool proxy_is_busy(const struct env *env);

/* Closes every connection, and all UDP listeners, which are not to be closed afterwards; the loop must run until
 * they are gone. */
void proxy_close(struct env *env);

/* TLS is spoken with clients by these options from now on: copies them. Fails: false with `problem`, and it goes on as before. */
bool proxy_speak_tls(struct env *env, const struct env_tls_options *options, struct text *problem);

/* These certificates there are from now on. Takes the reference. */
void proxy_take_certificates(struct env *env, struct tls_store *store);

/* What is known of the operator's files from now on. Takes the reference. */
void proxy_take_library(struct env *env, struct library *library);

#endif
