/* Lines that follow each other: what is taken over from the last one makes no difference to what is
 * wanted, nor to the pool that is built from it. */
#include "lb/follow/state_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lb/base/rng.h"
#include "lb/follow/membership.h"

#define ENDPOINTS 60
#define ROUNDS    3000

static struct state_line before, now;

static int tear_down(void **state)
{
    (void)state;
    state_line_fini(&before);
    state_line_fini(&now);
    return 0;
}

static void parse(struct state_line *line, const struct state_line *last, const char *text)
{
    struct text problem = TEXT_INIT;
    json_t *want = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    bool is_good = state_line_parse(line, last, view_str(text), &problem);
    assert_true(is_good == (want != NULL));
    assert_true(is_good == (problem.len == 0));
    assert_true(json_equal(line->root, want) || !is_good);
    json_decref(want);
    text_fini(&problem);
}

static json_t *endpoint_of(const struct state_line *line, size_t service, size_t endpoint)
{
    const json_t *at = json_array_get(json_object_get(line->root, "services"), service);
    return json_array_get(json_object_get(at, "endpoints"), endpoint);
}

static void test_shared(void **state)
{
    (void)state;
    parse(&before, &now, "{\"services\":[{\"endpoints\":[{\"a\":1},{\"b\":\"}\"},{\"c\":1}]}]}");
    parse(&now, &before,
          "{\"t\":2, \"services\":[{},{\"endpoints\":[{\"b\":\"}\"}, {\"c\":2},{\"a\":1} ]}]}");
    assert_ptr_equal(endpoint_of(&now, 1, 0), endpoint_of(&before, 0, 1));
    assert_ptr_not_equal(endpoint_of(&now, 1, 1), endpoint_of(&before, 0, 2));
    assert_ptr_equal(endpoint_of(&now, 1, 2), endpoint_of(&before, 0, 0));
}

#define ROUTED(priority, weight)                                                                   \
    "{\"v\":2,\"routes\":[{\"host\":\"a.test\",\"service\":\"a\"},{\"host\":\"b.test\","           \
    "\"priority\":" priority ",\"service\":\"b\"}],\"services\":[{\"name\":\"a\",\"endpoints\":["  \
    "{\"id\":\"1\",\"name\":\"1\",\"address\":\"10.0.0.1\",\"port\":80,\"state\":\"ready\","       \
    "\"weight\":" weight "}]},{\"name\":\"b\",\"endpoints\":[]}]}"

static const struct rule *rule_of(const struct membership *membership, const char *host)
{
    const struct route_table *table = membership->wanted.routes;
    for (uint32_t i = 0; i < table->count; i++)
        if (view_eq(table->rules[i]->host, view_str(host)))
            return table->rules[i];
    return NULL;
}

static void take_good(struct membership *membership, const char *line)
{
    struct text problem = TEXT_INIT;
    assert_int_equal(membership_read_line(membership, view_str(line), &problem),
                     MEMBERSHIP_CHANGED);
    text_fini(&problem);
}

/* What changes of one route or endpoint makes nothing else anew. */
static void test_what_stays_is_not_made_again(void **state)
{
    struct membership membership;
    (void)state;
    membership_init(&membership, "app");
    take_good(&membership, ROUTED("1", "1"));
    struct route_table *first = route_table_ref(membership.wanted.routes);
    take_good(&membership, ROUTED("1", "7"));
    assert_ptr_equal(membership.wanted.routes, first);
    assert_int_equal(membership.wanted.endpoints[0].weight, 7);
    const struct rule *a = rule_of(&membership, "a.test"), *b = rule_of(&membership, "b.test");
    const struct pool_wanted_endpoint *endpoints = membership.wanted.endpoints;
    take_good(&membership, ROUTED("2", "7"));
    assert_ptr_not_equal(membership.wanted.routes, first);
    assert_ptr_equal(membership.wanted.routes, membership.routes.table);
    assert_ptr_equal(rule_of(&membership, "a.test"), a);
    assert_ptr_not_equal(rule_of(&membership, "b.test"), b);
    assert_int_equal(rule_of(&membership, "b.test")->route.priority, 2);
    assert_ptr_equal(membership.wanted.endpoints, endpoints);
    route_table_unref(first);
    membership_fini(&membership);
}

