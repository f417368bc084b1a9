/* Signals as image authors write them. */
#ifndef DISCOVERY_DOCKER_SIGNAL_NAME_H
#define DISCOVERY_DOCKER_SIGNAL_NAME_H

#include "lb/base/view.h"

/* The number of "SIGTERM", "term", "15", "RTMIN+3", "SIGRTMAX-2" on Linux. Fails: 0. */
int signal_name_parse(struct view text);

#endif
