#include "lb/admin/live.h"

#include <unistd.h>

#include "lb/admin/live_about.h"
#include "lb/admin/live_endpoints.h"
#include "lb/admin/live_services.h"
#include "lb/admin/requests_page.h"
#include "lb/base/clock.h"
#include "lb/base/list.h"

/* Looks at everything: what differs from before is in the differ's changes. */
static void look(struct live *live)
{
    const struct live_options *options = &live->options;
    struct metrics totals = {0};
    struct pool_page page = options->describe(options->owner, &totals);
    struct live_frame frame = {.differ = &live->differ,
                               .page = &page,
                               .window = &live->window,
                               .span_ms = window_span_ms(&live->window, page.now_ms),
                               .number = live->number++};
    live_differ_begin(&live->differ);
    live_about_look(&frame, live->host);
    live_services_look(&frame);
    live_endpoints_look(&frame);
    live_totals_look(&frame);
    live_totals_look_at_load(&live->totals, &frame, options->crew);
    live_news_look(&live->news, &frame, options->recent);
    history_look(&live->history, &live->differ);
    requests_page_look(options->crew, &page, &live->differ);
    window_add(&live->window, page.now_ms, &totals, page.pool);
}

static void append_head(struct text *out, bool is_full)
{
    char time[CLOCK_TEXT_BYTES];
    text_appendf(out, "data: {%s\"time\":\"%s\"", is_full ? "\"full\":true," : "",
                 clock_format(clock_wall_ns(), time));
}

static void append_all(void *owner, struct text *out)
{
    struct live *live = owner;
    append_head(out, true);
    live_differ_append_all(&live->differ, out);
    text_append_str(out, "}\n\n");
}

static void forget(struct live *live)
{
    window_clear(&live->window);
    live_differ_fini(&live->differ);
    live->totals = (struct live_totals){0};
    live->news = (struct live_news){0};
    requests_page_rest(live->options.crew);
    text_fini(&live->frame);
}

static void on_uv_second(uv_timer_t *second)
{
    struct live *live = list_entry(second, struct live, second);
    if (live->options.admin->follower_count == 0) {
        uv_timer_stop(second);
        forget(live);
        return;
    }
    look(live);
    text_clear(&live->frame);
    append_head(&live->frame, false);
    if (live_differ_changes(&live->differ).len > 0)
        text_append_char(&live->frame, ',');
    text_append(&live->frame, live_differ_changes(&live->differ));
    text_append_str(&live->frame, "}\n\n");
    admin_tell(live->options.admin, text_view(&live->frame), append_all, live);
}

/* What was told last to the others: the next changes are to fit. */
void live_begin(struct live *live, struct text *out)
{
    if (!uv_is_active((uv_handle_t *)&live->second)) {
        uv_timer_start(&live->second, on_uv_second, LIVE_INTERVAL_MS, LIVE_INTERVAL_MS);
        look(live);
    }
    append_all(live, out);
}

/* ---- without followers ----------------------------------------------------------------------- */

static const struct pool *pool_of(const void *owner)
{
    const struct live *live = owner;
    struct metrics totals = {0};
    return live->options.describe(live->options.owner, &totals).pool;
}

static void on_step(void *owner)
{
    const struct live *live = owner;
    requests_page_forget_old(live->options.crew);
}

void live_init(struct live *live, const struct live_options *options)
{
    *live = (struct live){.options = *options};
    if (gethostname(live->host, sizeof(live->host) - 1) < 0)
        live->host[0] = '\0';
    uv_timer_init(&options->loop->uv, &live->second);
    history_init(&live->history, options->loop, pool_of, on_step, live);
}

void live_close(struct live *live)
{
    if (uv_is_closing((uv_handle_t *)&live->second))
        return;
    forget(live);
    history_close(&live->history);
    uv_close((uv_handle_t *)&live->second, NULL);
}