/* The bytes of a known endpoint do not make good what stands around them. */
static void test_bad(void **state)
{
    static const char *const lines[] = {
        "{\"services\":[{\"endpoints\":[{\"a\":1}{\"b\":2}]}]}",
        "{\"services\":[{\"endpoints\":[{\"a\":1},]}]}",
        "{\"services\":[{\"endpoints\":[{\"a\":1}]}]",
        "{\"services\":[{\"endpoints\":[{\"a\":1}]}]}}",
        "{\"services\":[{\"endpoints\":[{\"a\":1}}]}]}",
        "{\"services\":[{\"endpoints\":[{\"a\":1}],\"endpoints\":[]}]}",
        "{\"services\":[{\"endpoints\":[{\"a\":1}]}],\"services\":[]}",
        "{\"services\":[{\"endpoints\":[{\"a\":1}]} {}]}",
        "{\"services\" [{\"endpoints\":[{\"a\":1}]}]}",
        "{\"services\":[{\"endpoints\":[{\"a\":1}]}],}",
        "{services:[]}",
        "{\"services\":[{\"endpoints\":[{\"a\":1,\"a\":1}]}]}",
        "{\"services\":[{\"endpoints\":[{\"a\":1}",
        "{\"services\":[{\"endpoints\":[{\"a\":1",
        "{",
        "",
    };
    (void)state;
    parse(&before, &now, "{\"services\":[{\"endpoints\":[{\"a\":1},{\"b\":2}]}]}");
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        parse(&now, &before, lines[i]);
}

#define ENDPOINT(id)                                                                               \
    "{\"id\":\"" id "\",\"name\":\"n\",\"address\":\"10.0.0.1\",\"port\":80,\"state\":\"ready\"}"
#define LINE(endpoints) "{\"v\":1,\"services\":[{\"name\":\"app\",\"endpoints\":[" endpoints "]}]}"

/* Endpoints that are known and good may still not stand beside each other. */
static void test_ids(void **state)
{
    static const char *const bad[] = {
        LINE(ENDPOINT("1") "," ENDPOINT("1")),
        LINE(ENDPOINT("2") "," ENDPOINT("2")),
        LINE(ENDPOINT("1") "," ENDPOINT("2") "," ENDPOINT("1")),
    };
    static const char *const good[] = {LINE(ENDPOINT("2") "," ENDPOINT("1")),
                                       LINE(ENDPOINT("1") "," ENDPOINT("3"))};
    struct membership membership;
    struct text problem = TEXT_INIT;
    (void)state;
    membership_init(&membership, "app");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const char *line = LINE(ENDPOINT("1") "," ENDPOINT("2"));
        assert_int_equal(membership_read_line(&membership, view_str(line), &problem),
                         MEMBERSHIP_CHANGED);
        text_clear(&problem);
        assert_int_equal(membership_read_line(&membership, view_str(bad[i]), &problem),
                         MEMBERSHIP_REFUSED);
        assert_non_null(
            strstr(text_str(&problem), "want one that no other endpoint of the service has"));
        assert_int_equal(membership.wanted.endpoint_count, 2);
    }
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_int_equal(membership_read_line(&membership, view_str(good[i]), &problem),
                         MEMBERSHIP_CHANGED);
        assert_string_equal(membership.wanted.endpoints[1].id, i ? "3" : "1");
    }
    membership_fini(&membership);
    text_fini(&problem);
}

/* ---- any sequence ---------------------------------------------------------------------------- */

static uint64_t below(struct rng *rng, uint64_t limit)
{
    return rng_next(rng) % limit;
}

/* Makes endpoint `number` another one in some of what is told of it. */
static void change(struct rng *rng, char (*texts)[256], unsigned number)
{
    static const char *const states[] = {"ready", "ready", "draining", "paused"};
    static const char *const more[] = {"", ",\"check\":{\"path\":\"/h\"}", ",\"slow_start_ms\":5"};
    snprintf(texts[number], sizeof(texts[number]),
             "{\"id\":\"%u\",\"name\":\"n%02u\",\"address\":\"10.0.0.%u\",\"port\":80,"
             "\"weight\":%u,\"state\":\"%s\"%s}",
             number, below(rng, 8) ? number : (unsigned)below(rng, ENDPOINTS),
             number + (below(rng, 8) ? 0 : 100), 1 + (unsigned)!below(rng, 8),
             states[below(rng, 4)], more[below(rng, 3)]);
}

static void write_line(struct text *line, char (*texts)[256], const bool *is_listed)
{
    text_clear(line);
    text_append_str(line, "{\"v\":1,\"services\":[{\"name\":\"app\",\"endpoints\":[");
    for (unsigned i = 0, count = 0; i < ENDPOINTS; i++)
        if (is_listed[i] && i % 16 < 15)
            text_appendf(line, "%s%s", count++ ? "," : "", texts[i]);
    text_append_str(line, "]},{\"name\":\"other\",\"endpoints\":[");
    for (unsigned i = 15, count = 0; i < ENDPOINTS; i += 16)
        if (is_listed[i])
            text_appendf(line, "%s%s", count++ ? "," : "", texts[i]);
    text_append_str(line, "]}]}");
}

