/* Text of a fixed size, for signal handlers: no memory, no locks, no locale (signal-safety(7)). What does not fit is
 * left out. */
#ifndef LB_RUN_CRASH_TEXT_H
#define LB_RUN_CRASH_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define CRASH_TEXT_BYTES_MAX 4096u

/* Zeroed memory is an empty one; `bytes` always ends with a NUL. */
struct crash_text {
    char bytes[CRASH_TEXT_BYTES_MAX];
    size_t len;
};

void crash_text_append(struct crash_text *text, const char *string);
void crash_text_append_number(struct crash_text *text, uint64_t number);
void crash_text_append_hex(struct crash_text *text, uint64_t number); /* "0x1f" */

/* Two digits a byte. */
void crash_text_append_bytes(struct crash_text *text, const unsigned char *bytes, size_t count);

/* What is printable and needs no escape in JSON; '?' for the rest. */
void crash_text_append_safe(struct crash_text *text, const char *string);

/* The same as clock_format(): RFC 3339 in UTC with microseconds. */
void crash_text_append_time(struct crash_text *text, uint64_t wall_ns);

#endif
