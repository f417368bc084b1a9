/* Lines of lb-discovery as lb reads them, and the pools that are built from them, one after the
 * other as in a running lb that has some listeners of TCP and UDP. What holds: a bad line changes nothing,
 * every pool is in order, endpoints fit the kind of their service, round robin gives ready endpoints
 * only, each rule of a listener leads to a target, and nothing leaks. */
#include <string.h>

#include <jansson.h>

#include "lb/follow/left_out.h"
#include "lb/follow/membership.h"
#include "lb/policy/balance.h"
#include "tests/fuzz/support/target.h"

#define WORKERS 2u

static const char *const tcp_listeners[] = {"0.0.0.0:5432=db", "127.0.0.1:5432=db",
                                            "0.0.0.0:443/a.test=appserver", "0.0.0.0:6379"};
static const char *const udp_listeners[] = {"0.0.0.0:53=dns", "0.0.0.0:5353"};

static struct listener_rule operators[6];

static void read_listeners(void)
{
    struct text problem = TEXT_INIT;
    for (unsigned i = 0; i < 4; i++)
        TARGET_CHECK(
            listener_rule_parse(view_str(tcp_listeners[i]), SERVICE_TCP, &operators[i], &problem));
    for (unsigned i = 0; i < 2; i++)
        TARGET_CHECK(listener_rule_parse(view_str(udp_listeners[i]), SERVICE_UDP, &operators[4 + i],
                                         &problem));
}

static void listen_at(struct membership *membership)
{
    struct listener_range range;
    struct text problem = TEXT_INIT;
    TARGET_CHECK(listener_range_parse(VIEW("10000-10999"), &range, &problem));
    read_listeners();
    membership_listen(membership, operators, 6, &range);
}

static void note_change(void *owner, struct endpoint *endpoint, enum endpoint_state before)
{
    unsigned *count = owner;
    TARGET_CHECK(endpoint_state(endpoint) != before);
    if (endpoint_state(endpoint) == ENDPOINT_PROBING)
        endpoint->is_admitted = true; /* as if a probe had succeeded: ready in the next pool */
    ++*count;
}

static void check_service(const struct pool_service *service)
{
    struct balance_tried tried = {0};
    TARGET_CHECK(service->rotation_count <= POOL_ROTATION_MAX);
    TARGET_CHECK(service->kept->kind == service->kind);
    for (unsigned i = 0; i < service->endpoint_count; i++)
        TARGET_CHECK(protocol_serves(service->endpoints[i]->protocol, service->kind));
    for (unsigned i = 1; i < service->endpoint_count; i++)
        TARGET_CHECK(strcmp(service->endpoints[i - 1]->name, service->endpoints[i]->name) <= 0);
    for (unsigned i = 0; i < 16; i++) {
        struct endpoint *endpoint = balance_pick(service, &tried);
        if (!endpoint)
            break;
        TARGET_CHECK(endpoint_is_usable(endpoint));
        TARGET_CHECK(endpoint->weight >= 1 && endpoint->weight <= LIMITS_WEIGHT_MAX);
        TARGET_CHECK(address_port(&endpoint->address) > 0);
        balance_note_tried(&tried, endpoint);
    }
    balance_tried_fini(&tried);
}

/* All kinds of a service stand together. */
static bool is_in_order(const struct pool_service *first, const struct pool_service *second)
{
    int order = strcmp(first->name, second->name);
    return order < 0 || (order == 0 && first->kind < second->kind);
}

static void check_listeners(const struct pool *pool)
{
    const struct listener_table *table = pool->listeners.table;
    unsigned count = table ? listener_table_rule_count(table) : 0;
    for (unsigned i = 0; i < count; i++) {
        const struct listener_rule *rule = listener_table_rule(table, i);
        const struct listener_entry *entry = listener_table_find(table, rule->kind, &rule->at);
        TARGET_CHECK(entry);
        TARGET_CHECK(i == 0 || listener_table_compare(listener_table_rule(table, i - 1), rule) < 0);
        uint32_t number = listener_table_service_find(table, rule->service, rule->kind);
        const struct routes_target *target = pool_listeners_target(&pool->listeners, number);
        TARGET_CHECK(view_eq(view_str(target->service->name), rule->service));
        TARGET_CHECK(target->listed == pool_find_kind(pool, rule->service, rule->kind));
        if (rule->server_name.len > 0 && rule->server_name.ptr[0] != '*')
            TARGET_CHECK(listener_entry_find(entry, rule->server_name, &rule->alpn,
                                             rule->alpn.len > 0) == number);
    }
}

