#include "appserver/metrics.h"

#include "lb/base/clock.h"

void metrics_init(struct metrics *metrics)
{
    *metrics = (struct metrics){.started_ns = clock_wall_ns()};
}

void metrics_count(struct metrics *metrics, const struct answer *answer)
{
    int status = answer->begun ? answer->plan.status : 0;
    if (status >= 0 && status < METRICS_STATUS_END)
        metrics->requests[status]++;
    metrics->body_bytes += answer->body_bytes;
}

static void write_family(struct text *out, const char *name, const char *type, const char *help)
{
    text_appendf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void write_requests(const struct metrics *metrics, struct text *out)
{
    static const char name[] = "appserver_requests_total";
    write_family(out, name, "counter",
                 "Requests that are over, those for these numbers too, by the answer's status; "
                 "none: it was not sent.");
    text_appendf(out, "%s{code=\"none\"} %llu\n", name, (unsigned long long)metrics->requests[0]);
    for (int status = 1; status < METRICS_STATUS_END; status++)
        if (metrics->requests[status] > 0 || status == 200)
            text_appendf(out, "%s{code=\"%d\"} %llu\n", name, status,
                         (unsigned long long)metrics->requests[status]);
}

void metrics_write(const struct metrics *metrics, unsigned connection_count, struct text *out)
{
    write_requests(metrics, out);
    write_family(out, "appserver_response_bytes_total", "counter",
                 "Bytes of bodies that were sent.");
    text_appendf(out, "appserver_response_bytes_total %llu\n",
                 (unsigned long long)metrics->body_bytes);
    write_family(out, "appserver_connections", "gauge", "Connections of clients right now.");
    text_appendf(out, "appserver_connections %u\n", connection_count);
    write_family(out, "process_start_time_seconds", "gauge", "When it began, since 1970.");
    text_appendf(out, "process_start_time_seconds %.3f\n", (double)metrics->started_ns / 1e9);
}
