/* Services of one name that are served in several ways: services of their own, with the same servers. */
#include "tests/unit/pool/build_case.h"

#include "lb/pool/pool_listeners.h"

static struct pool_wanted_endpoint http, tcp, udp, other;
static struct pool_wanted_endpoint endpoints[6];
static struct pool_wanted wanted;
static struct listener_table *table;

static struct pool_wanted_endpoint endpoint(const char *service, enum service_kind kind,
                                            enum protocol protocol, const char *id,
                                            const char *address)
{
    struct pool_wanted_endpoint made = {.service = service,
                                        .kind = kind,
                                        .protocol = protocol,
                                        .id = id,
                                        .name = id,
                                        .weight = 1,
                                        .state = ENDPOINT_READY,
                                        .cause = "list"};
    assert_true(address_parse(view_str(address), &made.address));
    return made;
}

static struct pool *make(struct pool *before, const struct pool_wanted_endpoint *const *rows)
{
    wanted.endpoints = endpoints;
    wanted.listeners = table;
    wanted.is_trusted = true;
    for (wanted.endpoint_count = 0; rows[wanted.endpoint_count]; wanted.endpoint_count++)
        endpoints[wanted.endpoint_count] = *rows[wanted.endpoint_count];
    text_clear(&told);
    struct pool *pool = build_wanted(before, &wanted);
    pool_unref(before);
    return pool;
}

static int set_up(void **state)
{
    struct listener_rule rules_of[3];
    struct text problem = TEXT_INIT;
    (void)state;
    http = endpoint("app", SERVICE_HTTP, PROTOCOL_HTTP, "1", "10.0.0.1:80");
    http.is_shared = true;
    tcp = http;
    tcp.kind = SERVICE_TCP;
    udp = endpoint("app", SERVICE_UDP, PROTOCOL_UDP, "1/udp", "10.0.0.1:80");
    other = endpoint("other", SERVICE_TCP, PROTOCOL_TCP, "2", "10.0.0.2:80");
    listener_rule_parse(VIEW("1.1.1.1:443=app"), SERVICE_TCP, &rules_of[0], &problem);
    listener_rule_parse(VIEW("1.1.1.1:444=empty"), SERVICE_TCP, &rules_of[1], &problem);
    listener_rule_parse(VIEW("1.1.1.1:443=app"), SERVICE_UDP, &rules_of[2], &problem);
    table = listener_table_new(rules_of, 3);
    wanted = (struct pool_wanted){.routed = "app"};
    text_fini(&problem);
    return 0;
}

static int end(void **state)
{
    listener_table_unref(table);
    return tear_down(state);
}

static const struct pool_service *kind(const struct pool *pool, const char *name,
                                       enum service_kind of)
{
    return pool_find_kind(pool, view_str(name), of);
}

static const struct routes_target *target_at(const struct pool *pool, enum service_kind of,
                                             const char *text)
{
    struct address at;
    assert_true(address_parse(view_str(text), &at));
    const struct listener_entry *entry = listener_table_find(pool->listeners.table, of, &at);
    return pool_listeners_target(&pool->listeners,
                                 entry ? listener_entry_default(entry) : LISTENER_TABLE_NONE);
}

static void test_kinds_are_services_of_their_own_with_one_server(void **state)
{
    (void)state;
    struct pool *pool =
        make(NULL, (const struct pool_wanted_endpoint *const[]){&udp, &tcp, &http, &other, NULL});
    assert_int_equal(pool->service_count, 4);
    assert_ptr_equal(pool_find(pool, VIEW("app")), kind(pool, "app", SERVICE_HTTP));
    assert_null(kind(pool, "other", SERVICE_HTTP));
    assert_null(kind(pool, "other", SERVICE_UDP));
    const struct pool_service *by_tcp = kind(pool, "app", SERVICE_TCP);
    const struct pool_service *by_http = kind(pool, "app", SERVICE_HTTP);
    assert_ptr_not_equal(by_tcp->kept, by_http->kept);
    assert_int_equal(by_tcp->kept->kind, SERVICE_TCP);
    assert_ptr_equal(by_tcp->endpoints[0], by_http->endpoints[0]);
    assert_true(atomic_load(&by_tcp->endpoints[0]->has_kin));
    assert_int_equal(kind(pool, "app", SERVICE_UDP)->endpoints[0]->protocol, PROTOCOL_UDP);
    assert_string_equal(text_str(&told), "app/1 gone>ready\napp/1/udp gone>ready\n"
                                         "other/2 gone>ready\n");
    pool_unref(pool);
}

