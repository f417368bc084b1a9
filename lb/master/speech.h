/* What the master says to a proxy process. */
#ifndef LB_MASTER_SPEECH_H
#define LB_MASTER_SPEECH_H

#include "lb/master/processes.h"

#define SPEECH_PATIENCE_MS 10000 /* with one that takes no messages */

/* Says it. One that does not take it for long is ended. Borrows the descriptors. */
void speech_say(struct process *process, const struct channel_message *message, const int *fds,
                unsigned fd_count);

/* The same without descriptors, and only if there is room: for what is of interest at the moment only. */
void speech_mention(struct process *process, const struct channel_message *message);

/* What the first is made of, and what masters give each other: waits for room until `until_ns` (clock_mono_ns). Fails: -errno
 * (-EAGAIN, -ETOOMANYREFS: there was none in time; -EPIPE: nobody is there). */
int speech_send(int channel, const struct channel_message *message, const int *fds,
                unsigned fd_count, uint64_t until_ns);

/* It has broken the rules: kills it, and tells why. */
void speech_end(struct process *process, const char *why);

#endif
