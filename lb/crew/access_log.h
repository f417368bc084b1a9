/* The access log of all workers: each makes its lines and leaves them in a ring of its own; a
 * writer takes them from there, to a file, and another one to lb-report, so that neither waits for the
 * other. Lines that find no room are dropped, counted, and said once a minute. */
#ifndef LB_CREW_ACCESS_LOG_H
#define LB_CREW_ACCESS_LOG_H

#include "lb/config/config.h"
#include "lb/crew/log_writer.h"
#include "lb/crew/worker.h"
#include "lb/observe/access_line.h"

enum access_outlet_kind { ACCESS_OUTLET_FILE, ACCESS_OUTLET_REPORT, ACCESS_OUTLET_COUNT };

struct access_outlet {
    struct access_format format;
    struct log_writer writer;
    struct log_ring *rings; /* one for each worker; NULL: nothing goes there */
    uint64_t said_count;    /* drops that the operator knows of */
    bool is_open;
};

struct access_log {
    struct access_outlet outlets[ACCESS_OUTLET_COUNT];
    bool are_alike;            /* their lines have the same form */
    struct access_lane *lanes; /* what a worker needs for its lines; NULL: nothing is logged */
    unsigned worker_count;
    uv_async_t dropping; /* rung by a worker whose line was dropped */
    uv_timer_t minute;   /* runs while drops are not to be said again */
    atomic_bool is_rung;
};

/* Whether the settings make sense. Fails: false, and a problem. */
bool access_log_check(const struct config *config, struct text *problem);

/* Prepares its handles on the control thread's loop. Thread: control, as for all that follows. */
void access_log_init(struct access_log *log, uv_loop_t *loop);

/* Opens the log as configured and makes the workers, which do not run yet, write to it. Borrows the
 * configuration, the workers and the socket to lb-report (-1: none). Fails: false, said in the operator log. */
bool access_log_open(struct access_log *log, const struct config *config, int report_socket,
                     struct worker **workers, unsigned worker_count);

/* Opens the file anew, after somebody has moved it away. */
void access_log_reopen(struct access_log *log);

/* Lines that were dropped so far. Thread: any. */
uint64_t access_log_dropped_count(const struct access_log *log, enum access_outlet_kind kind);

/* Closes the handles; the loop must run once more. Idempotent. */
void access_log_close(struct access_log *log);

/* Writes what waits, for about a second at most, and frees. The workers have ended. */
void access_log_fini(struct access_log *log);

#endif
