#include "lb/crew/access_log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "lb/base/colour.h"
#include "lb/base/list.h"
#include "lb/base/log.h"
#include "lb/base/memory.h"
#include "lb/config/config_value.h"

#define RING_BYTES ((size_t)1 << 20) /* of each worker: some thousand lines */
#define SAY_MS     60000

struct access_lane {
    struct access_log *log;
    unsigned index;
    struct access_line lines[ACCESS_OUTLET_COUNT];
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

static void put(struct access_lane *lane, struct access_outlet *outlet, struct view line)
{
    struct access_log *log = lane->log;
    struct log_ring *ring = &outlet->rings[lane->index];
    if (log_ring_put(ring, line))
        log_writer_notice(&outlet->writer, ring);
    else if (!atomic_load_explicit(&log->is_rung, memory_order_relaxed) &&
             !atomic_exchange(&log->is_rung, true))
        uv_async_send(&log->dropping);
}

/* Where both have the same form, a line is made once. */
static void on_record(void *owner, const struct record *record)
{
    struct access_lane *lane = owner;
    struct access_log *log = lane->log;
    size_t len = 0;
    for (unsigned i = 0; i < ACCESS_OUTLET_COUNT; i++) {
        if (!log->outlets[i].rings)
            continue;
        if (len == 0 || !log->are_alike)
            len = access_line_write(&lane->lines[i], record, lane->buffer);
        put(lane, &log->outlets[i], view_of(lane->buffer, len));
    }
}

/* ---- drops ----------------------------------------------------------------------------------- */

uint64_t access_log_dropped_count(const struct access_log *log, enum access_outlet_kind kind)
{
    const struct access_outlet *outlet = &log->outlets[kind];
    uint64_t count = 0;
    for (unsigned i = 0; outlet->rings && i < log->worker_count; i++)
        count += log_ring_dropped_count(&outlet->rings[i]);
    return count;
}

static void say_drops_of(struct access_log *log, enum access_outlet_kind kind, const char *what)
{
    struct access_outlet *outlet = &log->outlets[kind];
    uint64_t count = access_log_dropped_count(log, kind);
    if (count > outlet->said_count)
        log_warn("access log: %" PRIu64 " lines %s, because they are not taken away fast "
                 "enough; requests do not wait for the log",
                 count - outlet->said_count, what);
    outlet->said_count = count;
}

static void say_drops(struct access_log *log)
{
    say_drops_of(log, ACCESS_OUTLET_FILE, "were dropped");
    say_drops_of(log, ACCESS_OUTLET_REPORT, "did not go to lb-report");
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
    for (unsigned i = 0; i < worker_count; i++) {
        log->lanes[i].log = log;
        log->lanes[i].index = i;
        for (unsigned k = 0; k < ACCESS_OUTLET_COUNT; k++)
            log->lanes[i].lines[k].format = &log->outlets[k].format;
        workers[i]->env.on_record = on_record;
        workers[i]->env.record_owner = &log->lanes[i];
    }
}

static void make_rings(struct access_outlet *outlet, unsigned count)
{
    outlet->rings = aligned_alloc(_Alignof(struct log_ring), count * sizeof(*outlet->rings));
    if (!outlet->rings)
        abort();
    for (unsigned i = 0; i < count; i++)
        log_ring_init(&outlet->rings[i], RING_BYTES);
}

static bool read_format(struct access_outlet *outlet, struct view text)
{
    struct text problem = TEXT_INIT;
    bool is_good = access_format_parse(&outlet->format, text, &problem);
    text_fini(&problem);
    return is_good; /* access_log_check has said why not */
}

static bool open_file(struct access_log *log, const struct config *config)
{
    struct access_outlet *outlet = &log->outlets[ACCESS_OUTLET_FILE];
    const char *path = config->access_log;
    if (!read_format(outlet, view_str(config->access_log_format)))
        return false;
    bool is_output = strcmp(path, "-") == 0;
    access_format_settle(&outlet->format, is_output && isatty(STDOUT_FILENO),
                         is_output && colour_is_wanted(STDOUT_FILENO));
    make_rings(outlet, log->worker_count);
    int rc = log_writer_start(&outlet->writer, outlet->rings, log->worker_count,
                              is_output ? NULL : path);
    if (rc < 0)
        log_error("access log: cannot open %s: %s; choose another place with --access-log, or off",
                  path, strerror(-rc));
    outlet->is_open = rc == 0;
    return outlet->is_open;
}

/* Its lines are JSON whatever the file's are. */
static bool open_report(struct access_log *log, int socket)
{
    struct access_outlet *outlet = &log->outlets[ACCESS_OUTLET_REPORT];
    if (!read_format(outlet, VIEW("json")))
        return false;
    make_rings(outlet, log->worker_count);
    int rc = log_writer_start_sending(&outlet->writer, outlet->rings, log->worker_count, socket);
    if (rc < 0)
        log_error("access log: no thread for --gelf: %s", strerror(-rc));
    outlet->is_open = rc == 0;
    return outlet->is_open;
}

bool access_log_open(struct access_log *log, const struct config *config, int report_socket,
                     struct worker **workers, unsigned worker_count)
{
    bool has_file = strcmp(config->access_log, "off") != 0;
    bool has_report = config->report.gelf && report_socket >= 0;
    if (!has_file && !has_report)
        return true;
    make_lanes(log, workers, worker_count);
    if ((has_file && !open_file(log, config)) || (has_report && !open_report(log, report_socket)))
        return false;
    log->are_alike = log->outlets[ACCESS_OUTLET_FILE].format.form == ACCESS_FORM_JSON;
    return true;
}

void access_log_reopen(struct access_log *log)
{
    struct access_outlet *outlet = &log->outlets[ACCESS_OUTLET_FILE];
    if (outlet->is_open)
        log_writer_reopen(&outlet->writer);
}

void access_log_close(struct access_log *log)
{
    if (!uv_is_closing((uv_handle_t *)&log->dropping)) {
        uv_close((uv_handle_t *)&log->dropping, NULL);
        uv_close((uv_handle_t *)&log->minute, NULL);
    }
}

static void close_outlet(struct access_log *log, struct access_outlet *outlet)
{
    for (unsigned i = 0; outlet->rings && i < log->worker_count; i++)
        log_ring_fini(&outlet->rings[i]);
    free(outlet->rings);
    outlet->rings = NULL;
}

void access_log_fini(struct access_log *log)
{
    for (unsigned i = 0; i < ACCESS_OUTLET_COUNT; i++)
        if (log->outlets[i].is_open)
            log_writer_stop(&log->outlets[i].writer);
    say_drops(log);
    for (unsigned i = 0; i < ACCESS_OUTLET_COUNT; i++)
        close_outlet(log, &log->outlets[i]);
    free(log->lanes);
    log->lanes = NULL;
}
