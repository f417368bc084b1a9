#include "lb/report/dispatch.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lb/base/clock.h"
#include "lb/report/cell.h"
#include "lb/report/crash_line.h"

static void add(_Atomic uint64_t *count)
{
    atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
}

/* From both threads. */
static void tell_trouble(struct dispatch *dispatch, const char *sentence)
{
    log_warn("%s", sentence);
    pthread_mutex_lock(&dispatch->lock);
    counts_tell_error(dispatch->counts, sentence);
    pthread_mutex_unlock(&dispatch->lock);
}

/* ---- GELF -------------------------------------------------------------------------------------------- */

static void hear_gelf(void *owner, bool is_trouble, const char *sentence)
{
    if (is_trouble)
        tell_trouble(owner, sentence);
    else
        log_info("%s", sentence);
}

static bool open_gelf(struct dispatch *dispatch, const struct options *options,
                      struct text *problem)
{
    struct report_counts *counts = dispatch->counts;
    const struct gelf_sender_options how = {.url = options->gelf,
                                            .compression = options->gelf_compression,
                                            .host = options->gelf_host ? options->gelf_host
                                                                       : dispatch->host_name,
                                            .tag = "lb",
                                            .counts = {.sent = &counts->gelf_sent,
                                                       .sent_bytes = &counts->gelf_sent_bytes,
                                                       .dropped_queue = &counts->gelf_dropped_queue,
                                                       .dropped_error = &counts->gelf_dropped_error,
                                                       .reconnects = &counts->gelf_reconnects,
                                                       .waiting = &counts->gelf_waiting},
                                            .on_word = hear_gelf,
                                            .owner = dispatch};
    dispatch->gelf = gelf_sender_start(&how);
    if (!dispatch->gelf)
        text_appendf(problem,
                     "GELF cannot be sent: %s; give this program more memory, or more tasks",
                     strerror(errno));
    return dispatch->gelf;
}

/* ---- Sentry ------------------------------------------------------------------------------------------ */

/* From the thread of Sentry, or from the one that puts. */
static void hear_sentry(void *owner, const struct sentry_sender_news *news)
{
    struct dispatch *dispatch = owner;
    struct report_counts *counts = dispatch->counts;
    _Atomic uint64_t *const ends[] = {
        [SENTRY_SENDER_SENT] = &counts->sentry_sent,
        [SENTRY_SENDER_DROPPED_QUEUE] = &counts->sentry_dropped_queue,
        [SENTRY_SENDER_DROPPED_RATE_LIMIT] = &counts->sentry_dropped_rate_limit,
        [SENTRY_SENDER_DROPPED_ERROR] = &counts->sentry_dropped_error,
    };
    add(ends[news->end]);
    counts->sentry_limited_until_ns = news->limited_until_ns;
    if (news->problem)
        tell_trouble(dispatch, news->problem);
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
    const struct sentry_sender_options how = {.dsn = dsn,
                                              .ca_file = cell_authorities(),
                                              .waiting = &dispatch->counts->sentry_waiting,
                                              .ca_folder = cell_more_authorities(),
                                              .owner = dispatch,
                                              .tell = hear_sentry};
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

static void name_host(struct dispatch *dispatch, const char *server_name)
{
    if (gethostname(dispatch->host_name, sizeof(dispatch->host_name) - 1) < 0)
        dispatch->host_name[0] = '\0';
    snprintf(dispatch->server_name, sizeof(dispatch->server_name), "%s",
             server_name ? server_name : dispatch->host_name);
}

bool dispatch_open(struct dispatch *dispatch, const struct options *options, const struct dsn *dsn,
                   struct report_counts *counts, struct text *problem)
{
    *dispatch = (struct dispatch){.counts = counts, .lock = PTHREAD_MUTEX_INITIALIZER};
    name_host(dispatch, options->server_name);
    return (!options->has_gelf || open_gelf(dispatch, options, problem)) &&
           (!dsn || open_sentry(dispatch, options, dsn, problem));
}

static void take_for_gelf(struct dispatch *dispatch, char kind, struct view message)
{
    struct text line = TEXT_INIT;
    if (kind == REPORT_LOG || kind == REPORT_ACCESS)
        gelf_sender_put(dispatch->gelf, message);
    else if (kind == REPORT_CRASH && crash_line_write(message, clock_wall_ns(), &line))
        gelf_sender_put(dispatch->gelf, text_view(&line));
    text_fini(&line);
}

void dispatch_take(struct dispatch *dispatch, char kind, struct view message)
{
    if (dispatch->gelf)
        take_for_gelf(dispatch, kind, message);
    if (dispatch->sentry && kind != REPORT_LOG && kind != REPORT_ACCESS)
        take_for_sentry(dispatch, kind, message);
}

/* One after the other: where there are both, none takes all of the time. */
bool dispatch_close(struct dispatch *dispatch, uint32_t patience_ms)
{
    uint32_t share_ms = dispatch->gelf ? patience_ms / 2 : patience_ms;
    uint64_t begun_ns = clock_mono_ns();
    bool is_ended = sentry_sender_close(dispatch->sentry, share_ms);
    uint64_t spent_ms = (clock_mono_ns() - begun_ns) / 1000000;
    if (dispatch->gelf)
        gelf_sender_stop(dispatch->gelf,
                         spent_ms < patience_ms ? (unsigned)(patience_ms - spent_ms) : 0);
    dispatch->sentry = NULL;
    dispatch->gelf = NULL;
    return is_ended;
}