static void check_pool(const struct pool *pool)
{
    for (unsigned i = 0; i < pool->service_count; i++) {
        const struct pool_service *service = &pool->services[i];
        TARGET_CHECK(i == 0 || is_in_order(service - 1, service));
        TARGET_CHECK(pool_find_kind(pool, view_str(service->name), service->kind) == service);
        check_service(service);
    }
    check_listeners(pool);
}

static struct pool *build(const struct pool *before, struct membership *membership)
{
    unsigned change_count = 0;
    struct pool *pool =
        pool_build(before, &membership->wanted, &(struct pool_rules){.worker_count = WORKERS});
    pool_build_settle(pool, before, note_change, &change_count);
    TARGET_CHECK(!before || pool->version > before->version || change_count == 0);
    check_pool(pool);
    return pool;
}

static void check_left_out(const struct membership *membership)
{
    struct text out = TEXT_INIT;
    struct json_writer writer;
    json_writer_init(&writer, &out);
    left_out_write(membership, &writer);
    json_t *document = json_loadb(out.bytes, out.len, 0, NULL);
    TARGET_CHECK(json_is_array(document));
    json_decref(document);
    text_fini(&out);
}

static void check_services(const struct pool_wanted *fresh, const struct pool_wanted *wanted)
{
    struct text problem = TEXT_INIT;
    TARGET_CHECK(fresh->service_count == wanted->service_count);
    for (unsigned i = 0; i < wanted->service_count; i++) {
        TARGET_CHECK(strcmp(fresh->services[i].name, wanted->services[i].name) == 0);
        for (unsigned kind = 0; kind < SERVICE_OPTION_COUNT; kind++) {
            struct view value = wanted->services[i].options.values[kind];
            TARGET_CHECK(view_eq(value, fresh->services[i].options.values[kind]));
            TARGET_CHECK(value.len == 0 ||
                         service_option_check((enum service_option_kind)kind, value, &problem));
        }
    }
}

static void check_alike(const struct membership *fresh, const struct membership *membership)
{
    TARGET_CHECK(fresh->wanted.endpoint_count == membership->wanted.endpoint_count);
    TARGET_CHECK(listener_table_is_same(fresh->wanted.listeners, membership->wanted.listeners));
    TARGET_CHECK(json_equal(fresh->listeners.refused, membership->listeners.refused) ||
                 !membership->listeners.refused);
    check_services(&fresh->wanted, &membership->wanted);
    TARGET_CHECK(view_eq(text_view(&fresh->passed_over), text_view(&membership->passed_over)));
}

/* What of a line is taken over from the one before changes nothing, unless that is kept for who is gone: it is
 * read as if it were read whole. `news` and `problem` are what came of it. */
static void check_reading(const struct membership *membership, struct view line,
                          enum membership_news news, const struct text *problem)
{
    json_error_t error;
    json_t *whole = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, &error);
    if (whole && view_find(line, '\0') < 0) /* jansson passes over a NUL behind a number */
        TARGET_CHECK(!view_starts_with(text_view(problem), VIEW("no JSON")));
    else if (json_error_code(&error) != json_error_stack_overflow)
        TARGET_CHECK(news == MEMBERSHIP_REFUSED);
    if (whole && news == MEMBERSHIP_CHANGED) {
        struct membership fresh;
        struct text ignored = TEXT_INIT;
        TARGET_CHECK(json_equal(whole, membership->line.root));
        membership_init(&fresh, "appserver");
        listen_at(&fresh);
        TARGET_CHECK(membership_read_line(&fresh, line, &ignored) == MEMBERSHIP_CHANGED);
        if (membership->claims.lost_count + membership->routes.lost_count == 0)
            check_alike(&fresh, membership);
        text_fini(&ignored);
        membership_fini(&fresh);
    }
    json_decref(whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct membership membership;
    struct pool *pool = NULL;
    struct view rest = view_of((const char *)data, size);
    membership_init(&membership, "appserver");
    listen_at(&membership);
    while (rest.len > 0) {
        struct text problem = TEXT_INIT;
        const json_t *before = membership.line.root;
        struct view line = view_cut(&rest, '\n');
        enum membership_news news = membership_read_line(&membership, line, &problem);
        check_reading(&membership, line, news, &problem);
        if (news == MEMBERSHIP_CHANGED) {
            struct pool *next = build(pool, &membership);
            pool_unref(pool);
            pool = next;
            check_left_out(&membership);
        } else {
            TARGET_CHECK((problem.len > 0) == (news == MEMBERSHIP_REFUSED));
            TARGET_CHECK(membership.line.root == before);
        }
        text_fini(&problem);
    }
    pool_unref(pool);
    membership_fini(&membership);
    return 0;
}
