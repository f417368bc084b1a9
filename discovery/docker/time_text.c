#include "discovery/docker/time_text.h"

#include <stdbool.h>

#define SECONDS_OF_DAY 86400

/* Takes `len` digits, and what follows them. */
static bool take(struct view *rest, size_t len, char end, uint64_t max, int64_t *out)
{
    uint64_t number;
    if (rest->len < len || !view_parse_u64(view_of(rest->ptr, len), max, &number))
        return false;
    *rest = view_skip(*rest, len);
    *out = (int64_t)number;
    if (end == '\0')
        return true;
    if (rest->len == 0 || rest->ptr[0] != end)
        return false;
    *rest = view_skip(*rest, 1);
    return true;
}

/* Days since 1970 in the Gregorian calendar; years begin in March, so that leap days are last. */
static int64_t count_days(int64_t year, int64_t month, int64_t day)
{
    int64_t y = month > 2 ? year : year - 1;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return 365 * y + y / 4 - y / 100 + y / 400 + of_year - 719468;
}

static uint64_t take_fraction_ns(struct view *rest)
{
    uint64_t ns = 0, unit_ns = 100000000;
    if (rest->len == 0 || rest->ptr[0] != '.')
        return 0;
    *rest = view_skip(*rest, 1);
    for (; rest->len > 0 && rest->ptr[0] >= '0' && rest->ptr[0] <= '9'; unit_ns /= 10) {
        ns += (uint64_t)(rest->ptr[0] - '0') * unit_ns;
        *rest = view_skip(*rest, 1);
    }
    return ns;
}

/* "Z", "+02:00": in seconds. */
static bool take_zone(struct view rest, int64_t *zone_s)
{
    int64_t hours, minutes;
    *zone_s = 0;
    if (view_eq(rest, VIEW("Z")))
        return true;
    if (rest.len != 6 || (rest.ptr[0] != '+' && rest.ptr[0] != '-'))
        return false;
    int64_t sign = rest.ptr[0] == '-' ? -1 : 1;
    rest = view_skip(rest, 1);
    if (!take(&rest, 2, ':', 23, &hours) || !take(&rest, 2, '\0', 59, &minutes))
        return false;
    *zone_s = sign * (hours * 3600 + minutes * 60);
    return true;
}

uint64_t time_text_parse(struct view text)
{
    struct view rest = text;
    int64_t year, month, day, hour, minute, second, zone_s;
    if (!take(&rest, 4, '-', 2500, &year) || !take(&rest, 2, '-', 12, &month) ||
        !take(&rest, 2, 'T', 31, &day) || !take(&rest, 2, ':', 23, &hour) ||
        !take(&rest, 2, ':', 59, &minute) || !take(&rest, 2, '\0', 60, &second) || month < 1 ||
        day < 1)
        return 0;
    uint64_t fraction_ns = take_fraction_ns(&rest);
    if (!take_zone(rest, &zone_s))
        return 0;
    int64_t seconds =
        count_days(year, month, day) * SECONDS_OF_DAY + hour * 3600 + minute * 60 + second - zone_s;
    return seconds > 0 ? (uint64_t)seconds * 1000000000 + fraction_ns : 0;
}
