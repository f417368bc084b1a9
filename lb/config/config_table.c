#include "lb/config/config_table.h"

#include "lb/base/edits.h"

#define FIELD(name)                                                                                \
    .offset = offsetof(struct config, name), .width_bytes = sizeof(((struct config *)NULL)->name)

#define HOUR_MS UINT64_C(3600000)
#define DEADLINE                                                                                   \
    .kind = CONFIG_KIND_DURATION, .group = CONFIG_GROUP_DEADLINE, .value_name = "TIME", .min = 0,  \
    .max = 24 * HOUR_MS
#define CHECK .kind = CONFIG_KIND_CHECK, .group = CONFIG_GROUP_HEALTH

/* In the order of enum log_level and enum log_format. */
static const char *const log_levels[] = {"debug", "info", "warn", "error", NULL};
static const char *const log_formats[] = {"auto", "plain", "json", NULL};

/* What lb/observe/access_format.h knows besides templates. */
static const char *const access_formats[] = {"json", "combined", "logstalgia", "haproxy", NULL};

static const char *const off_on[] = {"off", "on", NULL};
static const char *const off_on_read[] = {"off", "on", "read", NULL};

/* clang-format off */
static const struct config_setting settings[] = {
    {.word = "listen", .kind = CONFIG_KIND_LISTEN, .group = CONFIG_GROUP_LISTEN,
     .value_name = "IP:PORT", .default_text = "0.0.0.0:8000", .needs_restart = true,
     .help = "for requests; repeatable; 8000 means 0.0.0.0:8000"},
    {.word = "admin", .kind = CONFIG_KIND_ADMIN, .group = CONFIG_GROUP_LISTEN,
     .value_name = "IP:PORT|off", .default_text = "127.0.0.1:8001", .needs_restart = true,
     .help = "health, state and orders; 8001 means 127.0.0.1:8001"},
    {.word = "admin-token", .kind = CONFIG_KIND_SECRET, .group = CONFIG_GROUP_LISTEN,
     .value_name = "TOKEN", FIELD(admin_token),
     .help = "what its askers must know; better in a file"},
    {.word = "admin-token-file", .kind = CONFIG_KIND_PATH, .group = CONFIG_GROUP_LISTEN,
     .value_name = "FILE", FIELD(admin_token_file),
     .help = "that has this token and nothing else"},
    {.word = "admin-open", .kind = CONFIG_KIND_WORD, .group = CONFIG_GROUP_LISTEN,
     .value_name = "on|read|off", .words = off_on_read, .default_text = "off", FIELD(admin_open),
     .help = "ask for no token; read: but take no orders from elsewhere"},
    {.word = "admin-host", .kind = CONFIG_KIND_NAME, .group = CONFIG_GROUP_LISTEN,
     .value_name = "NAME", FIELD(admin_host),
     .help = "a name with a dot that it may be asked under without a token"},
    {.word = "admin-behind-proxy", .kind = CONFIG_KIND_WORD, .group = CONFIG_GROUP_LISTEN,
     .value_name = "on|off", .words = off_on, .default_text = "off", FIELD(admin_behind_proxy),
     .help = "answer what a proxy passes on, too"},

    {.word = "trusted-proxies", .kind = CONFIG_KIND_CIDR, .group = CONFIG_GROUP_LISTEN,
     .value_name = "CIDR,...", FIELD(trusted),
     .help = "whose X-Forwarded-* fields are believed; repeatable [nobody's]"},
    {.word = "forwarded", .kind = CONFIG_KIND_WORD, .group = CONFIG_GROUP_LISTEN,
     .value_name = "on|off", .words = off_on, .default_text = "off", FIELD(adds_forwarded),
     .help = "add the standard field Forwarded (RFC 7239) too"},
    {.word = "via", .kind = CONFIG_KIND_WORD, .group = CONFIG_GROUP_LISTEN,
     .value_name = "on|off", .words = off_on, .default_text = "on", FIELD(adds_via),
     .help = "name lb in Via; off: nginx backends compress, loops stay unseen"},
    {.word = "abort-on-close", .kind = CONFIG_KIND_WORD, .group = CONFIG_GROUP_LISTEN,
     .value_name = "on|off", .words = off_on, .default_text = "off", FIELD(aborts_on_close),
     .help = "give up what a client asked for when it shuts its side"},

    {.word = "error-page", .kind = CONFIG_KIND_ERROR_PAGE, .group = CONFIG_GROUP_LISTEN,
     .value_name = "CODE=FILE",
     .help = "what clients get with this status of lb's own; repeatable"},

    {.word = "docker", .kind = CONFIG_KIND_DOCKER, .group = CONFIG_GROUP_SOURCE,
     .value_name = "ENDPOINT", .needs_restart = true,
     .help = "follow Docker [$DOCKER_HOST, else unix:///var/run/docker.sock]"},
    {.word = "file", .kind = CONFIG_KIND_FILE, .group = CONFIG_GROUP_SOURCE,
     .value_name = "PATH", .needs_restart = true,
     .help = "follow a JSON list of services in a file"},
    {.word = "backend", .kind = CONFIG_KIND_BACKEND, .group = CONFIG_GROUP_SOURCE,
     .value_name = "HOST:PORT",
     .help = "a fixed backend; repeatable; a name stands for all its addresses"},
    {.word = "service", .kind = CONFIG_KIND_NAME, .group = CONFIG_GROUP_SOURCE,
     .value_name = "NAME", .default_text = "appserver", FIELD(service),
     .help = "the service that / goes to"},
    {.word = "allow-address", .kind = CONFIG_KIND_CIDR, .group = CONFIG_GROUP_SOURCE,
     .value_name = "CIDR,...", FIELD(allowed),
     .help = "labels may lead there: loopback, link-local; repeatable [nowhere]"},
    {.word = "discovery", .kind = CONFIG_KIND_PATH, .group = CONFIG_GROUP_SOURCE,
     .value_name = "PROGRAM", FIELD(discovery_program), .needs_restart = true,
     .help = "follows Docker or the file [lb-discovery beside lb, else on PATH]"},

    {.word = "head-timeout", DEADLINE, .default_text = "10s", FIELD(head_timeout_ms),
     .help = "first byte of a request until its head is complete"},
    {.word = "idle-timeout", DEADLINE, .default_text = "75s", FIELD(idle_timeout_ms),
     .help = "client connection between requests"},
    {.word = "connect-timeout", DEADLINE, .default_text = "300ms", FIELD(policy.connect_timeout_ms),
     .help = "connecting to a private address; then another is tried, too"},
    {.word = "far-connect-timeout", DEADLINE, .default_text = "2s",
     FIELD(policy.far_connect_timeout_ms),
     .help = "the same for a public address"},
    {.word = "last-connect-timeout", DEADLINE, .default_text = "5s",
     FIELD(policy.last_connect_timeout_ms),
     .help = "connecting to a backend when no other one is left"},
    {.word = "response-timeout", DEADLINE, .default_text = "1m", FIELD(policy.response_timeout_ms),
     .help = "request sent until the head of the response"},
    {.word = "body-timeout", DEADLINE, .default_text = "30s", FIELD(policy.body_timeout_ms),
     .help = "body without progress, in either direction"},
    {.word = "stream-timeout", DEADLINE, .default_text = "1h", FIELD(policy.stream_timeout_ms),
     .help = "the same for an answer without a length, or a stream of events"},
    {.word = "tunnel-timeout", DEADLINE, .default_text = "1h", FIELD(policy.tunnel_timeout_ms),
     .help = "WebSocket or other tunnel without a byte, in either direction"},
    {.word = "upstream-idle-timeout", DEADLINE, .default_text = "1m",
     FIELD(policy.upstream_idle_timeout_ms),
     .help = "connection to a backend between requests"},
    {.word = "hold", .kind = CONFIG_KIND_DURATION, .group = CONFIG_GROUP_DEADLINE,
     .value_name = "TIME", .max = HOUR_MS, .default_text = "10s", FIELD(policy.hold_ms),
     .help = "a request waits so long where no backend is there; 0: no"},
    {.word = "shutdown-delay", .kind = CONFIG_KIND_DURATION, .group = CONFIG_GROUP_DEADLINE,
     .value_name = "TIME", .max = 24 * HOUR_MS, .default_text = "1s", FIELD(shutdown_delay_ms),
     .help = "SIGTERM until it stops accepting; 0s: at once"},
    {.word = "shutdown-grace", DEADLINE, .default_text = "7s", FIELD(shutdown_grace_ms),
     .help = "for requests that still run when lb is told to stop"},
    {.word = "resolve-interval", .kind = CONFIG_KIND_DURATION, .group = CONFIG_GROUP_DEADLINE,
     .value_name = "TIME", .max = 24 * HOUR_MS, .default_text = "30s", FIELD(resolve_interval_ms),
     .help = "from one look-up of a name of --backend to the next; 0: once"},
    {.word = "discovery-timeout", DEADLINE, .default_text = "20s", FIELD(discovery_timeout_ms),
     .help = "lb-discovery without a sign of life; then it is started again"},

    {.word = "check-mode", CHECK, .value_name = "MODE", .default_text = "auto",
     .help = "tcp, http, off, or auto: http where a path is given"},
    {.word = "check-path", CHECK, .value_name = "PATH",
     .help = "asked at first contact and again and again"},
    {.word = "check-method", CHECK, .value_name = "METHOD", .default_text = "GET",
     .help = "with this method"},
    {.word = "check-host", CHECK, .value_name = "HOST",
     .help = "the value of Host, instead of the address"},
    {.word = "check-port", CHECK, .value_name = "PORT",
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
    {.word = "check-rise", CHECK, .value_name = "N", .default_text = "2",
     .help = "good checks in a row that bring a backend back"},
    {.word = "check-fall", CHECK, .value_name = "N", .default_text = "3",
     .help = "failed checks in a row that take it out"},
    {.word = "eject-after", .kind = CONFIG_KIND_COUNT, .group = CONFIG_GROUP_HEALTH,
     .value_name = "N", .default_text = "3", .max = 10000, FIELD(policy.eject_after),
     .help = "attempts that fail in a row take a backend out; 0: never"},
    {.word = "eject-5xx", .kind = CONFIG_KIND_COUNT, .group = CONFIG_GROUP_HEALTH,
     .value_name = "N", .default_text = "0", .max = 10000, FIELD(policy.eject_5xx),
     .help = "the same for answers 5xx in a row; 0: never"},
    {.word = "eject-time", .kind = CONFIG_KIND_DURATION, .group = CONFIG_GROUP_HEALTH,
     .value_name = "TIME", .default_text = "1s", .min = 10, .max = 60000,
     FIELD(policy.eject_time_ms),
     .help = "for how long; doubled each time, up to 1m"},
    {.word = "eject-max", .kind = CONFIG_KIND_COUNT, .group = CONFIG_GROUP_HEALTH,
     .value_name = "PERCENT", .default_text = "50", .min = 1, .max = 100,
     FIELD(policy.eject_max_percent),
     .help = "of the pool at most at a time; one always may be"},
    {.word = "panic-below", .kind = CONFIG_KIND_COUNT, .group = CONFIG_GROUP_HEALTH,
     .value_name = "PERCENT", .default_text = "25", .max = 100, FIELD(policy.panic_below_percent),
     .help = "healthy: then failing and ejected ones are used too"},
    {.word = "panic-unhealthy", .kind = CONFIG_KIND_WORD, .group = CONFIG_GROUP_HEALTH,
     .value_name = "on|off", .words = off_on, .default_text = "on", FIELD(policy.panic_unhealthy),
     .help = "and those whose own HEALTHCHECK fails"},
    {.word = "slow-start", .kind = CONFIG_KIND_DURATION, .group = CONFIG_GROUP_HEALTH,
     .value_name = "TIME", .default_text = "0s", .max = 24 * HOUR_MS, FIELD(policy.slow_start_ms),
     .help = "a backend that comes gets its full share after it; 0: at once"},

    {.word = "workers", .kind = CONFIG_KIND_COUNT, .group = CONFIG_GROUP_LIMIT,
     .value_name = "N", .default_text = "0", .max = 1024, FIELD(worker_count),
     .needs_restart = true,
     .help = "threads that serve requests; 0: one for each CPU lb may use"},
    {.word = "max-head", .kind = CONFIG_KIND_SIZE, .group = CONFIG_GROUP_LIMIT,
     .value_name = "SIZE", .default_text = "16k", .min = 1024, .max = 65536,
     FIELD(max_head_bytes),
     .help = "head of a request"},
    {.word = "max-headers", .kind = CONFIG_KIND_COUNT, .group = CONFIG_GROUP_LIMIT,
     .value_name = "N", .default_text = "100", .min = 1, .max = 128, FIELD(max_header_count),
     .help = "header lines of a request"},
    {.word = "max-target", .kind = CONFIG_KIND_SIZE, .group = CONFIG_GROUP_LIMIT,
     .value_name = "SIZE", .default_text = "8k", .min = 256, .max = 65536,
     FIELD(max_target_bytes),
     .help = "target (path and query) of a request"},
    {.word = "max-body", .kind = CONFIG_KIND_SIZE, .group = CONFIG_GROUP_LIMIT,
     .value_name = "SIZE", .default_text = "0", .max = UINT64_C(1) << 50, FIELD(max_body_bytes),
     .help = "body of a request; 0: no limit"},
    {.word = "max-connections", .kind = CONFIG_KIND_COUNT, .group = CONFIG_GROUP_LIMIT,
     .value_name = "N", .default_text = "0", .max = 10000000, FIELD(max_connection_count),
     .help = "client connections; 0: as many as open files and memory allow"},

    {.word = "max-per-client", .kind = CONFIG_KIND_COUNT,
     .group = CONFIG_GROUP_LIMIT, .value_name = "N", .default_text = "0", .max = 10000000,
     FIELD(max_connections_per_client),
     .help = "from one IP address; 0: no limit"},
    {.word = "max-requests", .kind = CONFIG_KIND_COUNT, .group = CONFIG_GROUP_LIMIT,
     .value_name = "N", .default_text = "0", .max = 1000000000, FIELD(max_request_count),
     .help = "on one connection, which then closes; 0: no limit"},
    {.word = "max-buffers", .kind = CONFIG_KIND_SIZE, .group = CONFIG_GROUP_LIMIT,
     .value_name = "SIZE", .default_text = "0", .max = UINT64_C(1) << 40,
     FIELD(max_buffer_bytes),
     .help = "for bytes that wait; 0: a quarter of lb's memory, 256m at most"},
    {.word = "hold-max", .kind = CONFIG_KIND_COUNT, .group = CONFIG_GROUP_LIMIT,
     .value_name = "N", .default_text = "1000", .max = 1000000, FIELD(max_held_count),
     .help = "requests that wait for a backend (--hold)"},

    {.word = "retry-budget", .kind = CONFIG_KIND_COUNT, .group = CONFIG_GROUP_LIMIT,
     .value_name = "PERCENT", .default_text = "20", .max = 100, FIELD(policy.retry_budget_percent),
     .help = "retries for a hundred requests; a hundred are in stock"},

    {.word = "config", .kind = CONFIG_KIND_PATH, .group = CONFIG_GROUP_OTHER,
     .value_name = "FILE", FIELD(config_path), .flag_only = true,
     .help = "read settings from this JSON file"},
    {.word = "state", .kind = CONFIG_KIND_PATH, .group = CONFIG_GROUP_OTHER,
     .value_name = "FILE", FIELD(state_path), .needs_restart = true,
     .help = "keeps orders (drain, disable, weight) for when lb is started again"},
    {.word = "metrics-compat", .kind = CONFIG_KIND_WORD, .group = CONFIG_GROUP_OTHER,
     .value_name = "on|off", .words = off_on, .default_text = "off", FIELD(metrics_compat),
     .help = "show connections under the nginx exporter's names too"},
    {.word = "log-level", .kind = CONFIG_KIND_WORD, .group = CONFIG_GROUP_OTHER,
     .value_name = "LEVEL", .words = log_levels, .default_text = "info", FIELD(log_level),
     .help = "debug, info, warn or error"},
    {.word = "log-format", .kind = CONFIG_KIND_WORD, .group = CONFIG_GROUP_OTHER,
     .value_name = "FORMAT", .words = log_formats, .default_text = "auto", FIELD(log_format),
     .help = "plain, json, or auto: plain on a terminal, else json"},
    {.word = "access-log", .kind = CONFIG_KIND_PATH, .group = CONFIG_GROUP_OTHER,
     .value_name = "PATH|-|off", .default_text = "-", FIELD(access_log),
     .needs_restart = true,
     .help = "a line for each request; -: standard output; SIGUSR1 reopens it"},
    {.word = "access-log-format", .kind = CONFIG_KIND_TEXT, .group = CONFIG_GROUP_OTHER,
     .value_name = "FORMAT", .words = access_formats, .default_text = "json",
     FIELD(access_log_format), .needs_restart = true,
     .help = "json, combined, logstalgia, haproxy, or a text with %{NAME}s"},
    {.word = "check", .kind = CONFIG_KIND_ACTION, .group = CONFIG_GROUP_OTHER,
     .min = CONFIG_CHECK, .flag_only = true,
     .help = "say whether the settings are right, and exit"},
    {.word = "print-config", .kind = CONFIG_KIND_ACTION, .group = CONFIG_GROUP_OTHER,
     .min = CONFIG_PRINT, .flag_only = true,
     .help = "print all settings as JSON for --config, and exit"},
    {.word = "print-schema", .kind = CONFIG_KIND_ACTION, .group = CONFIG_GROUP_OTHER,
     .min = CONFIG_SCHEMA, .flag_only = true,
     .help = "print the JSON Schema of this file, and exit"},
    {.word = "healthcheck", .kind = CONFIG_KIND_ACTION, .group = CONFIG_GROUP_OTHER,
     .min = CONFIG_HEALTHCHECK, .flag_only = true,
     .help = "ask the running lb, and exit 0 if it is healthy"},
    {.word = "version", .kind = CONFIG_KIND_ACTION, .group = CONFIG_GROUP_OTHER,
     .min = CONFIG_VERSION, .flag_only = true,
     .help = "print the versions of lb and its libraries, and exit"},
    {.word = "help", .kind = CONFIG_KIND_ACTION, .group = CONFIG_GROUP_OTHER,
     .min = CONFIG_HELP, .flag_only = true,
     .help = "print this, and exit"},
};
/* clang-format on */

const struct config_setting *config_table_at(size_t index)
{
    return index < sizeof(settings) / sizeof(settings[0]) ? &settings[index] : NULL;
}

struct view config_table_check_word(const struct config_setting *setting)
{
    return view_skip(view_str(setting->word), sizeof("check-") - 1);
}

const struct config_setting *config_table_find(struct view word)
{
    const struct config_setting *setting;
    for (size_t i = 0; (setting = config_table_at(i)); i++)
        if (view_eq(word, view_str(setting->word)))
            return setting;
    return NULL;
}

const struct config_setting *config_table_nearest(struct view word, bool in_file)
{
    const struct config_setting *setting, *best = NULL;
    size_t best_edits = SIZE_MAX;
    for (size_t i = 0; (setting = config_table_at(i)); i++) {
        size_t edits = edits_between(word, view_str(setting->word));
        if ((!in_file || !setting->flag_only) && edits < best_edits) {
            best = setting;
            best_edits = edits;
        }
    }
    return edits_are_near(best_edits, word) ? best : NULL;
}

bool config_table_is_switch(const struct config_setting *setting)
{
    return setting->words == off_on || setting->words == off_on_read;
}

bool config_table_can_be_off(const struct config_setting *setting)
{
    if (setting->kind == CONFIG_KIND_DURATION && setting->min == 0)
        return true;
    bool is_check_mode = setting->kind == CONFIG_KIND_CHECK &&
                         view_eq(config_table_check_word(setting), VIEW("mode"));
    for (size_t i = 0; setting->words && setting->words[i]; i++)
        if (strcmp(setting->words[i], "off") == 0)
            return true;
    return is_check_mode || (setting->value_name && strstr(setting->value_name, "|off"));
}

bool config_table_is_port(const struct config_setting *setting)
{
    return setting->kind == CONFIG_KIND_LISTEN || setting->kind == CONFIG_KIND_ADMIN;
}

bool config_table_is_check_count(const struct config_setting *setting)
{
    if (setting->kind != CONFIG_KIND_CHECK)
        return false;
    struct view word = config_table_check_word(setting);
    return view_eq(word, VIEW("port")) || view_eq(word, VIEW("rise")) ||
           view_eq(word, VIEW("fall"));
}

bool config_table_is_list(const struct config_setting *setting)
{
    return setting->kind == CONFIG_KIND_LISTEN || setting->kind == CONFIG_KIND_BACKEND ||
           setting->kind == CONFIG_KIND_CIDR || setting->kind == CONFIG_KIND_ERROR_PAGE;
}

bool config_table_is_source(const struct config_setting *setting)
{
    return setting->kind == CONFIG_KIND_DOCKER || setting->kind == CONFIG_KIND_FILE ||
           setting->kind == CONFIG_KIND_BACKEND;
}
