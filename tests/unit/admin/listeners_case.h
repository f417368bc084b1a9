/* A pool whose listeners lead to services of TCP and UDP, beside one of HTTP by the same name:
 *   app of HTTP: web1, ready · app of TCP: the same web1 · app of UDP: web1 at its UDP port
 *   db of TCP: db1 ready, db2 unhealthy · idle of TCP: nobody
 * TCP 0.0.0.0:443: a.test → app, *.b.test → db, all others → idle; 0.0.0.0:5432 → db. UDP 0.0.0.0:53 → app.
 * Includes cmocka. */
#ifndef TESTS_UNIT_ADMIN_LISTENERS_CASE_H
#define TESTS_UNIT_ADMIN_LISTENERS_CASE_H

#include "tests/unit/admin/site_case.h"

#include "lb/admin/explain_walk.h"
#include "lb/pool/pool_build.h"

static inline struct pool_wanted_endpoint listeners_endpoint(const char *service,
                                                             enum service_kind kind,
                                                             enum protocol protocol,
                                                             const char *name, const char *id)
{
    struct pool_wanted_endpoint endpoint = {.service = service,
                                            .kind = kind,
                                            .protocol = protocol,
                                            .id = id,
                                            .is_shared = true,
                                            .container = name,
                                            .name = name,
                                            .weight = 1,
                                            .state = ENDPOINT_READY,
                                            .cause = "start"};
    for (unsigned i = 0; i < WAIT_COUNT; i++)
        endpoint.waits.ms[i] = WAITS_UNGIVEN;
    assert_true(address_parse_ip(VIEW("127.0.0.9"), 5432, &endpoint.address));
    return endpoint;
}

static inline struct listener_rule listeners_rule(const char *text, enum service_kind kind)
{
    struct listener_rule rule;
    struct text problem = TEXT_INIT;
    if (!listener_rule_parse(view_str(text), kind, &rule, &problem))
        fail_msg("%s %s", text, text_str(&problem));
    return rule;
}

/* As they stand: 443 and 5432 and UDP 53 are open, 6379 has no rule, 7000 could not be opened. */
static struct listener_standing listeners_standings[5];
static const struct listener_standing *const listeners_list[] = {
    &listeners_standings[0], &listeners_standings[1], &listeners_standings[2],
    &listeners_standings[3], &listeners_standings[4]};
static const struct listener_standings listeners_all
    __attribute__((unused)) = {.all = listeners_list, .count = 5};

static inline void list_standings(void)
{
    static const struct {
        enum service_kind kind;
        uint16_t port;
        enum listener_state state;
        const char *why;
    } rows[] = {{SERVICE_TCP, 443, LISTENER_OPEN, ""},
                {SERVICE_TCP, 5432, LISTENER_OPEN, ""},
                {SERVICE_UDP, 53, LISTENER_OPEN, ""},
                {SERVICE_TCP, 6379, LISTENER_OPEN, ""},
                {SERVICE_TCP, 7000, LISTENER_FAILED, "address already in use"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct listener_standing *standing = &listeners_standings[i];
        *standing = (struct listener_standing){.kind = rows[i].kind, .state = rows[i].state};
        snprintf(standing->why, sizeof(standing->why), "%s", rows[i].why);
        assert_true(address_parse_ip(VIEW("0.0.0.0"), rows[i].port, &standing->at));
    }
}

#define LISTENERS_JSON                                                                             \
    "\"listeners\":[{\"protocol\":\"tcp\",\"address\":\"0.0.0.0:443\",\"state\":\"open\","         \
    "\"dynamic\":false,"                                                                           \
    "\"rules\":[{\"server_name\":\"a.test\",\"service\":\"app\",\"usable\":1,\"dialect\":\"lb\","  \
    "\"label\":\"lb.tcp.sni\",\"container\":\"web1\",\"container_name\":\"web1\"},"                \
    "{\"server_name\":\"*.b.test\",\"service\":\"db\",\"usable\":1},"                              \
    "{\"service\":\"idle\",\"usable\":0}]},"                                                       \
    "{\"protocol\":\"tcp\",\"address\":\"0.0.0.0:5432\",\"state\":\"open\",\"dynamic\":false,"     \
    "\"rules\":[{\"service\":\"db\",\"usable\":1}]},"                                              \
    "{\"protocol\":\"udp\",\"address\":\"0.0.0.0:53\",\"state\":\"open\",\"dynamic\":false,"       \
    "\"rules\":[{\"service\":\"app\",\"usable\":1}]},"                                             \
    "{\"protocol\":\"tcp\",\"address\":\"0.0.0.0:6379\",\"state\":\"open\",\"dynamic\":false,"     \
    "\"rules\":[]},"                                                                               \
    "{\"protocol\":\"tcp\",\"address\":\"0.0.0.0:7000\",\"state\":\"failed\","                     \
    "\"problem\":\"address already in use\",\"dynamic\":false,\"rules\":[]}]"

static inline void ignore_change(void *owner, struct endpoint *endpoint, enum endpoint_state before)
{
    (void)owner, (void)endpoint, (void)before;
}

/* In place of what the publisher has. */
static inline void take_listeners(void)
{
    struct pool_wanted_endpoint endpoints[] = {
        listeners_endpoint("app", SERVICE_HTTP, PROTOCOL_HTTP, "web1", "web1:80"),
        listeners_endpoint("app", SERVICE_TCP, PROTOCOL_HTTP, "web1", "web1:80"),
        listeners_endpoint("app", SERVICE_UDP, PROTOCOL_UDP, "web1", "web1:53/udp"),
        listeners_endpoint("db", SERVICE_TCP, PROTOCOL_TCP, "db1", "db1:5432"),
        listeners_endpoint("db", SERVICE_TCP, PROTOCOL_TCP, "db2", "db2:5432"),
    };
    struct listener_rule rules[] = {
        listeners_rule("0.0.0.0:443/a.test=app", SERVICE_TCP),
        listeners_rule("0.0.0.0:443/*.b.test=db", SERVICE_TCP),
        listeners_rule("0.0.0.0:443=idle", SERVICE_TCP),
        listeners_rule("0.0.0.0:5432=db", SERVICE_TCP),
        listeners_rule("0.0.0.0:53=app", SERVICE_UDP),
    };
    endpoints[4].state = ENDPOINT_UNHEALTHY;
    rules[0].container = rules[0].container_name = VIEW("web1");
    rules[0].dialect = VIEW("lb");
    rules[0].label = VIEW("lb.tcp.sni");
    struct pool_wanted wanted = {.endpoints = endpoints,
                                 .endpoint_count = COUNT_OF(endpoints),
                                 .listeners = listener_table_new(rules, COUNT_OF(rules)),
                                 .routed = "app",
                                 .is_trusted = true};
    struct pool *before = publisher.pool;
    publisher.pool = pool_build(before, &wanted, &(struct pool_rules){.worker_count = 1});
    pool_build_settle(publisher.pool, before, ignore_change, NULL);
    pool_unref(before);
    listener_table_unref(wanted.listeners);
    stop_clocks();
    list_standings();
}

/* What a worker counts of that service, in use until service_release. */
static inline struct service_local *use_kind(const char *name, enum service_kind kind)
{
    const struct pool_service *service = pool_find_kind(publisher.pool, view_str(name), kind);
    assert_non_null(service);
    return service_use(service->kept, 0, service->policy);
}

#endif
