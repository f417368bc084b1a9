#include "lb/config/config_policy.h"

#include "lb/config/config_kind.h"

#define FIELD(name) CONFIG_FIELD(struct config_policy, name)

#define HOUR_MS UINT64_C(3600000)
#define DEADLINE                                                                                   \
    .kind = &kind_duration, .group = CONFIG_GROUP_DEADLINE, .value_name = "TIME", .min = 0,        \
    .max = 24 * HOUR_MS
#define CHECK       .kind = &kind_check, .group = CONFIG_GROUP_HEALTH, FIELD(check)
#define CHECK_COUNT .kind = &kind_check_count, .group = CONFIG_GROUP_HEALTH, FIELD(check)

static const char *const off_on[] = {"off", "on", NULL};

/* clang-format off */
static const struct config_setting deadlines[] = {
    {.word = "connect-timeout", DEADLINE, .default_text = "300ms", FIELD(connect_timeout_ms),
     .help = "connecting to a private address; then another is tried, too"},
    {.word = "far-connect-timeout", DEADLINE, .default_text = "2s",
     FIELD(far_connect_timeout_ms),
     .help = "the same for a public address"},
    {.word = "last-connect-timeout", DEADLINE, .default_text = "5s",
     FIELD(last_connect_timeout_ms),
     .help = "connecting to a backend when no other one is left"},
    {.word = "response-timeout", DEADLINE, .default_text = "1m", FIELD(response_timeout_ms),
     .help = "request sent until the head of the response"},
    {.word = "body-timeout", DEADLINE, .default_text = "30s", FIELD(body_timeout_ms),
     .help = "body without progress, in either direction"},
    {.word = "stream-timeout", DEADLINE, .default_text = "1h", FIELD(stream_timeout_ms),
     .help = "the same for an answer without a length, or a stream of events"},
    {.word = "tunnel-timeout", DEADLINE, .default_text = "1h", FIELD(tunnel_timeout_ms),
     .help = "WebSocket or other tunnel without a byte, in either direction"},
    {.word = "upstream-idle-timeout", DEADLINE, .default_text = "1m",
     FIELD(upstream_idle_timeout_ms),
     .help = "connection to a backend between requests"},
    {.word = "hold", .kind = &kind_duration, .group = CONFIG_GROUP_DEADLINE,
     .value_name = "TIME", .max = HOUR_MS, .default_text = "10s", FIELD(hold_ms),
     .help = "a request waits so long where no backend is there; 0: no"},
};

static const struct config_setting health[] = {
    {.word = "check-mode", CHECK, .value_name = "MODE", .takes_off = true, .default_text = "auto",
     .help = "tcp, http, off, or auto: http where a path is given"},
    {.word = "check-path", CHECK, .value_name = "PATH",
     .help = "asked at first contact and again and again"},
    {.word = "check-method", CHECK, .value_name = "METHOD", .default_text = "GET",
     .help = "with this method"},
    {.word = "check-host", CHECK, .value_name = "HOST",
     .help = "the value of Host, instead of the address"},
    {.word = "check-port", CHECK_COUNT, .value_name = "PORT",
     .help = "asked at this port, instead of that of requests"},
    {.word = "check-header", CHECK, .value_name = "FIELDS",
     .help = "with Name: value too, several with | between them"},
    {.word = "check-status", CHECK, .value_name = "CODES", .default_text = "200-399",
     .help = "codes or ranges that are good, separated by commas"},
    {.word = "check-text", CHECK, .value_name = "TEXT",
     .help = "has to be in the first 64 KiB of the answer"},
    {.word = "check-interval", CHECK, .value_name = "TIME", .default_text = "5s",
     .help = "from one check to the next, a tenth less or more"},
    {.word = "check-timeout", CHECK, .value_name = "TIME", .default_text = "2s",
     .help = "a check that takes longer has failed"},
    {.word = "check-rise", CHECK_COUNT, .value_name = "N", .default_text = "2",
     .help = "good checks in a row that bring a backend back"},
    {.word = "check-fall", CHECK_COUNT, .value_name = "N", .default_text = "3",
     .help = "failed checks in a row that take it out"},
    {.word = "eject-after", .kind = &kind_count, .group = CONFIG_GROUP_HEALTH,
     .value_name = "N", .default_text = "3", .max = 10000, FIELD(eject_after),
     .help = "attempts that fail in a row take a backend out; 0: never"},
    {.word = "eject-5xx", .kind = &kind_count, .group = CONFIG_GROUP_HEALTH,
     .value_name = "N", .default_text = "0", .max = 10000, FIELD(eject_5xx),
     .help = "the same for answers 5xx in a row; 0: never"},
    {.word = "eject-time", .kind = &kind_duration, .group = CONFIG_GROUP_HEALTH,
     .value_name = "TIME", .default_text = "1s", .min = 10, .max = 60000,
     FIELD(eject_time_ms),
     .help = "for how long; doubled each time, up to 1m"},
    {.word = "eject-max", .kind = &kind_count, .group = CONFIG_GROUP_HEALTH,
     .value_name = "PERCENT", .default_text = "50", .min = 1, .max = 100,
     FIELD(eject_max_percent),
     .help = "of the pool at most at a time; one always may be"},
    {.word = "panic-below", .kind = &kind_count, .group = CONFIG_GROUP_HEALTH,
     .value_name = "PERCENT", .default_text = "25", .max = 100, FIELD(panic_below_percent),
     .help = "healthy: then failing and ejected ones are used too"},
    {.word = "panic-unhealthy", .kind = &kind_word, .group = CONFIG_GROUP_HEALTH,
     .value_name = "on|off", .words = off_on, .default_text = "on", FIELD(panic_unhealthy),
     .help = "and those whose own HEALTHCHECK fails"},
    {.word = "slow-start", .kind = &kind_duration, .group = CONFIG_GROUP_HEALTH,
     .value_name = "TIME", .default_text = "0s", .max = 24 * HOUR_MS, FIELD(slow_start_ms),
     .help = "a backend that comes gets its full share after it; 0: at once"},
};

static const struct config_setting retries[] = {
    {.word = "retry-budget", .kind = &kind_count, .group = CONFIG_GROUP_LIMIT,
     .value_name = "PERCENT", .default_text = "20", .max = 100, FIELD(retry_budget_percent),
     .help = "retries for a hundred requests; a hundred are in stock"},
};
/* clang-format on */

const struct config_table config_policy_deadlines = CONFIG_TABLE(struct config_policy, deadlines);
const struct config_table config_policy_health = CONFIG_TABLE(struct config_policy, health);
const struct config_table config_policy_retries = CONFIG_TABLE(struct config_policy, retries);
