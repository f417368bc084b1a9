#include "lb/crew/settings.h"

#include <stdlib.h>
#include <string.h>

#include "lb/base/memory.h"
#include "lb/config/config_listeners.h"
#include "lb/crew/memory_limit.h"

/* Backends are trusted with more than clients: large cookies are set by them. */
#define RESPONSE_HEAD_BYTES_MAX 65536u

/* What bytes that wait get of the memory lb may use: the rest is for connections, and for what
 * allocators and the kernel need beside it. */
#define BUFFER_SHARE     4u
#define BUFFER_BYTES_MAX (UINT64_C(256) << 20)
#define BUFFER_BYTES_MIN (UINT64_C(1) << 20)

/* A busy client and its backend's connection take less, the kernel's part included. */
#define CLIENT_BYTES 16384u

/* A worker can do its work with so many. */
#define WORKER_BUFFER_BYTES_MIN (UINT64_C(256) << 10)

/* Of one worker. */
static uint64_t buffer_limit(const struct config *config, unsigned worker_count, uint64_t memory)
{
    uint64_t bytes = config->max_buffer_bytes;
    if (bytes == 0) {
        bytes = memory / BUFFER_SHARE < BUFFER_BYTES_MAX ? memory / BUFFER_SHARE : BUFFER_BYTES_MAX;
        bytes = bytes > BUFFER_BYTES_MIN ? bytes : BUFFER_BYTES_MIN;
    }
    bytes /= worker_count;
    return bytes > WORKER_BUFFER_BYTES_MIN ? bytes : WORKER_BUFFER_BYTES_MIN;
}

/* Of one worker. */
static unsigned client_limit(const struct config *config, unsigned worker_count, unsigned most,
                             uint64_t memory)
{
    uint64_t fitting = memory / CLIENT_BYTES / worker_count;
    if (config->max_connection_count == 0 && fitting < most)
        most = fitting > 0 ? (unsigned)fitting : 1;
    unsigned wanted = config->max_connection_count / worker_count;
    if (config->max_connection_count == 0 || wanted > most)
        return most;
    return wanted > 0 ? wanted : 1;
}

/* What a worker keeps of a flow, the kernel's part included. */
#define FLOW_BYTES 4096u

/* Of one worker. */
static unsigned flow_limit(const struct config *config, unsigned worker_count, unsigned most,
                           uint64_t memory)
{
    uint64_t fitting = memory / BUFFER_SHARE / FLOW_BYTES / worker_count;
    uint64_t wanted = config->max_flow_count ? config->max_flow_count / worker_count : fitting;
    if (wanted > most)
        return most;
    return wanted > 0 ? (unsigned)wanted : 1;
}

/* Where none is given. */
#define USUAL_SERVICE "appserver"

