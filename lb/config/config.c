#include "lb/config/config.h"

#include <stdlib.h>

#include "lb/config/config_field.h"
#include "lb/config/config_kind.h"

#define FIELD(name)                   CONFIG_FIELD(struct config, name)
#define LIST(items, count, max, noun) CONFIG_LIST(struct config, items, count, max, noun)
#define SOURCE(value)                 .choice = &source, .chosen = (value)

#define HOUR_MS UINT64_C(3600000)
#define DEADLINE                                                                                   \
    .kind = &kind_duration, .group = CONFIG_GROUP_DEADLINE, .value_name = "TIME", .min = 0,        \
    .max = 24 * HOUR_MS

/* In the order of enum log_level and enum log_format. */
static const char *const log_levels[] = {"debug", "info", "warn", "error", NULL};
static const char *const log_formats[] = {"auto", "plain", "json", NULL};

/* What lb/observe/access_format.h knows besides templates. */
static const char *const access_formats[] = {"json", "combined", "logstalgia", "haproxy", NULL};

static const char *const off_on[] = {"off", "on", NULL};
static const char *const off_on_read[] = {"off", "on", "read", NULL};

static const struct config_choice source = {
    .offset = offsetof(struct config, source),
    .advice = "name one source of backends: docker, file or backend",
};

