#include "lb/http/date.h"

#include <time.h>

static char *put_digits(char *at, unsigned value, unsigned count)
{
    for (unsigned i = count; i-- > 0; value /= 10)
        at[i] = (char)('0' + value % 10);
    return at + count;
}

static char *put(char *at, const char *bytes, size_t len)
{
    return mempcpy(at, bytes, len);
}

void date_make(struct date *date, uint64_t now_ms, uint64_t wall_ns)
{
    static const char days[] = "Sun, Mon, Tue, Wed, Thu, Fri, Sat, ";
    static const char months[] = " Jan  Feb  Mar  Apr  May  Jun  Jul  Aug  Sep  Oct  Nov  Dec ";
    time_t seconds = (time_t)(wall_ns / 1000000000u);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    char *at = put(date->text, days + 5 * (utc.tm_wday % 7), 5);
    at = put_digits(at, (unsigned)utc.tm_mday, 2);
    at = put(at, months + 5 * (utc.tm_mon % 12), 5);
    at = put(put_digits(at, (unsigned)utc.tm_year + 1900u, 4), " ", 1);
    at = put(put_digits(at, (unsigned)utc.tm_hour, 2), ":", 1);
    at = put(put_digits(at, (unsigned)utc.tm_min, 2), ":", 1);
    put(put_digits(at, (unsigned)utc.tm_sec, 2), " GMT", 4);
    date->until_ms = now_ms + 1000 - wall_ns / 1000000 % 1000;
}
