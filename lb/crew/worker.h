/* A worker: a thread with its own loop, listeners, connections and snapshot. Shares nothing with
 * other workers but endpoints' atomics. */
#ifndef LB_CREW_WORKER_H
#define LB_CREW_WORKER_H

#include "lb/crew/gateway.h"
#include "lb/crew/settings.h"
#include "lb/net/listener.h"
#include "lb/proxy/env.h"

enum worker_command {
    WORKER_RUN,
    WORKER_LEAVING, /* goes on, but each answer says that its connection closes */
    WORKER_DRAIN,   /* stops accepting, finishes what runs, ends */
    WORKER_CLOSE,   /* ends at once */
};

/* A listening socket of HTTP or HTTPS. */
struct worker_door {
    struct listener listener;
    struct worker *worker;
    struct address at;
    bool has_tls;
};

/* What it says of itself when it is asked. */
struct worker_load {
    atomic_bool is_asked;
    counter64 buffer_bytes; /* what waits, and what is kept for reuse by who counts it there */
    counter64 cpu_ns;       /* of its thread */
};

struct worker {
    unsigned index;
    struct worker_load load;
    struct loop loop;
    struct env env;
    struct settings *settings;             /* in use; one reference */
    _Atomic(struct settings *) offered;    /* the next ones; NULL: nothing new */
    _Atomic(struct library *) lent;        /* the next picture of files; the same */
    _Atomic(struct tls_store *) certified; /* the next certificates; the same */
    _Atomic(struct listener_set *) given;  /* the next TCP and UDP listeners; the same */
    struct worker_door **doors;            /* closed until it is told to serve */
    unsigned door_count;
    struct gateway gateway; /* of TCP and UDP */
    uv_thread_t thread;
    uv_async_t doorbell;
    uv_prepare_t before_poll;  /* while it drains */
    struct deadline last_call; /* told to drain: until all handshakes are over */
    struct deadline end;       /* told to close: after one more poll */
    _Atomic(enum worker_command) command;
    enum worker_command obeyed;
    bool has_opened; /* the listeners */
    bool has_stopped_listening;
    atomic_bool has_news;    /* rung by control, not only called */
    atomic_bool is_asked;    /* whether it is alive, and has not said so */
    atomic_bool is_to_serve; /* control has told it so */
    atomic_bool is_to_yield;
    atomic_bool has_yielded;
    atomic_bool is_done;
    uv_async_t
        *on_done; /* rung when it has yielded, and when the thread is about to end; control's */
};

/* Gives a worker with its loop, not yet running. NULL: out of descriptors. Takes a reference to
 * the settings by itself; `on_done` is borrowed. Thread: control. */
struct worker *worker_new(struct settings *settings, unsigned index, uv_async_t *on_done);

/* It is to accept requests at one more listening socket, once it is told to serve; before worker_start. Takes it. */
void worker_listen(struct worker *worker, int fd, bool is_lasting);

/* The same at one where TLS is spoken, whose address is `at`. */
void worker_listen_tls(struct worker *worker, int fd, const struct address *at, bool is_lasting);

/* Fails: a negative libuv error. */
int worker_start(struct worker *worker);

/* Leaves a snapshot, which it takes over when it is rung for, or when the old one has nothing left
 * for a request. Borrows. Thread: control. */
void worker_offer(struct worker *worker, struct pool *pool);

/* Lets it look. Thread: control. */
void worker_ring(struct worker *worker);

/* The same for what other workers have for it, see proxy_serve. Thread: any. */
void worker_call(struct worker *worker);

/* Leaves other settings, which it takes over between two turns of its loop: a reference of its
 * own. Thread: control. */
void worker_configure(struct worker *worker, struct settings *settings);

/* The same with a picture of the operator's files; before worker_start it has it at once. */
void worker_lend(struct worker *worker, struct library *library);

/* The same with certificates. */
void worker_certify(struct worker *worker, struct tls_store *store);

/* The same with TCP and UDP listeners, which it serves once it runs. To be called after what they lead to was
 * offered. */
void worker_give(struct worker *worker, struct listener_set *set);

/* Accepts from now on. Thread: control. */
void worker_serve(struct worker *worker);

/* Others accept in its place from now on: it lets go of the listening sockets, and rings when it has. Thread: control. */
void worker_yield(struct worker *worker);

/* Thread: control. */
void worker_tell(struct worker *worker, enum worker_command command);

/* Waits for the thread if it was started: for all of them before one is freed, as they call each
 * other. Thread: control. */
void worker_join(struct worker *worker);

/* The same, and frees. Thread: control. */
void worker_free(struct worker *worker);

#endif
