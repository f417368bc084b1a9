/* Clocks. Durations are taken from the monotonic clock, log stamps from the wall clock. */
#ifndef LB_BASE_CLOCK_H
#define LB_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define CLOCK_TEXT_BYTES 40

/* Nanoseconds of CLOCK_MONOTONIC. Thread: any. */
uint64_t clock_mono_ns(void);

/* Nanoseconds since 1970 of CLOCK_REALTIME. Thread: any. */
uint64_t clock_wall_ns(void);

/* Nanoseconds that this thread has run. A system call. Thread: any. */
uint64_t clock_thread_ns(void);

/* Writes RFC 3339 in UTC with microseconds ("2026-11-22T02:30:00.123456Z") and gives `text`. */
const char *clock_format(uint64_t wall_ns, char text[CLOCK_TEXT_BYTES]);

/* Seconds since 1970, "2026-11-22T02:30:00Z", and for people, "2026-11-22 02:30 UTC". Gives `text`; empty: there is no such
 * time. Thread: any. */
const char *clock_format_second(int64_t time_s, char text[CLOCK_TEXT_BYTES]);
const char *clock_format_minute(int64_t time_s, char text[CLOCK_TEXT_BYTES]);

#endif
