#include "lb/proxy/stickiness.h"

#include "lb/http/cookie.h"
#include "lb/pool/pool_sticky.h"

/* ---- the request ----------------------------------------------------------------------------- */

/* As the client sent it: the cookie is still there. */
static struct view head_as_asked(const struct exchange *exchange)
{
    return block_view(exchange->asked ? exchange->asked : exchange->outgoing.head);
}

static void take_out(struct exchange *exchange, struct view name)
{
    struct block_pool *blocks = &exchange->env->loop->blocks;
    struct block *before = exchange->outgoing.head;
    if (exchange->asked && !cookie_find(block_view(before), name).ptr)
        return;
    struct block *head = block_take(blocks, before->len);
    cookie_remove(block_view(before), name, head);
    exchange->outgoing.head = head;
    if (exchange->asked)
        block_give(blocks, before);
    else
        exchange->asked = before;
}

/* One that goes keeps its sessions for as long as it is there. */
static bool may_ask(const struct exchange *exchange, const struct pool_service *service,
                    const struct endpoint *endpoint)
{
    return (pool_may_use(service, endpoint) || endpoint_state(endpoint) == ENDPOINT_DRAINING) &&
           !balance_was_tried(&exchange->attempt.tried, endpoint);
}

/* Of several cookies of that name, as those of other paths and domains come along, the first one that is
 * good. `*has_any`: there is one at all. */
static struct endpoint *find_seat(const struct exchange *exchange,
                                  const struct pool_service *service, bool *has_any)
{
    const struct pool_sticky *sticky = service->sticky;
    struct cookie_walk walk = cookie_walk_of(head_as_asked(exchange));
    struct view value;
    *has_any = false;
    while (cookie_next(&walk, view_str(sticky->name), &value)) {
        struct endpoint *endpoint = pool_sticky_find(sticky, value);
        *has_any = true;
        if (endpoint && may_ask(exchange, service, endpoint))
            return endpoint;
    }
    return NULL;
}

bool stickiness_leads_to(const struct exchange *exchange, const struct pool_service *service)
{
    bool has_any;
    return service->sticky && find_seat(exchange, service, &has_any);
}

struct endpoint *stickiness_find(struct exchange *exchange)
{
    struct attempt *attempt = &exchange->attempt;
    const struct pool_sticky *sticky = attempt_listed(attempt)->sticky;
    exchange->facts &= ~(unsigned)(EXCHANGE_IS_STICKY | EXCHANGE_HAS_SEAT);
    if (!sticky)
        return NULL;
    exchange->facts |= EXCHANGE_IS_STICKY;
    bool has_any;
    struct endpoint *endpoint = find_seat(exchange, attempt_listed(attempt), &has_any);
    if (!has_any)
        return NULL;
    take_out(exchange, view_str(sticky->name));
    if (endpoint) {
        exchange->facts |= EXCHANGE_HAS_SEAT;
        return endpoint;
    }
    if (attempt->count == 0)
        counter_add(&attempt->service->traffic.sticky_miss_count, 1);
    return NULL;
}

/* ---- the answer ------------------------------------------------------------------------------ */

/* To lb, or by what a trusted client says. */
static bool came_by_https(const struct exchange *exchange)
{
    return condition_is_secure(exchange->forwarded.scheme);
}

static void append_attributes(const struct sticky_rule *rule, bool is_secure, struct text *out)
{
    static const char *const sites[] = {
        [STICKY_LAX] = "Lax", [STICKY_STRICT] = "Strict", [STICKY_NONE] = "None"};
    text_append_str(out, "; Path=");
    text_append_str(out, rule->path[0] ? rule->path : "/");
    text_append_str(out, "; HttpOnly; SameSite=");
    text_append_str(out, sites[rule->site]);
    if (is_secure)
        text_append_str(out, "; Secure");
    if (rule->max_age_s > 0)
        text_appendf(out, "; Max-Age=%u", rule->max_age_s);
    if (rule->domain[0])
        text_appendf(out, "; Domain=%s", rule->domain);
}

void stickiness_append(const struct exchange *exchange, struct text *out)
{
    const struct attempt *attempt = &exchange->attempt;
    const struct service_policy *policy = attempt->service->policy;
    const char *service = service_of(attempt->service)->name;
    char name[STICKY_RULE_NAME_BYTES], value[POOL_STICKY_VALUE_BYTES];
    if (exchange_is(exchange, EXCHANGE_HAS_SEAT))
        return;
    pool_sticky_name(policy, service, name);
    pool_sticky_value(policy, service, attempt->endpoint, value);
    text_append_str(out, "Set-Cookie: ");
    text_append_str(out, name);
    text_append_char(out, '=');
    text_append(out, view_of(value, sizeof(value)));
    append_attributes(&policy->sticky, policy->sticky.is_secure || came_by_https(exchange), out);
    text_append_str(out, "\r\n");
}
