#include "lb/run/pages.h"

#include "lb/run/metrics_page.h"
#include "lb/run/pool_page.h"

static const char *source_word(const struct config *config)
{
    static const char *const words[] = {
        [CONFIG_SOURCE_DOCKER] = "docker",
        [CONFIG_SOURCE_FILE] = "file",
        [CONFIG_SOURCE_STATIC] = "static",
    };
    return words[config->source];
}

static void answer_pool(const struct pages *pages, struct admin_answer *answer)
{
    const struct publisher *publisher = pages->publisher;
    struct metrics totals = {0};
    for (unsigned i = 0; i < publisher->worker_count; i++)
        metrics_merge(&totals, &publisher->workers[i]->env.metrics);
    answer->status = 200;
    answer->content_type = "application/json";
    pool_page_write(
        &(struct pool_page){.pool = publisher->pool,
                            .membership = &publisher->membership,
                            .now_ms = loop_now_ms(publisher->health.options.loop),
                            .totals = &totals,
                            .source = source_word(pages->config),
                            .discovery_start_count = pages->child ? pages->child->start_count : 0,
                            .worker_count = publisher->worker_count,
                            .is_shutting_down = pages->is_shutting_down},
        &answer->body);
}

static void answer_metrics(const struct pages *pages, struct admin_answer *answer)
{
    struct metrics totals = {0};
    for (unsigned i = 0; i < pages->publisher->worker_count; i++)
        metrics_merge(&totals, &pages->publisher->workers[i]->env.metrics);
    answer->status = 200;
    answer->content_type = PROMETHEUS_TEXT_TYPE;
    metrics_page_write(
        &(struct metrics_page){.totals = &totals,
                               .publisher = pages->publisher,
                               .discovery_start_count =
                                   pages->child ? pages->child->start_count : 0,
                               .log_drop_count = access_log_dropped_count(pages->access_log),
                               .is_compatible = pages->config->metrics_compat != 0},
        &answer->body);
}

static void answer_ready(const struct pages *pages, struct admin_answer *answer)
{
    bool usable = publisher_has_usable(pages->publisher);
    answer->status = usable && !pages->is_shutting_down ? 200 : 503;
    if (pages->is_shutting_down)
        text_append_str(&answer->body, "shutting down\n");
    else if (usable)
        text_append_str(&answer->body, "ready\n");
    else
        text_appendf(&answer->body, "no endpoint of the service \"%s\" is ready; see /pool\n",
                     pages->config->service);
}

void pages_respond(void *owner, struct view path, struct admin_answer *answer)
{
    const struct pages *pages = owner;
    if (view_eq(path, VIEW("/healthz"))) {
        answer->status = 200;
        text_append_str(&answer->body, "ok\n");
    } else if (view_eq(path, VIEW("/readyz"))) {
        answer_ready(pages, answer);
    } else if (view_eq(path, VIEW("/metrics"))) {
        answer_metrics(pages, answer);
    } else if (view_eq(path, VIEW("/pool"))) {
        answer_pool(pages, answer);
    }
}
