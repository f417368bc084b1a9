#include "lb/sentry/sentry_limits.h"

#include <time.h>

#define SECOND_NS         UINT64_C(1000000000)
#define TOO_MANY_REQUESTS 429u
#define DATE_BYTES        40u
#define LIMITS_ITEMS_MAX  32u /* of one answer; those behind them are not read */

static uint64_t lesser(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* "60" or "2.5", which counts as 3. Larger than any number is as large as is obeyed. */
static bool read_seconds(struct view text, uint64_t *seconds)
{
    struct view fraction = view_trim(text), whole = view_cut(&fraction, '.');
    bool is_more = false;
    uint64_t value = 0;
    if (whole.len == 0)
        return false;
    for (size_t i = 0; i < whole.len; i++) {
        unsigned digit = (unsigned)((unsigned char)whole.ptr[i]) - '0';
        if (digit > 9)
            return false;
        value = lesser(value * 10 + digit, SENTRY_LIMITS_MAX_S);
    }
    for (size_t i = 0; i < fraction.len; i++) {
        if (fraction.ptr[i] < '0' || fraction.ptr[i] > '9')
            return false;
        is_more = is_more || fraction.ptr[i] > '0';
    }
    *seconds = lesser(value + is_more, SENTRY_LIMITS_MAX_S);
    return true;
}

/* RFC 9110 § 5.6.7, as servers of today write it: "Sun, 06 Nov 1994 08:49:37 GMT". */
static bool read_date(struct view text, uint64_t wall_ns, uint64_t *seconds)
{
    char date[DATE_BYTES];
    struct tm parts = {0};
    text = view_trim(text);
    if (text.len == 0 || text.len >= sizeof(date) || view_find(text, '\0') >= 0)
        return false;
    memcpy(date, text.ptr, text.len);
    date[text.len] = '\0';
    const char *end = strptime(date, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    if (!end || *end != '\0')
        return false;
    int64_t left = (int64_t)timegm(&parts) - (int64_t)(wall_ns / SECOND_NS);
    *seconds = left > 0 ? lesser((uint64_t)left, SENTRY_LIMITS_MAX_S) : 0;
    return true;
}

/* Events are of the category error; one without an exception may count as default. None at all means all. */
static bool is_about_events(struct view categories)
{
    if (view_trim(categories).len == 0)
        return true;
    while (categories.len > 0) {
        struct view category = view_trim(view_cut(&categories, ';'));
        if (view_eq_nocase(category, VIEW("error")) || view_eq_nocase(category, VIEW("default")))
            return true;
    }
    return false;
}

/* "60:error;transaction:organization:reason, 2700:default:…". Gives whether something of it could be read; `*seconds` is the
 * longest of ours. */
static bool read_rate_limits(struct view list, uint64_t *seconds)
{
    bool is_read = false;
    *seconds = 0;
    for (unsigned i = 0; i < LIMITS_ITEMS_MAX && list.len > 0; i++) {
        struct view item = view_trim(view_cut(&list, ','));
        struct view time = view_cut(&item, ':'), categories = view_cut(&item, ':');
        uint64_t value;
        if (!read_seconds(time, &value))
            continue;
        is_read = true;
        if (is_about_events(categories) && value > *seconds)
            *seconds = value;
    }
    return is_read;
}

/* Where the server says which categories it means, that counts, also on a 429 about others. */
static uint64_t seconds_of(const struct sentry_limits_answer *answer)
{
    uint64_t seconds;
    if (read_rate_limits(answer->rate_limits, &seconds))
        return seconds;
    if (answer->status != TOO_MANY_REQUESTS)
        return 0;
    if (read_seconds(answer->retry_after, &seconds) ||
        read_date(answer->retry_after, answer->wall_ns, &seconds))
        return seconds;
    return SENTRY_LIMITS_DEFAULT_S;
}

void sentry_limits_learn(struct sentry_limits *limits, uint64_t now_ns,
                         const struct sentry_limits_answer *answer)
{
    uint64_t seconds = seconds_of(answer);
    uint64_t until_ns = seconds > 0 ? now_ns + seconds * SECOND_NS : 0;
    if (until_ns > limits->until_ns)
        limits->until_ns = until_ns;
}
