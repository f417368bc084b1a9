#include "discovery/dialect/lb_labels.h"

#include <stdio.h>
#include <stdlib.h>

#include "discovery/clean.h"
#include "discovery/dialect/lb_sites.h"
#include "discovery/dialect/misspelling.h"
#include "discovery/field.h"
#include "lb/base/memory.h"
#include "lb/base/yes_no.h"
#include "lb/contract/limits.h"

static void complain_label(struct statement *said, const char *name, const char *value,
                           const char *accepted)
{
    if (!said->problem)
        said->problem = statement_complain(name, view_str(value), accepted);
}

/* A label that says yes or no; `otherwise` where it says nonsense. */
static bool read_yes(struct statement *said, const char *label, const char *value, bool otherwise)
{
    enum yes_no answer = yes_no_read(view_str(value));
    if (answer == YES_NO_NEITHER)
        complain_label(said, label, value, "true or false is accepted");
    return answer == YES_NO_NEITHER ? otherwise : answer == YES_NO_YES;
}

static void disable(struct statement *said, char *disabled_by)
{
    if (said->disabled_by)
        free(disabled_by);
    else
        said->disabled_by = disabled_by;
}

static void read_enable(struct statement *said, const char *label, const char *value)
{
    said->lets_in = read_yes(said, label, value, false);
    if (yes_no_read(view_str(value)) == YES_NO_NO)
        disable(said, statement_quote(label, view_str(value)));
}

static void read_drain(struct statement *said, const char *label, const char *value)
{
    said->options.drains = read_yes(said, label, value, false);
}

static void read_health(struct statement *said, const char *label, const char *value)
{
    said->options.ignores_health = view_eq_nocase(view_str(value), VIEW("ignore"));
    if (!said->options.ignores_health && !view_eq_nocase(view_str(value), VIEW("follow")))
        complain_label(said, label, value, "ignore or follow is accepted");
}

static void read_service(struct statement *said, const char *label, const char *value)
{
    statement_set_name(&said->service, value, label);
}

static void read_port(struct statement *said, const char *label, const char *value)
{
    statement_add_port(said, view_str(value), label, "the label lb.port");
}

static void read_weight(struct statement *said, const char *label, const char *value)
{
    uint64_t weight;
    if (!view_parse_u64(view_str(value), LIMITS_WEIGHT_MAX, &weight))
        complain_label(said, label, value, "a number from 0 (drains) to 256 is accepted");
    else if (weight == 0)
        said->options.drains = true;
    else
        said->options.weight = (unsigned)weight;
}

static void read_address(struct statement *said, const char *label, const char *value)
{
    struct address address;
    if (address_parse_ip(view_str(value), 0, &address))
        address_format_ip(&address, said->options.address);
    else
        complain_label(said, label, value, "an IPv4 or IPv6 address is accepted");
}

static void read_network(struct statement *said, const char *label, const char *value)
{
    said->options.network_label = label;
    said->options.network = clean_copy(view_str(value), LIMITS_NAME_BYTES_MAX);
}

static void read_slow_start(struct statement *said, const char *label, const char *value)
{
    said->options.has_slow_start = waits_parse(view_str(value), &said->options.slow_start_ms);
    if (!said->options.has_slow_start)
        complain_label(said, label, value, "0, or a time up to 24h, for example 30s, is accepted");
}

static void read_wait(struct statement *said, const char *label, const char *value)
{
    enum wait wait = waits_of_label(label);
    said->options.waits.is_given[wait] =
        waits_parse(view_str(value), &said->options.waits.ms[wait]);
    if (!said->options.waits.is_given[wait])
        complain_label(said, label, value,
                       "off, or a time up to 24h, for example 90s, is accepted");
}

static void read_abort(struct statement *said, const char *label, const char *value)
{
    enum yes_no answer = yes_no_read(view_str(value));
    if (answer == YES_NO_NEITHER)
        complain_label(said, label, value, "true or false is accepted");
    else
        said->options.waits.aborts_on_close = answer == YES_NO_YES ? WAITS_YES : WAITS_NO;
}

static void read_max_inflight(struct statement *said, const char *label, const char *value)
{
    struct capacity *capacity = &said->options.capacity;
    capacity->has_max_inflight =
        capacity_parse_max_inflight(view_str(value), &capacity->max_inflight);
    if (!capacity->has_max_inflight)
        complain_label(said, label, value, CAPACITY_MAX_INFLIGHT_ACCEPTED);
}

static void read_keepalive(struct statement *said, const char *label, const char *value)
{
    if (!capacity_parse_keepalive(view_str(value), &said->options.capacity.keepalive))
        complain_label(said, label, value, CAPACITY_KEEPALIVE_ACCEPTED);
}

static void read_protocol(struct statement *said, const char *label, const char *value)
{
    said->protocol = claims_find_protocol(view_str(value));
    if (!said->protocol)
        complain_label(said, label, value, CLAIMS_PROTOCOLS_ACCEPTED);
}

