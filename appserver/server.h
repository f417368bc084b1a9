/* The server as a whole: listener, signals, and the way to its end. */
#ifndef APPSERVER_SERVER_H
#define APPSERVER_SERVER_H

#include "appserver/settings.h"

/* Serves until a signal ends it. Borrows `settings`. Gives the exit code. */
int server_run(const struct settings *settings);

#endif
