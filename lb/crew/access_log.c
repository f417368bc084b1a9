#include "lb/crew/access_log.h"

#include <inttypes.h>
#include <stdlib.h>

#include "lb/base/list.h"
#include "lb/base/log.h"
#include "lb/base/memory.h"
#include "lb/config/config_value.h"

#define RING_BYTES ((size_t)1 << 20) /* of each worker: some thousand lines */
#define SAY_MS     60000

struct access_lane {
    struct access_log *log;
    struct log_ring *ring;
    struct access_line line;
    char buffer[ACCESS_LINE_BYTES];
};

bool access_log_check(const struct config *config, struct text *problem)
{
    struct access_format format;
    if (!config->access_log_format)
        return true; /* the action needs no settings */
    text_append_str(problem, "--access-log-format: ");
    config_value_append_quoted(view_str(config->access_log_format), problem);
    text_append_str(problem, ": ");
    if (!access_format_parse(&format, view_str(config->access_log_format), problem))
        return false;
    text_clear(problem);
    return true;
}

/* ---- in a worker ----------------------------------------------------------------------------- */

static void on_record(void *owner, const struct record *record)
{
    struct access_lane *lane = owner;
    struct access_log *log = lane->log;
    size_t len = access_line_write(&lane->line, record, lane->buffer);
    if (log_ring_put(lane->ring, view_of(lane->buffer, len)))
        log_writer_notice(&log->writer, lane->ring);
    else if (!atomic_load_explicit(&log->is_rung, memory_order_relaxed) &&
             !atomic_exchange(&log->is_rung, true))
        uv_async_send(&log->dropping);
}

/* ---- drops ----------------------------------------------------------------------------------- */

uint64_t access_log_dropped_count(const struct access_log *log)
{
    uint64_t count = 0;
    for (unsigned i = 0; log->rings && i < log->worker_count; i++)
        count += log_ring_dropped_count(&log->rings[i]);
    return count;
}

static void say_drops(struct access_log *log)
{
    uint64_t count = access_log_dropped_count(log);
    if (count > log->said_count)
        log_warn("access log: %" PRIu64 " lines were dropped, because they are not taken away fast "
                 "enough; requests do not wait for the log",
                 count - log->said_count);
    log->said_count = count;
}

static void on_uv_minute(uv_timer_t *minute)
{
    struct access_log *log = list_entry(minute, struct access_log, minute);
    atomic_store(&log->is_rung, false); /* from now on the next drop rings */
    say_drops(log);
}

static void on_uv_dropping(uv_async_t *dropping)
{
    struct access_log *log = list_entry(dropping, struct access_log, dropping);
    say_drops(log);
    uv_timer_start(&log->minute, on_uv_minute, SAY_MS, 0);
}

/* ---- opening and closing --------------------------------------------------------------------- */

void access_log_init(struct access_log *log, uv_loop_t *loop)
{
    *log = (struct access_log){0};
    uv_async_init(loop, &log->dropping, on_uv_dropping);
    uv_timer_init(loop, &log->minute);
}

static void make_lanes(struct access_log *log, struct worker **workers, unsigned worker_count)
{
    log->worker_count = worker_count;
    log->lanes = memory_new(worker_count * sizeof(*log->lanes));
    log->rings = aligned_alloc(_Alignof(struct log_ring), worker_count * sizeof(*log->rings));
    if (!log->rings)
        abort();
    for (unsigned i = 0; i < worker_count; i++) {
        log_ring_init(&log->rings[i], RING_BYTES);
        log->lanes[i].log = log;
        log->lanes[i].ring = &log->rings[i];
        log->lanes[i].line.format = &log->format;
        workers[i]->env.on_record = on_record;
        workers[i]->env.record_owner = &log->lanes[i];
    }
}

bool access_log_open(struct access_log *log, const struct config *config, struct worker **workers,
                     unsigned worker_count)
{
    struct text problem = TEXT_INIT;
    const char *path = config->access_log;
    if (strcmp(path, "off") == 0)
        return true;
    bool is_good = access_format_parse(&log->format, view_str(config->access_log_format), &problem);
    text_fini(&problem);
    if (!is_good)
        return false; /* access_log_check has said why */
    make_lanes(log, workers, worker_count);
    int rc = log_writer_start(&log->writer, log->rings, worker_count,
                              strcmp(path, "-") == 0 ? NULL : path);
    if (rc < 0)
        log_error("access log: cannot open %s: %s; choose another place with --access-log, or off",
                  path, strerror(-rc));
    log->is_open = rc == 0;
    return log->is_open;
}

void access_log_reopen(struct access_log *log)
{
    if (log->is_open)
        log_writer_reopen(&log->writer);
}

void access_log_close(struct access_log *log)
{
    if (!uv_is_closing((uv_handle_t *)&log->dropping)) {
        uv_close((uv_handle_t *)&log->dropping, NULL);
        uv_close((uv_handle_t *)&log->minute, NULL);
    }
}

void access_log_fini(struct access_log *log)
{
    if (log->is_open)
        log_writer_stop(&log->writer);
    say_drops(log);
    for (unsigned i = 0; log->rings && i < log->worker_count; i++)
        log_ring_fini(&log->rings[i]);
    free(log->rings);
    free(log->lanes);
    log->rings = NULL;
}
