/* A worker that has TCP listeners only, in the simulator: for the tests of passages. */
#ifndef TESTS_UNIT_PROXY_PASSAGE_CASE_H
#define TESTS_UNIT_PROXY_PASSAGE_CASE_H

#include "lb/proxy/proxy.h"
#include "tests/unit/proxy/proxy_case.h"

#define PASSAGE_AT      "127.0.0.1:5432"
#define PASSAGE_IDLE_MS 60000u

static inline void passage_case_accept(void *env, struct listener *listener)
{
    struct address at;
    assert_true(address_parse(VIEW(PASSAGE_AT), &at));
    proxy_accept_tcp(env, listener, &at);
}

static inline struct listener_rule passage_case_rule(const char *name, const char *alpn,
                                                     const char *service)
{
    struct listener_rule rule = {.kind = SERVICE_TCP,
                                 .server_name = view_str(name),
                                 .alpn = view_str(alpn),
                                 .service = view_str(service)};
    assert_true(address_parse(VIEW(PASSAGE_AT), &rule.at));
    return rule;
}

/* All that comes is for "appserver", or what `rules` say. Without a snapshot. */
static inline void passage_case_begin(struct world *world, const struct env_options *options,
                                      const struct listener_rule *rules, unsigned rule_count)
{
    struct listener_rule rule = passage_case_rule("", "", "appserver");
    world_begin(world, options, &world_hooks, passage_case_accept);
    world->kind = SERVICE_TCP;
    world->listeners = rules ? listener_table_new(rules, rule_count) : listener_table_new(&rule, 1);
    service_policy_of_kind(&world->policy, SERVICE_TCP);
    world->policy.tcp_idle_timeout_ms = PASSAGE_IDLE_MS;
    pretend_uv.connects_at_once = true;
}

static inline void passage_case_end(struct world *world)
{
    struct listener_table *listeners = world->listeners;
    world_close(world);
    listener_table_unref(listeners);
}

static inline void passage_case_say(struct pretend_uv_wire *wire, struct view bytes)
{
    text_append(&wire->sent, bytes);
    pretend_uv_settle();
}

/* What is counted of connections to "appserver". */
static inline struct passing passage_case_counted(const struct world *world)
{
    struct passing sum = {0};
    const struct pool_service *service =
        pool_find_kind(world->pool, VIEW("appserver"), SERVICE_TCP);
    assert_non_null(service);
    service_count_passing(service->kept, &sum);
    return sum;
}

#endif
