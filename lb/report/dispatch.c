#include "lb/report/dispatch.h"

#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "lb/base/clock.h"
#include "lb/report/cell.h"

static void add(_Atomic uint64_t *count)
{
    atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
}

/* ---- Sentry ------------------------------------------------------------------------------------------ */

/* From the thread of Sentry, or from the one that puts. */
static void hear_sentry(void *owner, const struct sentry_sender_news *news)
{
    struct report_counts *counts = owner;
    _Atomic uint64_t *const ends[] = {
        [SENTRY_SENDER_SENT] = &counts->sentry_sent,
        [SENTRY_SENDER_DROPPED_QUEUE] = &counts->sentry_dropped_queue,
        [SENTRY_SENDER_DROPPED_RATE_LIMIT] = &counts->sentry_dropped_rate_limit,
        [SENTRY_SENDER_DROPPED_ERROR] = &counts->sentry_dropped_error,
    };
    add(ends[news->end]);
    counts->sentry_waiting = news->waiting_count;
    counts->sentry_limited_until_ns = news->limited_until_ns;
    if (!news->problem)
        return;
    log_warn("%s", news->problem);
    counts_tell_error(counts, news->problem);
}

static void put_event(void *owner, const struct sentry_event *event)
{
    struct dispatch *dispatch = owner;
    sentry_sender_put(dispatch->sentry, event);
}

static void take_for_sentry(struct dispatch *dispatch, char kind, struct view message)
{
    struct desk_time now = {.mono_ns = clock_mono_ns(), .wall_ns = clock_wall_ns()};
    switch (desk_take(&dispatch->desk, kind, message, now)) {
    case DESK_GROUPED:
        add(&dispatch->counts->sentry_grouped);
        break;
    case DESK_LIMITED:
        add(&dispatch->counts->sentry_dropped_rate_limit);
        log_warn("incidents are left out: more than 30 within a minute are not sent to Sentry");
        break;
    case DESK_BROKEN:
        log_debug("a message cannot be read, and is left out");
        break;
    case DESK_PUT:
    case DESK_KEPT:
        break;
    }
}

static bool open_sentry(struct dispatch *dispatch, const struct options *options,
                        const struct dsn *dsn, struct text *problem)
{
    const struct sentry_sender_options how = {
        .dsn = dsn, .ca_file = cell_authorities(), .owner = dispatch->counts, .tell = hear_sentry};
    const struct desk_options desk = {.release = options->release,
                                      .environment = options->sentry_environment,
                                      .server_name = dispatch->server_name,
                                      .has_queries = options->has_queries,
                                      .owner = dispatch,
                                      .put = put_event};
    desk_init(&dispatch->desk, &desk);
    dispatch->sentry = sentry_sender_open(&how, problem);
    return dispatch->sentry;
}

/* ---- both -------------------------------------------------------------------------------------------- */

static void name_server(struct dispatch *dispatch, const char *name)
{
    if (name)
        snprintf(dispatch->server_name, sizeof(dispatch->server_name), "%s", name);
    else if (gethostname(dispatch->server_name, sizeof(dispatch->server_name) - 1) < 0)
        dispatch->server_name[0] = '\0';
}

bool dispatch_open(struct dispatch *dispatch, const struct options *options, const struct dsn *dsn,
                   struct report_counts *counts, struct text *problem)
{
    *dispatch = (struct dispatch){.counts = counts};
    name_server(dispatch, options->server_name);
    return !dsn || open_sentry(dispatch, options, dsn, problem);
}

void dispatch_take(struct dispatch *dispatch, char kind, struct view message)
{
    bool is_line = kind == REPORT_LOG || kind == REPORT_ACCESS;
    if (!is_line && dispatch->sentry)
        take_for_sentry(dispatch, kind, message);
}

void dispatch_close(struct dispatch *dispatch, uint32_t patience_ms)
{
    sentry_sender_close(dispatch->sentry, patience_ms);
    dispatch->sentry = NULL;
    dispatch->counts->sentry_waiting = 0;
}
