/* Writes what rings hold to a file or pipe, in a thread of its own that may block where workers may
 * not; or sends it to lb-report, which nobody waits for. It takes what comes first at once, looks again
 * every 20 ms while there is something to do, and sleeps otherwise. */
#ifndef LB_CREW_LOG_WRITER_H
#define LB_CREW_LOG_WRITER_H

#include <uv.h>

#include "lb/observe/log_ring.h"

enum log_writer_state { LOG_WRITER_AWAKE, LOG_WRITER_NAPPING, LOG_WRITER_ASLEEP };

struct log_writer {
    struct log_ring *rings; /* borrowed, one for each producer */
    unsigned ring_count;
    const char *path; /* borrowed; NULL: standard output, or a socket */
    bool is_socket;   /* messages are sent to `fd`, which is borrowed */
    int fd;
    int wake_fd;
    uv_thread_t thread;
    _Atomic(enum log_writer_state) state;
    atomic_bool wants_reopen;
    atomic_bool is_stopping; /* what waits is written, then it ends */
    atomic_bool gives_up;    /* it ends at once */
    atomic_bool is_done;

    /* the thread's own */
    unsigned current; /* the ring that is written now */
    bool is_torn;     /* only a part of its first line is written */
    bool is_full;     /* the socket has no room */
    int failure;      /* the errno of the last write, which was said; 0: it went well */
};

/* Opens the file and starts the thread. Borrows all it is given until log_writer_stop. Fails: a
 * negative errno; nothing is open then. Thread: control. */
int log_writer_start(struct log_writer *writer, struct log_ring *rings, unsigned ring_count,
                     const char *path);

/* The same to that socket, in messages. What waits when it ends is sent as far as there is room for it. */
int log_writer_start_sending(struct log_writer *writer, struct log_ring *rings, unsigned ring_count,
                             int socket);

/* A producer has put something into `ring`: at most one system call, and none while the thread is
 * awake and there is room. Thread: the producer's. */
void log_writer_notice(struct log_writer *writer, const struct log_ring *ring);

/* Opens the file anew, for whoever has moved it away. Thread: any. */
void log_writer_reopen(struct log_writer *writer);

/* Waits until all is written, but not much longer than a second, and ends the thread. The producers
 * have ended. Thread: control. */
void log_writer_stop(struct log_writer *writer);

#endif
