/* What becomes of messages: lines go to GELF, the rest to the desk and by it to Sentry; all of it is counted. */
#ifndef LB_REPORT_DISPATCH_H
#define LB_REPORT_DISPATCH_H

#include <pthread.h>

#include "lb/gelf/gelf_sender.h"
#include "lb/report/counts.h"
#include "lb/report/desk.h"
#include "lb/report/options.h"
#include "lb/sentry/sentry_sender.h"

struct dispatch {
    struct report_counts *counts;
    pthread_mutex_t lock;         /* of the last error, which both threads write */
    struct gelf_sender *gelf;     /* NULL: no URL was given */
    struct sentry_sender *sentry; /* NULL: no DSN was given */
    struct desk desk;
    char host_name[256], server_name[256];
};

/* Starts the threads. `dsn` is copied; NULL: none. Borrows the rest until it is closed. Fails: false, and a sentence. */
bool dispatch_open(struct dispatch *dispatch, const struct options *options, const struct dsn *dsn,
                   struct report_counts *counts, struct text *problem);

/* One message, its kind and what follows. Never waits. */
void dispatch_take(struct dispatch *dispatch, char kind, struct view message);

/* Delivers what waits for at most so long in all, and ends the threads. False: one is left behind, and the program ends by _exit(). */
bool dispatch_close(struct dispatch *dispatch, uint32_t patience_ms);

#endif
