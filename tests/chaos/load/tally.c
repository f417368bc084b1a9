#include "tests/chaos/load/tally.h"

#include <inttypes.h>
#include <stdio.h>

#include "lb/base/clock.h"

void tally_init(struct tally *tally)
{
    *tally = (struct tally){.begun_wall_ns = clock_wall_ns()};
}

void tally_fini(struct tally *tally)
{
    text_fini(&tally->first_failures);
}

/* Four buckets for each doubling, from 1 µs on: a bucket's bound is at most a quarter too high. */
static unsigned bucket_of(uint64_t ns)
{
    uint64_t us = ns / 1000;
    if (us < 4)
        return (unsigned)us;
    unsigned doubling = 63 - (unsigned)__builtin_clzll(us);
    unsigned bucket = 4 * (doubling - 1) + (unsigned)(us >> (doubling - 2) & 3);
    return bucket < TALLY_BUCKET_COUNT ? bucket : TALLY_BUCKET_COUNT - 1;
}

/* The upper bound of a bucket, in microseconds. */
static uint64_t bound_us(unsigned bucket)
{
    if (bucket < 4)
        return bucket + 1;
    unsigned doubling = bucket / 4 + 1;
    return (uint64_t)(4 + bucket % 4 + 1) << (doubling - 2);
}

static void count_kind(struct tally *tally, const char *name)
{
    unsigned i = 0;
    while (i < tally->kind_count && strcmp(tally->kinds[i].name, name) != 0)
        i++;
    if (i == TALLY_KIND_MAX)
        return;
    if (i == tally->kind_count)
        snprintf(tally->kinds[tally->kind_count++].name, sizeof(tally->kinds[i].name), "%s", name);
    tally->kinds[i].count++;
}

static void write_failure(struct text *out, const struct request *request,
                          const struct answer *answer, const char *kind, bool was_reused)
{
    char begun[CLOCK_TEXT_BYTES], ended[CLOCK_TEXT_BYTES];
    struct json_writer json;
    json_writer_init(&json, out);
    json_writer_begin_object(&json);
    json_writer_field_str(&json, "begun", clock_format(request->begun_wall_ns, begun));
    json_writer_field_str(&json, "failed", clock_format(clock_wall_ns(), ended));
    json_writer_field_uint(&json, "number", request->number);
    json_writer_field_str(&json, "method", request_method_name(request->method));
    json_writer_field_str(&json, "target", request->target);
    json_writer_field_uint(&json, "body_bytes", request->body.len);
    json_writer_field_str(&json, "kind", kind);
    json_writer_field_bool(&json, "on_reused_connection", was_reused);
    json_writer_field_uint(&json, "status", answer->status);
    json_writer_field_uint(&json, "bytes_got", answer->got);
    json_writer_key(&json, "text");
    json_writer_string(&json, view_of(answer->text, answer->text_len));
    json_writer_end_object(&json);
}

static void note_failure(struct tally *tally, const struct request *request,
                         const struct answer *answer, const char *kind, bool was_reused)
{
    char full[24], name[32];
    if (strcmp(kind, "status") == 0)
        snprintf(full, sizeof(full), "status_%u", answer->status);
    else
        snprintf(full, sizeof(full), "%s", kind);
    snprintf(name, sizeof(name), "%s %s", request_method_name(request->method), full);
    count_kind(tally, name);
    tally->failures[request->method]++;
    struct text line = TEXT_INIT;
    write_failure(&line, request, answer, full, was_reused);
    fprintf(stderr, "%s\n", text_str(&line));
    if (tally->failure_lines++ < TALLY_FAILURE_MAX) {
        if (tally->first_failures.len > 0)
            text_append_str(&tally->first_failures, ",\n");
        text_append(&tally->first_failures, text_view(&line));
    }
    text_fini(&line);
}

void tally_add(struct tally *tally, const struct request *request, const struct answer *answer,
               const char *kind, bool was_reused)
{
    uint64_t ns = clock_mono_ns() - request->begun_ns;
    tally->requests[request->method]++;
    tally->reused += was_reused;
    if (answer->status < 600)
        tally->statuses[answer->status]++;
    tally->latencies[bucket_of(ns)]++;
    if (ns > tally->latency_max_ns)
        tally->latency_max_ns = ns;
    if (kind)
        note_failure(tally, request, answer, kind, was_reused);
}

