#include "discovery/dialect/traefik_balance.h"

#include <stdio.h>

#include "lb/base/yes_no.h"

#define STRATEGY     "loadbalancer.strategy"
#define STICKY       "loadbalancer.sticky"
#define COOKIE       STICKY ".cookie"
#define AGE_MAX_S    3456000u /* what browsers take, and lb: 40 days */
#define PREFIX_BYTES 128

struct reading {
    struct claims *claims;
    const struct traefik_item *item;
    struct claim_wish *wish;
    char prefix[PREFIX_BYTES]; /* "the service s: " */
};

static const char *get(const struct reading *reading, const char *word)
{
    return traefik_item_get(reading->item, word);
}

static bool is_on(const struct reading *reading, const char *word)
{
    return yes_no_read(view_str(get(reading, word))) == YES_NO_YES;
}

static void tell(const struct reading *reading, const char *what)
{
    claims_remark(reading->claims, "%s%s", reading->prefix, what);
}

/* ---- strategy ------------------------------------------------------------------------------- */

/* Of lb; where Traefik has no such word, or none is given, "". */
static const char *algorithm_of(const struct reading *reading)
{
    static const struct {
        const char *strategy, *algorithm;
    } strategies[] = {{"wrr", "round-robin"},
                      {"p2c", "least-requests"},
                      {"leasttime", "least-requests"},
                      {"hrw", "hash client"}};
    const char *strategy = get(reading, STRATEGY);
    if (strcmp(strategy, "leasttime") == 0)
        tell(reading, STRATEGY "=leasttime is not supported; least-requests is what is nearest");
    for (size_t i = 0; i < sizeof(strategies) / sizeof(strategies[0]); i++)
        if (strcmp(strategy, strategies[i].strategy) == 0)
            return strategies[i].algorithm;
    if (strategy[0] != '\0')
        tell(reading, STRATEGY ": wrr, p2c, hrw or leasttime is accepted");
    return "";
}

/* ---- cookie --------------------------------------------------------------------------------- */

static bool is_sticky(const struct reading *reading)
{
    bool is_told_not_to =
        yes_no_read(view_str(get(reading, COOKIE))) == YES_NO_NO || !reading->wish;
    return traefik_item_has(reading->item, COOKIE) && !is_told_not_to;
}

static void append(struct text *cookie, const char *word, const char *value)
{
    if (value[0] != '\0')
        text_appendf(cookie, "%s%s%s", cookie->len > 0 ? " " : "", word, value);
}

/* Seconds; 0 lives as long as the browser runs. */
static void append_age(const struct reading *reading, struct text *cookie)
{
    const char *age = get(reading, COOKIE ".maxage");
    uint64_t seconds = 0;
    char value[24];
    if (age[0] != '\0' && !view_parse_u64(view_str(age), AGE_MAX_S, &seconds))
        tell(reading, COOKIE ".maxage: 0 to 3456000 is accepted");
    snprintf(value, sizeof(value), "%us", (unsigned)seconds);
    if (seconds > 0)
        append(cookie, "max-age=", value);
}

static void read_cookie(const struct reading *reading)
{
    struct text cookie = TEXT_INIT;
    append(&cookie, "name=", get(reading, COOKIE ".name"));
    append(&cookie, "", is_on(reading, COOKIE ".secure") ? "secure" : "");
    append(&cookie, "samesite=", get(reading, COOKIE ".samesite"));
    append_age(reading, &cookie);
    append(&cookie, "domain=", get(reading, COOKIE ".domain"));
    append(&cookie, "path=", get(reading, COOKIE ".path"));
    if (yes_no_read(view_str(get(reading, COOKIE ".httponly"))) == YES_NO_NO)
        tell(reading, COOKIE ".httponly=false: lb's cookie is always HttpOnly");
    if (cookie.len > 0)
        claims_ask(reading->claims, reading->wish, SERVICE_OPTION_STICKY, text_view(&cookie),
                   reading->prefix);
    text_fini(&cookie);
}

void traefik_balance_read(struct claims *claims, const struct traefik_item *item,
                          struct view service)
{
    struct reading reading = {.claims = claims, .item = item};
    char balance[64];
    if (!traefik_item_has(item, STRATEGY) && !traefik_item_has(item, STICKY))
        return;
    reading.wish = claims_find_wish(claims, service);
    snprintf(reading.prefix, sizeof(reading.prefix), "the service %s: ", item->name);
    snprintf(balance, sizeof(balance), "%s%s", is_sticky(&reading) ? "sticky " : "",
             algorithm_of(&reading));
    if (traefik_item_has(item, STICKY) && !traefik_item_has(item, COOKIE))
        tell(&reading, STICKY " does nothing without " COOKIE);
    if (balance[0] != '\0' && reading.wish)
        claims_ask(claims, reading.wish, SERVICE_OPTION_BALANCE, view_trim(view_str(balance)),
                   reading.prefix);
    if (is_sticky(&reading))
        read_cookie(&reading);
}