/* As lb.backend-verify is called besides, for all services of the container. */
static void read_verify(struct statement *said, const char *label, const char *value)
{
    struct claim_wish *wish = claims_find_wish(&said->claims, view_of("", 0));
    bool verifies = read_yes(said, label, value, true);
    if (wish)
        claims_ask(&said->claims, wish, SERVICE_OPTION_BACKEND_VERIFY,
                   verifies ? VIEW("yes") : VIEW("no"), "lb.");
}

/* The grammar is the one of lb's flags --check-*. */
static void read_check(struct statement *said, const char *label, const char *value)
{
    struct view word = view_skip(view_str(label), sizeof("lb.check.") - 1);
    char accepted[128];
    if (check_set(&said->options.check, word, view_str(value))) {
        said->options.has_check = true;
        return;
    }
    snprintf(accepted, sizeof(accepted), "%s is accepted", check_accepted(word));
    complain_label(said, label, value, accepted);
}

/* Every label that is lb's, and who reads it, in this order, when it is given and not empty. What
 * begins with "lb." and is not here is told to its owner, so nothing may be read elsewhere. */
static const struct known_label {
    const char *name;
    void (*read)(struct statement *said, const char *label, const char *value);
} known_labels[] = {
    {"lb.service", read_service},
    {"lb.port", read_port},
    {"lb.enable", read_enable},
    {"lb.drain", read_drain},
    {"lb.health", read_health},
    {"lb.weight", read_weight},
    {"lb.address", read_address},
    {"lb.network", read_network},
    {"lb.slow-start", read_slow_start},
    {"lb.response-timeout", read_wait},
    {"lb.body-timeout", read_wait},
    {"lb.stream-timeout", read_wait},
    {"lb.abort-on-close", read_abort},
    {"lb.max-inflight", read_max_inflight},
    {"lb.upstream.keepalive", read_keepalive},
    {"lb.protocol", read_protocol},
    {"lb.upstream.verify", read_verify},
    /* lb_sites reads them */
    {"lb.host", NULL},
    {"lb.path", NULL},
    {"lb.strip", NULL},
    {"lb.priority", NULL},
    {"lb.tls", NULL},
    {"lb.tcp", NULL},
    {"lb.udp", NULL},
    {"lb.tcp.sni", NULL},
    {"lb.tcp.alpn", NULL},
    /* one for each word of lb/contract/check.h */
    {"lb.check.mode", read_check},
    {"lb.check.send", read_check},
    {"lb.check.expect", read_check},
    {"lb.check.path", read_check},
    {"lb.check.method", read_check},
    {"lb.check.host", read_check},
    {"lb.check.port", read_check},
    {"lb.check.header", read_check},
    {"lb.check.status", read_check},
    {"lb.check.text", read_check},
    {"lb.check.interval", read_check},
    {"lb.check.timeout", read_check},
    {"lb.check.rise", read_check},
    {"lb.check.fall", read_check},
};

#define KNOWN_COUNT (sizeof(known_labels) / sizeof(known_labels[0]))

/* Of the container's own site and services. lb_sites reads them. */
static const char *const route_labels[ROUTE_OPTION_COUNT] = {
#define XX(name, word) "lb." word,
    ROUTE_OPTION_MAP(XX)
#undef XX
};

static const char *const service_labels[SERVICE_OPTION_COUNT] = {
#define XX(name, word) "lb." word,
    SERVICE_OPTION_MAP(XX)
#undef XX
};

const char *lb_labels_at(size_t index)
{
    if (index < KNOWN_COUNT)
        return known_labels[index].name;
    index -= KNOWN_COUNT;
    if (index < ROUTE_OPTION_COUNT)
        return route_labels[index];
    index -= ROUTE_OPTION_COUNT;
    return index < SERVICE_OPTION_COUNT ? service_labels[index] : NULL;
}

static void read_labels(struct statement *said, const json_t *labels)
{
    for (size_t i = 0; i < KNOWN_COUNT; i++) {
        const struct known_label *known = &known_labels[i];
        struct view value = yes_no_trim(view_str(field_str(labels, known->name)));
        if (value.len == 0 || !known->read)
            continue;
        char *copy = memory_copy(value.ptr, value.len);
        known->read(said, known->name, copy);
        free(copy);
    }
}

static void read_misspelt(struct statement *said, const json_t *labels)
{
    static const struct misspelling_known known = {lb_labels_at, lb_sites_word_at,
                                                   lb_sites_is_named};
    struct misspelling found;
    misspelling_find(labels, &known, &found);
    said->remark = found.remark;
    if (found.disabled_by)
        disable(said, found.disabled_by);
}

void lb_labels_read(const struct statement_source *source, struct statement *statement)
{
    statement->has_options = true;
    read_labels(statement, source->labels);
    read_misspelt(statement, source->labels);
    lb_sites_read(source, &statement->claims);
    if (!statement->problem)
        statement->problem = claims_take_fault(&statement->claims);
}
