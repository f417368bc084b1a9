/* What lb-report is told of an lb-proxy that crashed (REPORT_CRASH, lb/contract/report.h). */
#ifndef LB_MASTER_CRASH_MESSAGE_H
#define LB_MASTER_CRASH_MESSAGE_H

#include "lb/base/text.h"
#include "lb/contract/channel.h"
#include "lb/master/crashes.h"

#define CRASH_MESSAGE_TEXT_BYTES 4096u

/* Takes what the process has left in CHANNEL_CRASH, which is empty then: up to the first NUL, with a NUL behind it, cut where it is
 * longer. Whatever it is: that process wrote it. */
void crash_message_take(int keepsake, char text[CRASH_MESSAGE_TEXT_BYTES]);

/* Appends the JSON object; of `history` how it is with this crash in it. It is shorter than REPORT_MESSAGE_MAX. */
void crash_message_write(const struct crashes_case *one, const struct channel_history *history,
                         const char *left, struct text *out);

/* Sends it to that socket, and waits for nobody: what does not fit is lost, as the log has it, too. */
void crash_message_send(int outbox, const struct crashes_case *one,
                        const struct channel_history *history, const char *left);

#endif
