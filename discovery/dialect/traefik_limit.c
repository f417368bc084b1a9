#include "discovery/dialect/traefik_limit.h"

#include <stdio.h>
#include <string.h>

#define COUNT_MAX    1000000u /* of requests, in one period and at once */
#define PERIOD_MAX_S 86400u
#define MS_PER_S     1000u
#define NUMBER_MAX   UINT32_MAX
#define RETRIES_MAX  7u

/* ---- numbers -------------------------------------------------------------------------------- */

/* What is not given is `otherwise`. False: it is no number. */
static bool get_number(const struct traefik_item *item, const char *word, uint64_t otherwise,
                       uint64_t *out)
{
    struct view value = view_str(traefik_item_get(item, word));
    *out = otherwise;
    return value.len == 0 || view_parse_u64(value, NUMBER_MAX, out);
}

/* The unit at the start of `*rest`, which loses it; 0: there is none. */
static uint64_t cut_unit_ms(struct view *rest)
{
    static const struct {
        struct view name;
        uint64_t ms;
    } units[] = {{{"ms", 2}, 1}, {{"s", 1}, MS_PER_S}, {{"m", 1}, 60000}, {{"h", 1}, 3600000}};
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (view_starts_with(*rest, units[i].name)) {
            *rest = view_skip(*rest, units[i].name.len);
            return units[i].ms;
        }
    return 0;
}

/* Of Go, in whole numbers: 1m30s; a number alone is one of seconds. */
static bool parse_time(struct view text, uint64_t *out_ms)
{
    uint64_t number;
    bool is_good = text.len > 0;
    if (view_parse_u64(text, PERIOD_MAX_S, &number)) {
        *out_ms = number * MS_PER_S;
        return true;
    }
    for (*out_ms = 0; text.len > 0 && is_good;) {
        size_t len = 0;
        while (len < text.len && text.ptr[len] >= '0' && text.ptr[len] <= '9')
            len++;
        struct view digits = view_of(text.ptr, len);
        text = view_skip(text, len);
        uint64_t unit_ms = cut_unit_ms(&text);
        is_good = unit_ms > 0 && view_parse_u64(digits, NUMBER_MAX, &number);
        *out_ms += is_good ? number * unit_ms : 0;
    }
    return is_good;
}

/* ---- rate ----------------------------------------------------------------------------------- */

struct rate {
    uint64_t count, period_ms, burst;
};

/* What Traefik takes where nothing is said: one second, one request at once. */
static bool read_rate(const struct traefik_item *item, struct rate *out)
{
    struct view period = view_str(traefik_item_get(item, "ratelimit.period"));
    out->period_ms = MS_PER_S;
    return get_number(item, "ratelimit.average", 0, &out->count) &&
           get_number(item, "ratelimit.burst", 1, &out->burst) &&
           (period.len == 0 || (parse_time(period, &out->period_ms) && out->period_ms > 0));
}

/* As many in whole seconds, and no more. False: lb counts no such rate. */
static bool round_rate(struct rate *rate)
{
    uint64_t period_s = (rate->period_ms + MS_PER_S - 1) / MS_PER_S;
    if (rate->count > COUNT_MAX || period_s > PERIOD_MAX_S)
        return false;
    rate->count = rate->count * (period_s * MS_PER_S) / rate->period_ms;
    rate->period_ms = period_s * MS_PER_S;
    rate->burst += rate->burst == 0;
    return rate->count <= COUNT_MAX && rate->burst <= COUNT_MAX;
}

/* Clients are told apart by lb's own rules, whatever the source criterion is. */
static void tell_criterion(struct traefik_treatment *treatment, const struct traefik_item *item)
{
    static const char *const known[] = {"ratelimit.average", "ratelimit.period", "ratelimit.burst",
                                        "ratelimit.sourcecriterion", NULL};
    if (traefik_item_has(item, "ratelimit.sourcecriterion"))
        claims_remark(treatment->claims,
                      "the middleware %s: sourcecriterion is not supported: the rate is that of "
                      "each client's address",
                      item->name);
    traefik_treatment_tell_others(treatment, item, known);
}

void traefik_limit_rate(struct traefik_treatment *treatment, const struct traefik_item *item)
{
    struct rate rate;
    char value[64];
    bool is_good = read_rate(item, &rate);
    tell_criterion(treatment, item);
    if (is_good && rate.count == 0)
        return; /* it is off */
    if (!is_good || !round_rate(&rate)) {
        traefik_treatment_refuse(treatment, CLAIMS_DENIED_STATUS,
                                 "the middleware %s: an average and a burst of up to %u requests "
                                 "and a period of up to 24h are supported",
                                 item->name, COUNT_MAX);
        return;
    }
    snprintf(value, sizeof(value), "%u/%us burst %u", (unsigned)rate.count,
             (unsigned)(rate.period_ms / MS_PER_S), (unsigned)rate.burst);
    if (traefik_treatment_asks(treatment, ROUTE_OPTION_RATE) &&
        !view_eq(treatment->wishes.values[ROUTE_OPTION_RATE], view_str(value)))
        traefik_treatment_refuse(treatment, CLAIMS_DENIED_STATUS,
                                 "the middleware %s: one rate of a router is supported",
                                 item->name);
    traefik_treatment_ask(treatment, item, ROUTE_OPTION_RATE, view_str(value));
}

/* ---- bodies and attempts -------------------------------------------------------------------- */

void traefik_limit_body(struct traefik_treatment *treatment, const struct traefik_item *item)
{
    static const char *const known[] = {"buffering.maxrequestbodybytes", NULL};
    struct view value = view_str(traefik_item_get(item, known[0]));
    uint64_t bytes, before;
    traefik_treatment_tell_others(treatment, item, known);
    if (value.len == 0)
        return;
    if (!view_parse_u64(value, INT64_MAX, &bytes))
        traefik_treatment_refuse(treatment, TRAEFIK_ERROR_STATUS,
                                 "the middleware %s: a number of bytes is accepted", item->name);
    else if (bytes > 0 && (!view_parse_u64(treatment->wishes.values[ROUTE_OPTION_MAX_BODY],
                                           INT64_MAX, &before) ||
                           bytes < before))
        traefik_treatment_ask(treatment, item, ROUTE_OPTION_MAX_BODY, value);
}

/* Traefik counts the first attempt, too. */
void traefik_limit_retries(struct traefik_treatment *treatment, const struct traefik_item *item)
{
    static const char *const known[] = {"retry.attempts", NULL};
    uint64_t attempts;
    char value[24];
    traefik_treatment_tell_others(treatment, item, known);
    if (!get_number(item, known[0], 0, &attempts) || attempts == 0) {
        traefik_treatment_refuse(treatment, TRAEFIK_ERROR_STATUS,
                                 "the middleware %s: a number of attempts from 1 on is accepted",
                                 item->name);
    } else if (traefik_treatment_asks(treatment, ROUTE_OPTION_RETRIES)) {
        claims_remark(treatment->claims, "the middleware %s: an earlier one's attempts count",
                      item->name);
    } else {
        if (attempts > RETRIES_MAX + 1)
            claims_remark(treatment->claims, "the middleware %s: %u attempts are the most",
                          item->name, RETRIES_MAX + 1);
        attempts = attempts > RETRIES_MAX + 1 ? RETRIES_MAX + 1 : attempts;
        snprintf(value, sizeof(value), "%u", (unsigned)(attempts - 1));
        traefik_treatment_ask(treatment, item, ROUTE_OPTION_RETRIES, view_str(value));
    }
}
