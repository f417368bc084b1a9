/* What GET /raise is for: an exception with the calls that led to it, said in the log, told to Sentry where a DSN
 * is given, and answered. */
#ifndef APPSERVER_EXCEPTION_H
#define APPSERVER_EXCEPTION_H

#include "appserver/request.h"
#include "lb/sentry/sentry_sender.h"

struct exception_desk {
    struct sentry_sender *sender; /* NULL: nobody is told */
    char server_name[256];
};

/* Starts the thread that tells Sentry; without a DSN there is none. Fails: false, and a sentence. */
bool exception_desk_init(struct exception_desk *desk, const struct dsn *dsn,
                         const char *server_name, struct text *problem);

/* Lets it deliver what waits, for two seconds at most. */
void exception_desk_fini(struct exception_desk *desk);

/* Appends the answer's body, JSON. Never waits. */
void exception_raise(struct exception_desk *desk, const struct request *request, struct text *body);

#endif
