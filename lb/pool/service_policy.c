#include "lb/pool/service_policy.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "lb/base/list.h"
#include "lb/base/memory.h"
#include "lb/contract/capacity.h"
#include "lb/contract/check_choice.h"

struct counted {
    atomic_uint ref_count;
    struct service_policy policy;
};

static struct counted *counted_of(struct service_policy *policy)
{
    return list_entry(policy, struct counted, policy);
}

struct service_policy *service_policy_new(const struct service_policy *values)
{
    struct counted *counted = memory_new(sizeof(*counted));
    atomic_init(&counted->ref_count, 1);
    memcpy(&counted->policy, values, sizeof(*values)); /* as service_policy_is compares */
    return &counted->policy;
}

struct service_policy *service_policy_ref(struct service_policy *policy)
{
    atomic_fetch_add_explicit(&counted_of(policy)->ref_count, 1, memory_order_relaxed);
    return policy;
}

void service_policy_unref(struct service_policy *policy)
{
    if (policy &&
        atomic_fetch_sub_explicit(&counted_of(policy)->ref_count, 1, memory_order_acq_rel) == 1)
        free(counted_of(policy));
}

void service_policy_of_kind(struct service_policy *values, enum service_kind kind)
{
    static const enum balance_algorithm usual[] = {
        [SERVICE_TCP] = BALANCE_LEAST_REQUESTS, [SERVICE_UDP] = BALANCE_HASH_CONNECTION};
    if (kind != SERVICE_TCP)
        values->proxy_version = PROXY_VERSION_OFF;
    if (kind == SERVICE_HTTP)
        return;
    memset(&values->balance, 0, sizeof(values->balance));
    values->balance.algorithm = usual[kind];
    check_choice_narrow(&values->check, kind == SERVICE_UDP ? PROTOCOL_UDP : PROTOCOL_TCP);
}

/* What cannot be used trusts nobody. */
static void set_tls(struct upstream_tls *tls, const struct service_options *options)
{
    static const struct {
        enum service_option_kind kind;
        bool (*set)(struct upstream_tls *tls, struct view value);
    } words[] = {{SERVICE_OPTION_BACKEND_VERIFY, upstream_tls_set_verify},
                 {SERVICE_OPTION_BACKEND_CA, upstream_tls_set_ca},
                 {SERVICE_OPTION_BACKEND_NAME, upstream_tls_set_name},
                 {SERVICE_OPTION_BACKEND_CERTIFICATE, upstream_tls_set_certificate}};
    bool is_bad = false;
    for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        struct view value = options->values[words[i].kind];
        is_bad |= value.len > 0 && !words[i].set(tls, value);
    }
    if (is_bad)
        tls->verify = UPSTREAM_TLS_REFUSES;
}

void service_policy_set(struct service_policy *values, enum service_kind kind,
                        const struct service_options *options)
{
    struct balance_rule balance;
    if (balance_rule_parse(options->values[SERVICE_OPTION_BALANCE], &balance) &&
        (kind == SERVICE_HTTP || !balance_rule_needs_http(&balance)))
        memcpy(&values->balance, &balance, sizeof(balance));
    sticky_rule_parse(options->values[SERVICE_OPTION_STICKY], &values->sticky);
    preference_parse(options->values[SERVICE_OPTION_PREFER], &values->preference);
    if (kind == SERVICE_TCP)
        passage_option_parse_proxy(options->values[SERVICE_OPTION_PROXY_PROTOCOL],
                                   &values->proxy_version);
    passage_option_parse_drain(options->values[SERVICE_OPTION_TCP_DRAIN], &values->drains_by_reset);
    passage_option_parse_tcp_idle(options->values[SERVICE_OPTION_TCP_IDLE_TIMEOUT],
                                  &values->tcp_idle_timeout_ms);
    passage_option_parse_udp_idle(options->values[SERVICE_OPTION_UDP_IDLE_TIMEOUT],
                                  &values->udp_idle_timeout_ms);
    set_tls(&values->tls, options);
    capacity_parse_queue(options->values[SERVICE_OPTION_QUEUE], &values->queue_max);
    capacity_parse_queue_timeout(options->values[SERVICE_OPTION_QUEUE_TIMEOUT],
                                 &values->queue_timeout_ms);
}

/* What lies between two members may differ though they say the same: then a new object is made in
 * vain. */
bool service_policy_is(const struct service_policy *policy, const struct service_policy *values)
{
    return memcmp(policy, values, sizeof(*policy)) == 0;
}
