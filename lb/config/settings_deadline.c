/* Deadlines of the whole program, and those that a service can have its own of. */
#include "lb/config/settings.h"

#include "lb/config/config.h"
#include "lb/config/config_kind.h"

#define FIELD(name) CONFIG_FIELD(struct config, name)
#define DEADLINE                                                                                   \
    .kind = &kind_duration, .group = CONFIG_GROUP_DEADLINE, .value_name = "TIME", .min = 0,        \
    .max = CONFIG_DURATION_MAX_MS

/* clang-format off */
static const struct config_setting settings[] = {
    {.word = "head-timeout", DEADLINE, .default_text = "10s", FIELD(head_timeout_ms),
     .help = "first byte of a request until its head is complete",
     .manual = "First byte of a request until its head is complete; then 408.\n"},
    {.word = "idle-timeout", DEADLINE, .default_text = "75s", FIELD(idle_timeout_ms),
     .help = "client connection between requests",
     .manual = "A client's connection between requests; then it is closed.\n"},
    {.table = &config_policy_deadlines, FIELD(policy)},
    {.word = "shutdown-delay", .kind = &kind_duration, .group = CONFIG_GROUP_DEADLINE,
     .value_name = "TIME", .max = CONFIG_DURATION_MAX_MS, .default_text = "1s", FIELD(shutdown_delay_ms),
     .help = "SIGTERM until it stops accepting; 0s: at once",
     .manual = "From SIGTERM until\n"
               ".Nm\n"
               "stops accepting.\n"
               "Meanwhile\n"
               ".Pa /readyz\n"
               "answers 503, and each answer closes its connection.\n"
               "0s: stop at once.\n"},
    {.word = "shutdown-grace", DEADLINE, .default_text = "7s", FIELD(shutdown_grace_ms),
     .help = "for requests that still run when lb is told to stop",
     .manual = "How long requests that still run may take when\n"
               ".Nm\n"
               "is told to stop; then they are cut off, tunnels too.\n"
               "With the delay it leaves within the ten seconds that\n"
               ".Ql docker stop\n"
               "grants.\n"},
    {.word = "resolve-interval", .kind = &kind_duration, .group = CONFIG_GROUP_DEADLINE,
     .value_name = "TIME", .max = CONFIG_DURATION_MAX_MS, .default_text = "30s", FIELD(resolve_interval_ms),
     .help = "from one look-up of a name of --backend to the next; 0: once",
     .manual = "From one look-up of a name of\n"
               ".Fl Fl backend\n"
               "to the next.\n"
               "One that fails is asked for again after a second, then two and so on up to\n"
               "this time; meanwhile its last addresses\n"
               "stay in use.\n"
               "0: a name that is known is asked for again only when all its addresses fail.\n"},
    {.word = "discovery-timeout", DEADLINE, .default_text = "20s", FIELD(discovery_timeout_ms),
     .help = "lb-discovery without a sign of life; then it is started again",
     .manual = ".Xr lb-discovery 8\n"
               "without a sign of life; then it is ended and started again.\n"},
};
/* clang-format on */

const struct config_table settings_deadline = CONFIG_TABLE(struct config, settings);
