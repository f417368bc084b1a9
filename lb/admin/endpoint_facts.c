#include "lb/admin/endpoint_facts.h"

#include "lb/admin/tls_words.h"
#include "lb/base/clock.h"
#include "lb/follow/reasons.h"

/* Only where the operator ordered something. */
static void write_order(struct json_writer *json, const struct endpoint *endpoint)
{
    static const char *const words[] = {
        [ENDPOINT_ORDER_NONE] = "none",
        [ENDPOINT_ORDER_DRAIN] = "drain",
        [ENDPOINT_ORDER_DISABLE] = "disable",
    };
    if (endpoint->order == ENDPOINT_ORDER_NONE && endpoint->ordered_weight == 0)
        return;
    json_writer_key(json, "ordered");
    json_writer_begin_object(json);
    json_writer_field_str(json, "by", "admin");
    json_writer_field_str(json, "order", words[endpoint->order]);
    if (endpoint->ordered_weight)
        json_writer_field_uint(json, "weight", endpoint->ordered_weight);
    json_writer_end_object(json);
}

static void write_protocol(struct json_writer *json, const struct endpoint *endpoint)
{
    if (endpoint->protocol == PROTOCOL_HTTP)
        return;
    json_writer_field_str(json, "protocol", protocol_word(endpoint->protocol));
    tls_words_write(endpoint, json);
}

static unsigned limit_of(const struct endpoint *endpoint)
{
    return atomic_load_explicit(&endpoint->max_inflight, memory_order_relaxed);
}

static void write_state(struct json_writer *json, const struct endpoint *endpoint)
{
    char since[CLOCK_TEXT_BYTES];
    enum endpoint_state state = endpoint_state(endpoint);
    json_writer_field_str(json, "state", endpoint_state_word(state));
    json_writer_field_str(json, "since",
                          endpoint->state_since_ns ? clock_format(endpoint->state_since_ns, since)
                                                   : NULL);
    json_writer_field_str(json, "cause", endpoint->cause);
    json_writer_field_if_any(json, "problem", endpoint->problem);
    if (state != ENDPOINT_READY)
        json_writer_field_str(json, "remedy", reasons_of_endpoint(endpoint)->remedy);
}

void endpoint_facts_write(const struct endpoint *endpoint, const struct backends *backends,
                          struct json_writer *json)
{
    char address[ADDRESS_TEXT_BYTES];
    json_writer_field_str(json, "id", endpoint->container);
    json_writer_field_str(json, "name", endpoint->name);
    json_writer_field_str(json, "address", address_format(&endpoint->address, address));
    if (endpoint->is_local)
        json_writer_field_bool(json, "local", true);
    write_protocol(json, endpoint);
    backends_write_names(backends, &endpoint->address, json);
    write_state(json, endpoint);
    json_writer_field_uint(json, "weight", endpoint_weight(endpoint));
    write_order(json, endpoint);
    if (limit_of(endpoint) > 0)
        json_writer_field_uint(json, "max_inflight", limit_of(endpoint));
}

/* ---- counts ---------------------------------------------------------------------------------- */

/* What no request is sent to has had connections instead. */
static bool has_connections(const struct endpoint *endpoint)
{
    return endpoint->protocol != PROTOCOL_HTTP && endpoint->protocol != PROTOCOL_UDP &&
           !endpoint->is_by_tls;
}

/* Of those that there were. */
static void write_answers(struct json_writer *json, const struct endpoint_sums *sums)
{
    static const char *const classes[] = {NULL, "1xx", "2xx", "3xx", "4xx", "5xx"};
    json_writer_key(json, "answers");
    json_writer_begin_object(json);
    for (unsigned class = 1; class < 6; class ++)
        if (sums->answers[class] > 0)
            json_writer_field_uint(json, classes[class], sums->answers[class]);
    json_writer_end_object(json);
}

static void write_times(struct json_writer *json, const struct endpoint *endpoint, uint64_t now_ms)
{
    enum endpoint_state state = endpoint_state(endpoint);
    uint64_t until_ms = endpoint->ejected_until_ms;
    if (state == ENDPOINT_EJECTED)
        json_writer_field_uint(json, "ejected_for_ms", now_ms < until_ms ? until_ms - now_ms : 0);
    if (state == ENDPOINT_READY && endpoint->slow_start_ms > 0)
        json_writer_field_uint(json, "share_percent", endpoint_share_percent(endpoint, now_ms));
}

struct writing {
    struct json_writer *json;
    bool with_zeros;
};

static void write_count(const struct writing *writing, const char *key, uint64_t count)
{
    if (count > 0 || writing->with_zeros)
        json_writer_field_uint(writing->json, key, count);
}

static void write_counts(const struct endpoint *endpoint, uint64_t now_ms,
                         const struct writing *writing)
{
    struct endpoint_sums sums = {0};
    endpoint_add_to(endpoint, &sums);
    write_times(writing->json, endpoint, now_ms);
    if (has_connections(endpoint))
        json_writer_field_uint(writing->json, "connections", sums.connect_count);
    write_count(writing, "inflight", endpoint_inflight_count(endpoint));
    /* Connections, with checks; those that were there before the limit hold no place. */
    if (limit_of(endpoint) > 0)
        write_count(writing, "places_taken", atomic_load(endpoint_admitted_count(endpoint)));
    write_count(writing, "requests", endpoint_request_count(endpoint));
    write_count(writing, "failures", endpoint_failure_count(endpoint));
    write_count(writing, "retries", sums.retry_count);
    write_count(writing, "ejections", endpoint->ejected_count);
    if (writing->with_zeros)
        write_answers(writing->json, &sums);
}

void endpoint_facts_write_counts(const struct endpoint *endpoint, uint64_t now_ms,
                                 struct json_writer *json)
{
    write_counts(endpoint, now_ms, &(struct writing){.json = json, .with_zeros = true});
}

void endpoint_facts_write_some_counts(const struct endpoint *endpoint, uint64_t now_ms,
                                      struct json_writer *json)
{
    write_counts(endpoint, now_ms, &(struct writing){.json = json});
}