static void check_wanted(const struct pool_wanted_endpoint *a, const struct pool_wanted_endpoint *b)
{
    assert_string_equal(a->service, b->service);
    assert_string_equal(a->id, b->id);
    assert_string_equal(a->name, b->name);
    assert_string_equal(a->cause, b->cause);
    assert_true(address_eq(&a->address, &b->address));
    assert_int_equal(a->weight, b->weight);
    assert_int_equal(a->state, b->state);
    assert_int_equal(a->has_slow_start, b->has_slow_start);
    assert_int_equal(a->slow_start_ms, b->slow_start_ms);
    assert_true((a->check == NULL) == (b->check == NULL));
    if (a->check)
        assert_string_equal(a->check->path, b->check->path);
}

static void check_endpoint(const struct endpoint *a, const struct endpoint *b)
{
    assert_string_equal(a->id, b->id);
    assert_string_equal(a->name, b->name);
    assert_true(address_eq(&a->address, &b->address));
    assert_int_equal(a->weight, b->weight);
    assert_int_equal(a->source_state, b->source_state);
    assert_int_equal(a->slow_start_ms, b->slow_start_ms);
    assert_true((a->check == NULL) == (b->check == NULL));
}

static void ignore(void *owner, struct endpoint *endpoint, enum endpoint_state state)
{
    (void)owner;
    (void)endpoint;
    (void)state;
}

/* Builds the next pool of `membership`, and compares it with one that is built from nothing. */
static struct pool *build(struct pool *last, struct membership *membership,
                          struct membership *fresh)
{
    const struct pool_rules rules = {.worker_count = 1};
    struct pool *pool = pool_build(last, &membership->wanted, &rules);
    struct pool *want = pool_build(NULL, &fresh->wanted, &rules);
    pool_build_settle(pool, last, ignore, NULL);
    assert_int_equal(pool->service_count, want->service_count);
    for (unsigned i = 0; i < pool->service_count; i++) {
        assert_int_equal(pool->services[i].endpoint_count, want->services[i].endpoint_count);
        for (unsigned j = 0; j < pool->services[i].endpoint_count; j++)
            check_endpoint(pool->services[i].endpoints[j], want->services[i].endpoints[j]);
    }
    pool_unref(last);
    pool_unref(want);
    return pool;
}

static void test_any_sequence(void **state)
{
    static char texts[ENDPOINTS][256];
    static bool is_listed[ENDPOINTS];
    struct membership membership, fresh;
    struct text line = TEXT_INIT, problem = TEXT_INIT;
    struct pool *pool = NULL;
    struct rng rng;
    (void)state;
    rng_init(&rng);
    membership_init(&membership, "app");
    for (unsigned i = 0; i < ENDPOINTS; i++)
        change(&rng, texts, i);
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (uint64_t i = below(&rng, 3) ? below(&rng, 4) : below(&rng, ENDPOINTS); i > 0; i--)
            change(&rng, texts, (unsigned)below(&rng, ENDPOINTS));
        if (below(&rng, 3) == 0) /* a run of neighbours comes or goes */
            memset(is_listed + below(&rng, ENDPOINTS / 2), (int)below(&rng, 2),
                   below(&rng, ENDPOINTS / 2));
        for (uint64_t i = below(&rng, 3); i > 0; i--) /* one comes or goes, often both */
            is_listed[below(&rng, ENDPOINTS)] ^= true;
        write_line(&line, texts, is_listed);
        membership_init(&fresh, "app");
        assert_int_equal(membership_read_line(&membership, text_view(&line), &problem),
                         MEMBERSHIP_CHANGED);
        assert_int_equal(membership_read_line(&fresh, text_view(&line), &problem),
                         MEMBERSHIP_CHANGED);
        pool = build(pool, &membership, &fresh);
        assert_int_equal(membership.wanted.endpoint_count, fresh.wanted.endpoint_count);
        for (unsigned i = 0; i < fresh.wanted.endpoint_count; i++)
            check_wanted(&membership.wanted.endpoints[i], &fresh.wanted.endpoints[i]);
        membership_fini(&fresh);
    }
    pool_unref(pool);
    membership_fini(&membership);
    text_fini(&line);
    text_fini(&problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_shared, tear_down),
        cmocka_unit_test(test_what_stays_is_not_made_again),
        cmocka_unit_test_teardown(test_bad, tear_down),
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_any_sequence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
