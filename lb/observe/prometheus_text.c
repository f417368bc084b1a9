#include "lb/observe/prometheus_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lb/base/bounds.h"
#include "lb/base/utf8.h"

#define LABELS_MAX  6u
#define BOUND_BYTES 32

static void append_escaped(struct text *out, struct view value)
{
    while (value.len > 0) {
        size_t len = utf8_length(value);
        if (len == 0)
            text_append_str(out, "\xEF\xBF\xBD");
        else if (value.ptr[0] == '\n')
            text_append_str(out, "\\n");
        else if (value.ptr[0] == '"' || value.ptr[0] == '\\')
            text_appendf(out, "\\%c", value.ptr[0]);
        else
            text_append(out, view_of(value.ptr, len));
        value = view_skip(value, len ? len : 1);
    }
}

static void append_labels(struct text *out, const struct prometheus_label *labels)
{
    if (!labels || !labels->name)
        return;
    char before = '{';
    for (; labels->name; labels++) {
        text_appendf(out, "%c%s=\"", before, labels->name);
        append_escaped(out, view_str(labels->value));
        text_append_char(out, '"');
        before = ',';
    }
    text_append_char(out, '}');
}

static void begin_sample(struct prometheus_text *writer, const char *suffix,
                         const struct prometheus_label *labels)
{
    text_appendf(writer->out, "%s%s", writer->family, suffix);
    append_labels(writer->out, labels);
    text_append_char(writer->out, ' ');
}

static void append_seconds(struct text *out, uint64_t ns)
{
    text_appendf(out, "%" PRIu64 ".%09" PRIu64, ns / 1000000000u, ns % 1000000000u);
}

/* In OpenMetrics a family of counters is called without the suffix that its samples have. */
static struct view family_name(const struct prometheus_text *writer, const char *type)
{
    struct view name = view_str(writer->family);
    if (writer->is_open && strcmp(type, "counter") == 0)
        name.len -= strlen("_total");
    return name;
}

/* The unit is the last word of the name. */
static void append_unit(struct text *out, struct view name)
{
    static const struct view units[] = {VIEW("seconds"), VIEW("bytes")};
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (view_ends_with(name, units[i]))
            text_appendf(out, "# UNIT %.*s %s\n", (int)name.len, name.ptr, units[i].ptr);
}

void prometheus_text_family(struct prometheus_text *writer, const char *name, const char *type,
                            const char *help)
{
    writer->family = name;
    struct view told = family_name(writer, type);
    text_appendf(writer->out, "# HELP %.*s %s\n# TYPE %.*s %s\n", (int)told.len, told.ptr, help,
                 (int)told.len, told.ptr, type);
    if (writer->is_open)
        append_unit(writer->out, told);
}

void prometheus_text_uint(struct prometheus_text *writer, const struct prometheus_label *labels,
                          uint64_t value)
{
    begin_sample(writer, "", labels);
    text_appendf(writer->out, "%" PRIu64 "\n", value);
}

void prometheus_text_seconds(struct prometheus_text *writer, const struct prometheus_label *labels,
                             uint64_t ns)
{
    begin_sample(writer, "", labels);
    append_seconds(writer->out, ns);
    text_append_char(writer->out, '\n');
}

/* ---- histograms ------------------------------------------------------------------------------- */

struct buckets {
    const uint64_t *bounds_ns;
    unsigned bound_count;
    const counter64 *counts;
    uint64_t sum_ns;
    const struct exemplars *exemplars; /* NULL: there are none */
};

/* OpenMetrics wants 1.0 where the older format has 1. */
static void write_bound(const struct prometheus_text *writer, uint64_t bound_ns,
                        char bound[BOUND_BYTES])
{
    int len = snprintf(bound, BOUND_BYTES, "%g", (double)bound_ns / 1e9);
    if (writer->is_open && !strpbrk(bound, ".e"))
        snprintf(bound + len, BOUND_BYTES - (size_t)len, ".0");
}

static void append_exemplar(const struct prometheus_text *writer, const struct exemplars *exemplars,
                            unsigned bucket)
{
    struct exemplar exemplar;
    if (!writer->is_open || !exemplars || !exemplars_read(exemplars, bucket, &exemplar))
        return;
    text_append_str(writer->out, " # ");
    append_labels(writer->out, PROMETHEUS_LABELS({"trace_id", exemplar.trace_id}));
    text_append_char(writer->out, ' ');
    append_seconds(writer->out, exemplar.value_ns);
    text_append_char(writer->out, ' ');
    append_seconds(writer->out, exemplar.wall_ns);
}

static uint64_t write_buckets(struct prometheus_text *writer, const struct prometheus_label *labels,
                              char bound[BOUND_BYTES], const struct buckets *buckets)
{
    uint64_t count = 0;
    for (unsigned i = 0; i <= buckets->bound_count; i++) {
        count += counter_get(&buckets->counts[i]);
        if (i < buckets->bound_count)
            write_bound(writer, buckets->bounds_ns[i], bound);
        else
            snprintf(bound, BOUND_BYTES, "+Inf");
        begin_sample(writer, "_bucket", labels);
        text_appendf(writer->out, "%" PRIu64, count);
        append_exemplar(writer, buckets->exemplars, i);
        text_append_char(writer->out, '\n');
    }
    return count;
}

static void write_histogram(struct prometheus_text *writer, const struct prometheus_label *labels,
                            const struct buckets *buckets)
{
    struct prometheus_label with_bound[LABELS_MAX + 2] = {{.name = NULL}};
    char bound[BOUND_BYTES];
    unsigned label_count = 0;
    for (; labels && labels[label_count].name; label_count++) {
        bounds_hold(label_count < LABELS_MAX);
        with_bound[label_count] = labels[label_count];
    }
    with_bound[label_count] = (struct prometheus_label){.name = "le", .value = bound};
    uint64_t count = write_buckets(writer, with_bound, bound, buckets);
    begin_sample(writer, "_sum", labels);
    append_seconds(writer->out, buckets->sum_ns);
    text_append_char(writer->out, '\n');
    begin_sample(writer, "_count", labels);
    text_appendf(writer->out, "%" PRIu64 "\n", count);
}

void prometheus_text_histogram(struct prometheus_text *writer,
                               const struct prometheus_label *labels,
                               const struct histogram *histogram)
{
    prometheus_text_traced(writer, labels, histogram, NULL);
}

void prometheus_text_traced(struct prometheus_text *writer, const struct prometheus_label *labels,
                            const struct histogram *histogram, const struct exemplars *exemplars)
{
    write_histogram(writer, labels,
                    &(struct buckets){.bounds_ns = histogram_bounds_ns(),
                                      .bound_count = HISTOGRAM_BOUND_COUNT,
                                      .counts = histogram->buckets,
                                      .sum_ns = counter_get(&histogram->sum_ns),
                                      .exemplars = exemplars});
}

void prometheus_text_coarse(struct prometheus_text *writer, const struct prometheus_label *labels,
                            const struct coarse_histogram *histogram)
{
    write_histogram(writer, labels,
                    &(struct buckets){.bounds_ns = coarse_histogram_bounds_ns(),
                                      .bound_count = COARSE_HISTOGRAM_BOUND_COUNT,
                                      .counts = histogram->buckets,
                                      .sum_ns = counter_get(&histogram->sum_ns)});
}

void prometheus_text_end(struct prometheus_text *writer)
{
    if (writer->is_open)
        text_append_str(writer->out, "# EOF\n");
}