const char *settings_service(const struct config *config)
{
    static const char *const others[] = {"auto", "404", "503"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (strcmp(config->default_route, others[i]) == 0)
            return config->service ? config->service : USUAL_SERVICE;
    return config->default_route;
}

struct service_policy settings_policy(const struct config *config)
{
    const struct config_policy *policy = &config->policy;
    return (struct service_policy){
        .connect_timeout_ms = policy->connect_timeout_ms,
        .far_connect_timeout_ms = policy->far_connect_timeout_ms,
        .last_connect_timeout_ms = policy->last_connect_timeout_ms,
        .wait_ms = {[WAIT_RESPONSE] = policy->response_timeout_ms,
                    [WAIT_BODY] = policy->body_timeout_ms,
                    [WAIT_STREAM] = policy->stream_timeout_ms},
        .dead_after_ms = policy->upstream_dead_after_ms,
        .tunnel_timeout_ms = policy->tunnel_timeout_ms,
        .upstream_idle_timeout_ms = policy->upstream_idle_timeout_ms,
        .hold_ms = policy->hold_ms,
        .max_inflight = policy->max_inflight,
        .closes_upstreams = !policy->upstream_keepalive,
        .queue_max = policy->queue,
        .queue_timeout_ms = policy->queue_timeout_ms,
        .aborts_on_close = config->aborts_on_close,
        .retry = {.attempts_max = RETRY_USUAL_ATTEMPTS_MAX,
                  .replays_max = RETRY_USUAL_REPLAYS_MAX,
                  .budget_percent = policy->retry_budget_percent},
        .outlier = {.failures_max = policy->eject_after,
                    .errors_max = policy->eject_5xx,
                    .eject_ms = policy->eject_time_ms,
                    .max_percent = policy->eject_max_percent},
        .tls = policy->tls,
        .check = policy->check,
        .slow_start_ms = policy->slow_start_ms,
        .panic_below_percent = policy->panic_below_percent,
        .panic_includes_unhealthy = policy->panic_unhealthy,
        .proxy_version = policy->proxy_version,
        .drains_by_reset = policy->drains_by_reset,
        .tcp_idle_timeout_ms = policy->tcp_idle_timeout_ms,
        .udp_idle_timeout_ms = policy->udp_idle_timeout_ms,
        .balance = policy->balance,
        .preference = policy->preference,
        .sticky = policy->sticky,
    };
}

static const char *content_type_of(const char *path)
{
    const char *dot = strrchr(path, '.');
    if (dot && strcmp(dot, ".json") == 0)
        return "application/json";
    if (dot && strcmp(dot, ".txt") == 0)
        return "text/plain; charset=utf-8";
    return "text/html; charset=utf-8";
}

static void set_error_pages(struct exchange_options *options, const struct config *config)
{
    _Static_assert(CONFIG_ERROR_PAGE_MAX <= ENV_ERROR_PAGE_MAX, "room for all of them");
    for (unsigned i = 0; i < config->error_page_count; i++) {
        const struct config_error_page *page = &config->error_pages[i];
        options->error_pages[options->error_page_count++] =
            (struct answer_page){.status = page->status,
                                 .content_type = content_type_of(page->path),
                                 .body = view_of(page->bytes, page->len)};
    }
}

/* What containers ask for is of both kinds, at each port of the range. */
static unsigned dynamic_limit(const struct config *config)
{
    const struct listener_range *range = &config->dynamic;
    unsigned count = range->low > 0 ? 2 * (range->high - range->low + 1u) : 0;
    return count < SETTINGS_DYNAMIC_MAX ? count : SETTINGS_DYNAMIC_MAX;
}

struct descriptors settings_descriptors(const struct config *config, unsigned worker_count)
{
    struct descriptors_need need = {
        .worker_count = worker_count,
        .listen_count = config->listen_count + config->also_count + config->tls.listen_count +
                        config->tls.also_count + config_listeners_count(config),
        .has_flows = config->udp_count > 0 || config->dynamic.low > 0,
        .dynamic_max = dynamic_limit(config),
    };
    return descriptors_divide(descriptors_limit(), &need);
}

/* Checked when it was read. */
static struct https_rule https_of(const struct config_https *config)
{
    struct https_rule rule = {.method = (enum https_method)(HTTPS_REDIRECT + config->method),
                              .port = config->port};
    struct text ignored = TEXT_INIT;
    if (config->hsts)
        https_rule_take_hsts(view_str(config->hsts), &rule, &ignored);
    text_fini(&ignored);
    return rule;
}

/* Of one worker: at least one. */
static unsigned share_of(unsigned count, unsigned worker_count)
{
    return count > worker_count ? count / worker_count : 1;
}

static struct env_options make_options(const struct config *config, unsigned worker_count)
{
    uint64_t memory = memory_limit_bytes();
    struct descriptors descriptors = settings_descriptors(config, worker_count);
    struct env_options options = {
        .front = {.head_timeout_ms = config->head_timeout_ms,
                  .idle_timeout_ms = config->idle_timeout_ms,
                  .body_timeout_ms = config->policy.body_timeout_ms,
                  .max_request_count = config->max_request_count,
                  .max_client_count =
                      client_limit(config, worker_count, descriptors.client_max, memory),
                  .max_refused_count = descriptors.refused_max,
                  .handshake_timeout_ms = config->tls.handshake_timeout_ms,
                  .max_handshake_count = share_of(config->tls.max_handshake_count, worker_count),
                  .trust = {.cidrs = config->trusted, .count = config->trusted_count},
                  .prefaced = {.cidrs = config->prefaced, .count = config->prefaced_count},
                  .limits = {.max_head_bytes = config->max_head_bytes,
                             .max_field_count = config->max_header_count,
                             .max_target_bytes = config->max_target_bytes}},
        .back = {.max_upstream_count = descriptors.upstream_max,
                 .limits = {.max_head_bytes = RESPONSE_HEAD_BYTES_MAX,
                            .max_field_count = HEAD_FIELD_MAX}},
        .exchange = {.max_held_count = (config->max_held_count + worker_count - 1) / worker_count,
                     .max_body_bytes = config->max_body_bytes,
                     .max_buffer_bytes = buffer_limit(config, worker_count, memory),
                     .max_pipe_count = descriptors.pipe_max,
                     .max_flow_count =
                         flow_limit(config, worker_count, descriptors.flow_max, memory),
                     .adds_forwarded = config->adds_forwarded,
                     .omits_via = !config->adds_via,
                     .begins_traces = config->trace_context == CONFIG_TRACE_GENERATE,
                     .https = https_of(&config->https),
                     .challenges = {.acme_dir = config->acme.email ? config->acme.folder : NULL,
                                    .webroots = (const char *const *)config->https.webroots,
                                    .webroot_count = config->https.webroot_count},
                     .service = view_str(settings_service(config))},
        .tls = {.acme_dir = config->acme.email ? config->acme.folder : NULL,
                .is_spoken = config_tls_is_spoken(&config->tls),
                .policy = config->tls.policy == CONFIG_TLS_MODERN ? TLS_POLICY_MODERN
                                                                  : TLS_POLICY_INTERMEDIATE},
        .policy = settings_policy(config),
    };
    set_error_pages(&options.exchange, config);
    return options;
}

struct settings *settings_new(struct config *config, unsigned worker_count, struct quota *quota)
{
    struct settings *settings = memory_new(sizeof(*settings));
    atomic_init(&settings->ref_count, 1);
    settings->config = *config;
    *config = (struct config){0};
    settings->options = make_options(&settings->config, worker_count);
    settings->options.front.quota = quota;
    return settings;
}

struct settings *settings_ref(struct settings *settings)
{
    atomic_fetch_add_explicit(&settings->ref_count, 1, memory_order_relaxed);
    return settings;
}

void settings_unref(struct settings *settings)
{
    if (!settings || atomic_fetch_sub_explicit(&settings->ref_count, 1, memory_order_acq_rel) > 1)
        return;
    config_fini(&settings->config);
    free(settings);
}
