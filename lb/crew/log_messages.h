/* Lines of a ring as messages to lb-report (REPORT_ACCESS of lb/contract/report.h). */
#ifndef LB_CREW_LOG_MESSAGES_H
#define LB_CREW_LOG_MESSAGES_H

#include "lb/observe/log_ring.h"

/* Sends what waits, as many whole lines in a message as it has room for; each is shorter than one. Never waits. Fails: -EAGAIN:
 * the socket is full, what is left stays in the ring; else -errno. Thread: the ring's consumer. */
int log_messages_send(int socket, struct log_ring *ring);

#endif
