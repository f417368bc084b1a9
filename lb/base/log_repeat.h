/* Keeps a log from saying the same again and again: a message is written once, then counted for a
 * minute. Time is given, so that it is pure. Zeroed memory is ready. */
#ifndef LB_BASE_LOG_REPEAT_H
#define LB_BASE_LOG_REPEAT_H

#include "lb/base/view.h"

#define LOG_REPEAT_ENTRIES    16
#define LOG_REPEAT_TEXT_BYTES 200
#define LOG_REPEAT_NS         UINT64_C(60000000000)

struct log_repeat {
    struct log_repeat_entry {
        uint64_t hash; /* of the message; 0: free */
        uint64_t since_ns;
        unsigned count; /* how often it came again */
        unsigned text_bytes;
        char text[LOG_REPEAT_TEXT_BYTES]; /* its beginning */
    } entries[LOG_REPEAT_ENTRIES];
};

/* Whether a message is to be written. False: it was, within the last minute, and is counted. */
bool log_repeat_admit(struct log_repeat *repeat, uint64_t now_ns, struct view message);

/* Takes out a message that was counted and whose minute is over; UINT64_MAX as the time takes any.
 * Borrowed until the next call. False: there is none (any more). */
bool log_repeat_take(struct log_repeat *repeat, uint64_t now_ns, struct view *message,
                     unsigned *count);

#endif
