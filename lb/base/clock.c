#include "lb/base/clock.h"

#include <stdio.h>
#include <time.h>

static uint64_t read_clock(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t clock_mono_ns(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

uint64_t clock_wall_ns(void)
{
    return read_clock(CLOCK_REALTIME);
}

uint64_t clock_thread_ns(void)
{
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

const char *clock_format(uint64_t wall_ns, char text[CLOCK_TEXT_BYTES])
{
    time_t seconds = (time_t)(wall_ns / 1000000000u);
    unsigned micros = (unsigned)(wall_ns % 1000000000u / 1000u);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    size_t used = strftime(text, CLOCK_TEXT_BYTES, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text + used, CLOCK_TEXT_BYTES - used, ".%06uZ", micros);
    return text;
}

const char *clock_format_second(int64_t time_s, char text[CLOCK_TEXT_BYTES])
{
    time_t seconds = (time_t)time_s;
    struct tm utc;
    if (!gmtime_r(&seconds, &utc) ||
        strftime(text, CLOCK_TEXT_BYTES, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
        text[0] = '\0';
    return text;
}

const char *clock_format_minute(int64_t time_s, char text[CLOCK_TEXT_BYTES])
{
    time_t seconds = (time_t)time_s;
    struct tm utc;
    if (!gmtime_r(&seconds, &utc) ||
        strftime(text, CLOCK_TEXT_BYTES, "%Y-%m-%d %H:%M UTC", &utc) == 0)
        text[0] = '\0';
    return text;
}