static void test_listeners_lead_to_their_kind_with_endpoints_or_without(void **state)
{
    (void)state;
    struct pool *pool =
        make(NULL, (const struct pool_wanted_endpoint *const[]){&http, &tcp, &udp, NULL});
    const struct routes_target *by_tcp = target_at(pool, SERVICE_TCP, "1.1.1.1:443");
    assert_ptr_equal(by_tcp->listed, kind(pool, "app", SERVICE_TCP));
    assert_ptr_equal(target_at(pool, SERVICE_UDP, "1.1.1.1:443")->listed,
                     kind(pool, "app", SERVICE_UDP));
    assert_ptr_equal(pool->routes.otherwise.listed, kind(pool, "app", SERVICE_HTTP));
    const struct routes_target *empty = target_at(pool, SERVICE_TCP, "1.1.1.1:444");
    assert_null(empty->listed);
    assert_string_equal(empty->service->name, "empty");
    assert_int_equal(empty->service->kind, SERVICE_TCP);
    assert_null(target_at(pool, SERVICE_TCP, "1.1.1.1:445"));
    pool_unref(pool);
}

/* Its counters and its turn go on, whether it has endpoints or not. */
static void test_a_service_stays_while_a_listener_leads_to_it(void **state)
{
    (void)state;
    struct pool *pool = make(NULL, (const struct pool_wanted_endpoint *const[]){&http, &tcp, NULL});
    struct service *kept = service_ref(kind(pool, "app", SERVICE_TCP)->kept);
    struct service *empty = service_ref(target_at(pool, SERVICE_TCP, "1.1.1.1:444")->service);
    pool = make(pool, (const struct pool_wanted_endpoint *const[]){&http, NULL});
    assert_string_equal(text_str(&told), ""); /* its server is there, by HTTP */
    assert_null(kind(pool, "app", SERVICE_TCP));
    assert_ptr_equal(target_at(pool, SERVICE_TCP, "1.1.1.1:443")->service, kept);
    assert_ptr_equal(target_at(pool, SERVICE_TCP, "1.1.1.1:444")->service, empty);
    pool = make(pool, (const struct pool_wanted_endpoint *const[]){&http, &tcp, NULL});
    assert_ptr_equal(kind(pool, "app", SERVICE_TCP)->kept, kept);
    service_unref(kept);
    service_unref(empty);
    pool_unref(pool);
}

static void test_a_server_that_is_served_in_another_way_stays_the_same(void **state)
{
    (void)state;
    struct pool_wanted_endpoint alone = http;
    alone.is_shared = false;
    struct pool *pool = make(NULL, (const struct pool_wanted_endpoint *const[]){&alone, NULL});
    struct endpoint *server = endpoint_ref(pool->services[0].endpoints[0]);
    pool = make(pool, (const struct pool_wanted_endpoint *const[]){&http, &tcp, NULL});
    assert_ptr_equal(kind(pool, "app", SERVICE_TCP)->endpoints[0], server);
    pool = make(pool, (const struct pool_wanted_endpoint *const[]){&tcp, NULL});
    assert_ptr_equal(kind(pool, "app", SERVICE_TCP)->endpoints[0], server);
    assert_string_equal(text_str(&told), "");
    pool = make(pool, (const struct pool_wanted_endpoint *const[]){NULL});
    assert_string_equal(text_str(&told), "app/1 ready>gone\n");
    endpoint_unref(server);
    pool_unref(pool);
}