uint64_t tally_requests(const struct tally *tally)
{
    return tally->requests[REQUEST_GET] + tally->requests[REQUEST_PUT] +
           tally->requests[REQUEST_POST];
}

uint64_t tally_failures(const struct tally *tally)
{
    return tally->failures[REQUEST_GET] + tally->failures[REQUEST_PUT] +
           tally->failures[REQUEST_POST];
}

void tally_progress(const struct tally *tally)
{
    fprintf(stderr, "{\"requests\":%" PRIu64 ",\"failures\":%" PRIu64 "}\n", tally_requests(tally),
            tally_failures(tally));
}

static uint64_t percentile_us(const struct tally *tally, double share)
{
    uint64_t below = 0, all = tally_requests(tally);
    for (unsigned i = 0; i < TALLY_BUCKET_COUNT; i++) {
        below += tally->latencies[i];
        if (below > 0 && (double)below >= share * (double)all)
            return bound_us(i);
    }
    return 0;
}

static void write_latencies(const struct tally *tally, struct json_writer *json)
{
    json_writer_key(json, "latency_us");
    json_writer_begin_object(json);
    json_writer_field_uint(json, "p50", percentile_us(tally, 0.5));
    json_writer_field_uint(json, "p90", percentile_us(tally, 0.9));
    json_writer_field_uint(json, "p99", percentile_us(tally, 0.99));
    json_writer_field_uint(json, "p999", percentile_us(tally, 0.999));
    json_writer_field_uint(json, "max", tally->latency_max_ns / 1000);
    json_writer_key(json, "up_to");
    json_writer_begin_object(json);
    for (unsigned i = 0; i < TALLY_BUCKET_COUNT; i++) {
        char bound[24];
        snprintf(bound, sizeof(bound), "%" PRIu64, bound_us(i));
        if (tally->latencies[i] > 0)
            json_writer_field_uint(json, bound, tally->latencies[i]);
    }
    json_writer_end_object(json);
    json_writer_end_object(json);
}

static void write_counts(const struct tally *tally, struct json_writer *json)
{
    json_writer_key(json, "by_method");
    json_writer_begin_object(json);
    for (unsigned i = 0; i < REQUEST_METHOD_COUNT; i++) {
        json_writer_key(json, request_method_name((enum request_method)i));
        json_writer_begin_object(json);
        json_writer_field_uint(json, "requests", tally->requests[i]);
        json_writer_field_uint(json, "failures", tally->failures[i]);
        json_writer_end_object(json);
    }
    json_writer_end_object(json);
    json_writer_key(json, "by_status");
    json_writer_begin_object(json);
    for (unsigned i = 0; i < 600; i++) {
        char code[16];
        snprintf(code, sizeof(code), "%u", i);
        if (tally->statuses[i] > 0)
            json_writer_field_uint(json, i ? code : "none", tally->statuses[i]);
    }
    json_writer_end_object(json);
    json_writer_key(json, "failures_by_kind");
    json_writer_begin_object(json);
    for (unsigned i = 0; i < tally->kind_count; i++)
        json_writer_field_uint(json, tally->kinds[i].name, tally->kinds[i].count);
    json_writer_end_object(json);
}

void tally_report(const struct tally *tally, struct text *out)
{
    struct json_writer json;
    json_writer_init(&json, out);
    json_writer_begin_object(&json);
    json_writer_field_uint(&json, "requests", tally_requests(tally));
    json_writer_field_uint(&json, "failures", tally_failures(tally));
    json_writer_key(&json, "seconds");
    json_writer_double(&json, (double)(clock_wall_ns() - tally->begun_wall_ns) / 1e9);
    write_counts(tally, &json);
    write_latencies(tally, &json);
    json_writer_field_uint(&json, "connections", tally->connections);
    json_writer_field_uint(&json, "tls_connections", tally->tls_connections);
    json_writer_field_uint(&json, "on_reused_connections", tally->reused);
    json_writer_field_uint(&json, "closed_while_idle", tally->closed_while_idle);
    json_writer_field_uint(&json, "postponed", tally->postponed);
    json_writer_end_object(&json);
    /* The failures are JSON already: they go in before the last brace. */
    out->len--;
    text_append_str(out, ",\"first_failures\":[");
    text_append(out, text_view(&tally->first_failures));
    text_append_str(out, "]}\n");
}
