#include "lb/observe/prometheus_text.h"

#include <inttypes.h>
#include <stdio.h>

#include "lb/base/bounds.h"
#include "lb/base/utf8.h"

#define LABELS_MAX 6u

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
    text_appendf(out, "%" PRIu64 ".%09" PRIu64 "\n", ns / 1000000000u, ns % 1000000000u);
}

void prometheus_text_family(struct prometheus_text *writer, const char *name, const char *type,
                            const char *help)
{
    writer->family = name;
    text_appendf(writer->out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
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
}

void prometheus_text_histogram(struct prometheus_text *writer,
                               const struct prometheus_label *labels,
                               const struct histogram *histogram)
{
    struct prometheus_label with_bound[LABELS_MAX + 2] = {{.name = NULL}};
    char bound[32];
    unsigned label_count = 0;
    uint64_t count = 0;
    for (; labels && labels[label_count].name; label_count++) {
        bounds_hold(label_count < LABELS_MAX);
        with_bound[label_count] = labels[label_count];
    }
    with_bound[label_count] = (struct prometheus_label){.name = "le", .value = bound};
    for (unsigned i = 0; i <= HISTOGRAM_BOUND_COUNT; i++) {
        count += counter_get(&histogram->buckets[i]);
        if (i < HISTOGRAM_BOUND_COUNT)
            snprintf(bound, sizeof(bound), "%g", (double)histogram_bounds_ns()[i] / 1e9);
        else
            snprintf(bound, sizeof(bound), "+Inf");
        begin_sample(writer, "_bucket", with_bound);
        text_appendf(writer->out, "%" PRIu64 "\n", count);
    }
    begin_sample(writer, "_sum", labels);
    append_seconds(writer->out, counter_get(&histogram->sum_ns));
    begin_sample(writer, "_count", labels);
    text_appendf(writer->out, "%" PRIu64 "\n", count);
}