static void test_each_kind_has_its_usual_balance_unless_all_of_the_name_have_another(void **state)
{
    struct pool_wanted_service services[] = {
        {.name = "app", .options.values[SERVICE_OPTION_BALANCE] = VIEW("hash client")},
        {.name = "empty", .options.values[SERVICE_OPTION_BALANCE] = VIEW("hash path")}};
    const struct pool_wanted_endpoint *const rows[] = {&http, &tcp, &udp, &other, NULL};
    (void)state;
    struct pool *pool = make(NULL, rows);
    assert_int_equal(kind(pool, "app", SERVICE_HTTP)->policy->balance.algorithm,
                     BALANCE_ROUND_ROBIN);
    assert_int_equal(kind(pool, "app", SERVICE_TCP)->policy->balance.algorithm,
                     BALANCE_LEAST_REQUESTS);
    assert_int_equal(kind(pool, "app", SERVICE_UDP)->policy->balance.algorithm,
                     BALANCE_HASH_CONNECTION);
    assert_ptr_equal(kind(pool, "other", SERVICE_TCP)->policy,
                     kind(pool, "app", SERVICE_TCP)->policy);
    struct service_policy *before = kind(pool, "app", SERVICE_TCP)->policy;
    wanted.services = services;
    wanted.service_count = 2;
    pool = make(pool, rows);
    for (unsigned of = 0; of < SERVICE_KIND_COUNT; of++)
        assert_int_equal(kind(pool, "app", (enum service_kind)of)->policy->balance.algorithm,
                         BALANCE_HASH_CLIENT);
    assert_ptr_equal(kind(pool, "other", SERVICE_TCP)->policy, before);
    assert_ptr_equal(target_at(pool, SERVICE_TCP, "1.1.1.1:444")->policy, before);
    pool_unref(pool);
}

static void test_a_pause_is_one_of_all_kinds(void **state)
{
    struct pool_wanted_order orders[] = {
        {.service = "app", .percent = POOL_WANTED_NO_SHARE, .paused_until_ms = 700},
        {.service = "empty", .percent = POOL_WANTED_NO_SHARE, .paused_until_ms = 800}};
    const struct pool_wanted_endpoint *const rows[] = {&http, &tcp, &udp, &other, NULL};
    (void)state;
    wanted.orders = orders;
    wanted.order_count = 2;
    struct pool *pool = make(NULL, rows);
    for (unsigned of = 0; of < SERVICE_KIND_COUNT; of++) {
        assert_true(kind(pool, "app", (enum service_kind)of)->is_paused);
        assert_int_equal(service_paused_until_ms(kind(pool, "app", (enum service_kind)of)->kept),
                         700);
    }
    assert_false(kind(pool, "other", SERVICE_TCP)->is_paused);
    const struct routes_target *empty = target_at(pool, SERVICE_TCP, "1.1.1.1:444");
    assert_int_equal(service_paused_until_ms(empty->service), 800);
    wanted.order_count = 0;
    pool = make(pool, rows);
    assert_int_equal(service_paused_until_ms(kind(pool, "app", SERVICE_UDP)->kept), 0);
    empty = target_at(pool, SERVICE_TCP, "1.1.1.1:444");
    assert_int_equal(service_paused_until_ms(empty->service), 0);
    pool_unref(pool);
}

static void test_a_snapshot_without_listeners_leads_nowhere(void **state)
{
    (void)state;
    struct pool *pool = make(NULL, (const struct pool_wanted_endpoint *const[]){&http, &tcp, NULL});
    struct listener_table *kept = table;
    table = NULL;
    pool = make(pool, (const struct pool_wanted_endpoint *const[]){&http, NULL});
    table = kept;
    assert_null(pool->listeners.table);
    assert_null(pool_listeners_target(&pool->listeners, LISTENER_TABLE_NONE));
    pool_unref(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, end)
        TEST(test_kinds_are_services_of_their_own_with_one_server),
        TEST(test_listeners_lead_to_their_kind_with_endpoints_or_without),
        TEST(test_a_service_stays_while_a_listener_leads_to_it),
        TEST(test_a_server_that_is_served_in_another_way_stays_the_same),
        TEST(test_each_kind_has_its_usual_balance_unless_all_of_the_name_have_another),
        TEST(test_a_pause_is_one_of_all_kinds),
        TEST(test_a_snapshot_without_listeners_leads_nowhere),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
