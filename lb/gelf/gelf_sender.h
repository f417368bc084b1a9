/* Sends log lines as GELF, on a thread of its own; nobody who gives it a line ever waits. Lines wait in a queue of so
 * many bytes; what does not fit is dropped and counted.
 *
 * UDP: packed, in chunks where it must be. A receiver that is not there costs the messages that go to it meanwhile.
 * TCP: each message with a NUL behind it, not packed. While there is no connection, and while the receiver takes
 *   nothing, lines wait; a message that was cut off is sent again from its beginning, so that none is lost by us and
 *   the last one may come twice; what the kernel had taken for a receiver that died is lost.
 * The host's name is asked for again every 30 s and after each error, on a thread of the resolver's own: a receiver that
 * moves is followed. */
#ifndef LB_GELF_GELF_SENDER_H
#define LB_GELF_GELF_SENDER_H

#include "lb/base/view.h"
#include "lb/gelf/gelf_sender_options.h"

struct gelf_sender;

/* Starts the thread. Copies all texts; counters and owner are borrowed until gelf_sender_stop. Fails: NULL with errno. */
struct gelf_sender *gelf_sender_start(const struct gelf_sender_options *options);

/* One or many lines, with their newlines or without; empty ones are left out. Copies, never waits. Thread: any. */
void gelf_sender_put(struct gelf_sender *sender, struct view lines);

/* Sends what waits, but for at most so long, and ends the thread. Frees. Nobody puts meanwhile. */
void gelf_sender_stop(struct gelf_sender *sender, unsigned drain_ms);

#endif