/* clang-format off */
static const struct config_setting settings[] = {
    {.word = "listen", .kind = &kind_listen, .group = CONFIG_GROUP_LISTEN,
     .value_name = "IP:PORT", .default_text = "0.0.0.0:8000", .needs_restart = true,
     LIST(listens, listen_count, CONFIG_LISTEN_MAX, "addresses"),
     .help = "for requests; repeatable; 8000 means 0.0.0.0:8000"},
    {.word = "admin", .kind = &kind_listen, .group = CONFIG_GROUP_LISTEN,
     .value_name = "IP:PORT|off", .default_text = "127.0.0.1:8001", .needs_restart = true,
     FIELD(admin), .takes_off = true,
     .help = "health, state and orders; 8001 means 127.0.0.1:8001"},
    {.word = "admin-token", .kind = &kind_secret, .group = CONFIG_GROUP_LISTEN,
     .value_name = "TOKEN", FIELD(admin_token),
     .help = "what its askers must know; better in a file"},
    {.word = "admin-token-file", .kind = &kind_path, .group = CONFIG_GROUP_LISTEN,
     .value_name = "FILE", FIELD(admin_token_file),
     .help = "that has this token and nothing else"},
    {.word = "admin-open", .kind = &kind_word, .group = CONFIG_GROUP_LISTEN,
     .value_name = "on|read|off", .words = off_on_read, .default_text = "off", FIELD(admin_open),
     .help = "ask for no token; read: but take no orders from elsewhere"},
    {.word = "admin-host", .kind = &kind_name, .group = CONFIG_GROUP_LISTEN,
     .value_name = "NAME", FIELD(admin_host),
     .help = "a name with a dot that it may be asked under without a token"},
    {.word = "admin-behind-proxy", .kind = &kind_word, .group = CONFIG_GROUP_LISTEN,
     .value_name = "on|off", .words = off_on, .default_text = "off", FIELD(admin_behind_proxy),
     .help = "answer what a proxy passes on, too"},

    {.word = "trusted-proxies", .kind = &kind_cidr, .group = CONFIG_GROUP_LISTEN,
     .value_name = "CIDR,...",
     LIST(trusted, trusted_count, CONFIG_TRUSTED_MAX, "ranges"), .list.is_split = true,
     .help = "whose X-Forwarded-* fields are believed; repeatable [nobody's]"},
    {.word = "forwarded", .kind = &kind_word, .group = CONFIG_GROUP_LISTEN,
     .value_name = "on|off", .words = off_on, .default_text = "off", FIELD(adds_forwarded),
     .help = "add the standard field Forwarded (RFC 7239) too"},
    {.word = "via", .kind = &kind_word, .group = CONFIG_GROUP_LISTEN,
     .value_name = "on|off", .words = off_on, .default_text = "on", FIELD(adds_via),
     .help = "name lb in Via; off: nginx backends compress, loops stay unseen"},
    {.word = "abort-on-close", .kind = &kind_word, .group = CONFIG_GROUP_LISTEN,
     .value_name = "on|off", .words = off_on, .default_text = "off", FIELD(aborts_on_close),
     .help = "give up what a client asked for when it shuts its side"},

    {.word = "error-page", .kind = &kind_error_page, .group = CONFIG_GROUP_LISTEN,
     .value_name = "CODE=FILE",
     LIST(error_pages, error_page_count, CONFIG_ERROR_PAGE_MAX, "pages"), .list.later_wins = true,
     .help = "what clients get with this status of lb's own; repeatable"},

    {.word = "docker", .kind = &kind_docker, .group = CONFIG_GROUP_SOURCE,
     .value_name = "ENDPOINT", .value_is_optional = true, .needs_restart = true,
     FIELD(docker_endpoint), SOURCE(CONFIG_SOURCE_DOCKER),
     .help = "follow Docker [$DOCKER_HOST, else unix:///var/run/docker.sock]"},
    {.word = "file", .kind = &kind_path, .group = CONFIG_GROUP_SOURCE,
     .value_name = "PATH", .needs_restart = true,
     FIELD(file_path), SOURCE(CONFIG_SOURCE_FILE),
     .help = "follow a JSON list of services in a file"},
    {.word = "backend", .kind = &kind_backend, .group = CONFIG_GROUP_SOURCE,
     .value_name = "HOST:PORT",
     LIST(backends, backend_count, CONFIG_BACKEND_MAX, "backends"), SOURCE(CONFIG_SOURCE_STATIC),
     .help = "a fixed backend; repeatable; a name stands for all its addresses"},
    {.word = "service", .kind = &kind_name, .group = CONFIG_GROUP_SOURCE,
     .value_name = "NAME", .default_text = "appserver", FIELD(service),
     .help = "the service that / goes to"},
    {.word = "allow-address", .kind = &kind_cidr, .group = CONFIG_GROUP_SOURCE,
     .value_name = "CIDR,...",
     LIST(allowed, allowed_count, CONFIG_TRUSTED_MAX, "ranges"), .list.is_split = true,
     .help = "labels may lead there: loopback, link-local; repeatable [nowhere]"},
    {.word = "discovery", .kind = &kind_path, .group = CONFIG_GROUP_SOURCE,
     .value_name = "PROGRAM", FIELD(discovery_program), .needs_restart = true,
     .help = "follows Docker or the file [lb-discovery beside lb, else on PATH]"},

    {.word = "head-timeout", DEADLINE, .default_text = "10s", FIELD(head_timeout_ms),
     .help = "first byte of a request until its head is complete"},
    {.word = "idle-timeout", DEADLINE, .default_text = "75s", FIELD(idle_timeout_ms),
     .help = "client connection between requests"},
    {.table = &config_policy_deadlines, FIELD(policy)},
    {.word = "shutdown-delay", .kind = &kind_duration, .group = CONFIG_GROUP_DEADLINE,
     .value_name = "TIME", .max = 24 * HOUR_MS, .default_text = "1s", FIELD(shutdown_delay_ms),
     .help = "SIGTERM until it stops accepting; 0s: at once"},
    {.word = "shutdown-grace", DEADLINE, .default_text = "7s", FIELD(shutdown_grace_ms),
     .help = "for requests that still run when lb is told to stop"},
    {.word = "resolve-interval", .kind = &kind_duration, .group = CONFIG_GROUP_DEADLINE,
     .value_name = "TIME", .max = 24 * HOUR_MS, .default_text = "30s", FIELD(resolve_interval_ms),
     .help = "from one look-up of a name of --backend to the next; 0: once"},
    {.word = "discovery-timeout", DEADLINE, .default_text = "20s", FIELD(discovery_timeout_ms),
     .help = "lb-discovery without a sign of life; then it is started again"},

    {.table = &config_policy_health, FIELD(policy)},

    {.word = "workers", .kind = &kind_count, .group = CONFIG_GROUP_LIMIT,
     .value_name = "N", .default_text = "0", .max = 1024, FIELD(worker_count),
     .needs_restart = true,
     .help = "threads that serve requests; 0: one for each CPU lb may use"},
    {.word = "max-head", .kind = &kind_size, .group = CONFIG_GROUP_LIMIT,
     .value_name = "SIZE", .default_text = "16k", .min = 1024, .max = 65536,
     FIELD(max_head_bytes),
     .help = "head of a request"},
    {.word = "max-headers", .kind = &kind_count, .group = CONFIG_GROUP_LIMIT,
     .value_name = "N", .default_text = "100", .min = 1, .max = 128, FIELD(max_header_count),
     .help = "header lines of a request"},
    {.word = "max-target", .kind = &kind_size, .group = CONFIG_GROUP_LIMIT,
     .value_name = "SIZE", .default_text = "8k", .min = 256, .max = 65536,
     FIELD(max_target_bytes),
     .help = "target (path and query) of a request"},
    {.word = "max-body", .kind = &kind_size, .group = CONFIG_GROUP_LIMIT,
     .value_name = "SIZE", .default_text = "0", .max = UINT64_C(1) << 50, FIELD(max_body_bytes),
     .help = "body of a request; 0: no limit"},
    {.word = "max-connections", .kind = &kind_count, .group = CONFIG_GROUP_LIMIT,
     .value_name = "N", .default_text = "0", .max = 10000000, FIELD(max_connection_count),
     .help = "client connections; 0: as many as open files and memory allow"},

    {.word = "max-per-client", .kind = &kind_count,
     .group = CONFIG_GROUP_LIMIT, .value_name = "N", .default_text = "0", .max = 10000000,
     FIELD(max_connections_per_client),
     .help = "from one IP address; 0: no limit"},
    {.word = "max-requests", .kind = &kind_count, .group = CONFIG_GROUP_LIMIT,
     .value_name = "N", .default_text = "0", .max = 1000000000, FIELD(max_request_count),
     .help = "on one connection, which then closes; 0: no limit"},
    {.word = "max-buffers", .kind = &kind_size, .group = CONFIG_GROUP_LIMIT,
     .value_name = "SIZE", .default_text = "0", .max = UINT64_C(1) << 40,
     FIELD(max_buffer_bytes),
     .help = "for bytes that wait; 0: a quarter of lb's memory, 256m at most"},
    {.word = "hold-max", .kind = &kind_count, .group = CONFIG_GROUP_LIMIT,
     .value_name = "N", .default_text = "1000", .max = 1000000, FIELD(max_held_count),
     .help = "requests that wait for a backend (--hold)"},

    {.table = &config_policy_retries, FIELD(policy)},

    {.word = "config", .kind = &kind_path, .group = CONFIG_GROUP_OTHER,
     .value_name = "FILE", FIELD(config_path), .flag_only = true,
     .help = "read settings from this JSON file"},
    {.word = "state", .kind = &kind_path, .group = CONFIG_GROUP_OTHER,
     .value_name = "FILE", FIELD(state_path), .needs_restart = true,
     .help = "keeps orders (drain, disable, weight) for when lb is started again"},
    {.word = "metrics-compat", .kind = &kind_word, .group = CONFIG_GROUP_OTHER,
     .value_name = "on|off", .words = off_on, .default_text = "off", FIELD(metrics_compat),
     .help = "show connections under the nginx exporter's names too"},
    {.word = "log-level", .kind = &kind_word, .group = CONFIG_GROUP_OTHER,
     .value_name = "LEVEL", .words = log_levels, .default_text = "info", FIELD(log_level),
     .help = "debug, info, warn or error"},
    {.word = "log-format", .kind = &kind_word, .group = CONFIG_GROUP_OTHER,
     .value_name = "FORMAT", .words = log_formats, .default_text = "auto", FIELD(log_format),
     .help = "plain, json, or auto: plain on a terminal, else json"},
    {.word = "access-log", .kind = &kind_path, .group = CONFIG_GROUP_OTHER,
     .value_name = "PATH|-|off", .default_text = "-", FIELD(access_log), .takes_off = true,
     .needs_restart = true,
     .help = "a line for each request; -: standard output; SIGUSR1 reopens it"},
    {.word = "access-log-format", .kind = &kind_text, .group = CONFIG_GROUP_OTHER,
     .value_name = "FORMAT", .words = access_formats, .default_text = "json",
     FIELD(access_log_format), .needs_restart = true,
     .help = "json, combined, logstalgia, haproxy, or a text with %{NAME}s"},
    {.word = "check", .kind = &kind_action, .group = CONFIG_GROUP_OTHER,
     .action = CONFIG_CHECK, .flag_only = true,
     .help = "say whether the settings are right, and exit"},
    {.word = "print-config", .kind = &kind_action, .group = CONFIG_GROUP_OTHER,
     .action = CONFIG_PRINT, .flag_only = true,
     .help = "print all settings as JSON for --config, and exit"},
    {.word = "print-schema", .kind = &kind_action, .group = CONFIG_GROUP_OTHER,
     .action = CONFIG_SCHEMA, .flag_only = true,
     .help = "print the JSON Schema of this file, and exit"},
    {.word = "healthcheck", .kind = &kind_action, .group = CONFIG_GROUP_OTHER,
     .action = CONFIG_HEALTHCHECK, .flag_only = true,
     .help = "ask the running lb, and exit 0 if it is healthy"},
    {.word = "version", .kind = &kind_action, .group = CONFIG_GROUP_OTHER,
     .action = CONFIG_VERSION, .flag_only = true,
     .help = "print the versions of lb and its libraries, and exit"},
    {.word = "help", .kind = &kind_action, .group = CONFIG_GROUP_OTHER,
     .action = CONFIG_HELP, .flag_only = true,
     .help = "print this, and exit"},
};
/* clang-format on */

const struct config_table config_root = CONFIG_TABLE(struct config, settings);

void config_fini(struct config *config)
{
    config_field_fini_all(&config_root, config);
    free(config->admin_secret);
    *config = (struct config){0};
}
