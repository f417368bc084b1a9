#include "lb/contract/rate.h"

static bool refuse(struct text *problem, const char *why)
{
    text_append_str(problem, why);
    return false;
}

/* "s", "10s", "m", "h". */
static bool parse_period(struct view text, unsigned *out_s)
{
    static const struct {
        char unit;
        unsigned s;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}};
    uint64_t number = 1;
    if (text.len == 0)
        return false;
    char unit = view_lower_char(text.ptr[--text.len]);
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (unit != units[i].unit)
            continue;
        if (text.len > 0 && !view_parse_u64(text, RATE_PERIOD_MAX / units[i].s, &number))
            return false;
        *out_s = (unsigned)number * units[i].s;
        return number > 0;
    }
    return false;
}

static bool parse_count(struct view text, unsigned *out)
{
    uint64_t count;
    if (!view_parse_u64(text, RATE_COUNT_MAX, &count) || count == 0)
        return false;
    *out = (unsigned)count;
    return true;
}

/* " burst 20", or nothing. */
static bool parse_burst(struct view text, struct rate *rate)
{
    text = view_trim(text);
    if (text.len == 0) {
        rate->burst = rate->count;
        return true;
    }
    struct view word = view_cut(&text, ' ');
    return view_eq_nocase(word, VIEW("burst")) && parse_count(view_trim(text), &rate->burst);
}

bool rate_parse(struct view text, struct rate *out, struct text *problem)
{
    struct rate rate = {0};
    struct view rest = view_trim(text);
    struct view speed = view_cut(&rest, ' ');
    struct view count = view_cut(&speed, '/');
    if (!speed.ptr || !parse_count(count, &rate.count) || !parse_period(speed, &rate.period_s))
        return refuse(problem, "is no number from 1 to 1000000 and a time of at most a day");
    if (!parse_burst(rest, &rate))
        return refuse(problem, "has a burst that is no number from 1 to 1000000");
    if (rate_interval_ns(&rate) * rate.burst > RATE_DEBT_MAX_S * UINT64_C(1000000000))
        return refuse(problem, "has a burst that takes longer than a week to come back");
    *out = rate;
    return true;
}

bool rate_check(struct view text, struct text *problem)
{
    struct rate rate;
    return rate_parse(text, &rate, problem);
}

static void append_period(unsigned s, struct text *out)
{
    static const struct {
        unsigned s;
        char unit;
    } units[] = {{3600, 'h'}, {60, 'm'}, {1, 's'}};
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (s % units[i].s != 0)
            continue;
        if (s > units[i].s)
            text_appendf(out, "%u", s / units[i].s);
        text_append_char(out, units[i].unit);
        return;
    }
}

void rate_format(const struct rate *rate, struct text *out)
{
    text_appendf(out, "%u/", rate->count);
    append_period(rate->period_s, out);
    if (rate->burst != rate->count)
        text_appendf(out, " burst %u", rate->burst);
}
