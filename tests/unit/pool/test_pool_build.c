/* From snapshot to snapshot: who stays, who is new, what is told, who may have requests. */
#include "lb/pool/pool_build.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/base/rng.h"
#include "lb/base/text.h"

#define WORKERS         2u
#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

struct row {
    const char *service, *id, *name, *address;
    unsigned weight;
    enum endpoint_state state;
};

/* What on_change told, one line a change: "service/id before>after". */
static struct text told;

static int tear_down(void **state)
{
    (void)state;
    text_fini(&told);
    return 0;
}

static void note(void *owner, struct endpoint *endpoint, enum endpoint_state before)
{
    assert_ptr_equal(owner, &told);
    text_appendf(&told, "%s/%s %s>%s\n", endpoint->service, endpoint->id,
                 endpoint_state_word(before), endpoint_state_word(endpoint_state(endpoint)));
}

/* Builds the next snapshot, drops the one before, and compares what was told. */
static struct pool *build(struct pool *before, const struct row *rows, unsigned count,
                          const char *want_told)
{
    struct pool_wanted wanted = {.endpoints = memory_new(count * sizeof(*wanted.endpoints)),
                                 .endpoint_count = count};
    for (unsigned i = 0; i < count; i++) {
        wanted.endpoints[i] = (struct pool_wanted_endpoint){.service = rows[i].service,
                                                            .id = rows[i].id,
                                                            .name = rows[i].name,
                                                            .weight = rows[i].weight,
                                                            .state = rows[i].state,
                                                            .cause = "list"};
        assert_true(address_parse(view_str(rows[i].address), &wanted.endpoints[i].address));
    }
    text_clear(&told);
    struct pool *pool = pool_build(before, &wanted, WORKERS, note, &told);
    pool_build_retire(before, pool, note, &told);
    assert_int_equal(pool->version, before ? before->version + 1 : 1);
    if (want_told)
        assert_string_equal(text_str(&told), want_told);
    free(wanted.endpoints);
    pool_unref(before);
    return pool;
}

static struct endpoint *find(const struct pool *pool, const char *service, const char *id)
{
    const struct pool_service *found = pool_find(pool, view_str(service));
    for (unsigned i = 0; found && i < found->endpoint_count; i++)
        if (strcmp(found->endpoints[i]->id, id) == 0)
            return found->endpoints[i];
    return NULL;
}

static bool is_in_rotation(const struct pool *pool, const struct endpoint *endpoint)
{
    const struct pool_service *service = pool_find(pool, view_str(endpoint->service));
    for (unsigned i = 0; i < service->rotation_count; i++)
        if (service->rotation[i] == endpoint)
            return true;
    return false;
}

static void test_first(void **state)
{
    static const struct row rows[] = {
        {"b", "1", "y", "10.0.0.1:80", 1, ENDPOINT_READY},
        {"a", "3", "x", "10.0.0.3:80", 1, ENDPOINT_STARTING},
        {"b", "2", "x", "10.0.0.2:80", 1, ENDPOINT_DRAINING},
        {"b", "0", "y", "10.0.0.1:81", 1, ENDPOINT_READY},
    };
    struct pool *pool = build(NULL, rows, COUNT_OF(rows),
                              "a/3 gone>starting\nb/2 gone>draining\nb/0 gone>probing\n"
                              "b/1 gone>probing\n");
    (void)state;
    assert_int_equal(pool->service_count, 2);
    assert_string_equal(pool->services[0].name, "a");
    assert_string_equal(pool->services[1].name, "b");
    assert_int_equal(pool->services[1].endpoint_count, 3); /* by name, then id */
    assert_string_equal(pool->services[1].endpoints[0]->id, "2");
    assert_string_equal(pool->services[1].endpoints[1]->id, "0");
    assert_string_equal(pool->services[1].endpoints[2]->id, "1");
    assert_int_equal(pool->services[0].rotation_count, 0);
    assert_int_equal(pool->services[1].rotation_count, 0); /* nobody was admitted yet */
    assert_string_equal(find(pool, "b", "2")->cause, "list");
    pool_unref(build(pool, NULL, 0,
                     "a/3 starting>gone\nb/2 draining>gone\nb/0 probing>gone\n"
                     "b/1 probing>gone\n"));
}

static void test_stays(void **state)
{
    static const struct row rows[] = {
        {"a", "1", "x", "10.0.0.1:80", 1, ENDPOINT_READY},
        {"a", "2", "y", "10.0.0.2:80", 1, ENDPOINT_PAUSED},
    };
    struct pool *pool = build(NULL, rows, 2, "a/1 gone>probing\na/2 gone>paused\n");
    struct endpoint *first = find(pool, "a", "1"), *second = find(pool, "a", "2");
    struct pool_cursor *cursor = pool->services[0].cursor;
    (void)state;
    endpoint_count(&first->locals[1].request_count, 5);
    atomic_store(&cursor->next, 77);
    for (unsigned i = 0; i < 3; i++)
        pool = build(pool, rows, 2, "");
    assert_ptr_equal(find(pool, "a", "1"), first);
    assert_ptr_equal(find(pool, "a", "2"), second);
    assert_int_equal(endpoint_request_count(first), 5);
    assert_int_equal(first->ref_count, 1);
    assert_ptr_equal(pool->services[0].cursor, cursor);
    assert_int_equal(atomic_load(&cursor->next), 77);
    pool_unref(pool);
}

/* "ready" counts once a probe has succeeded, and again after each time that it was not ready. */
static void test_admission(void **state)
{
    struct row row = {"a", "1", "x", "10.0.0.1:80", 1, ENDPOINT_READY};
    struct pool *pool = build(NULL, &row, 1, "a/1 gone>probing\n");
    struct endpoint *endpoint = find(pool, "a", "1");
    (void)state;
    for (unsigned i = ENDPOINT_STARTING; i < ENDPOINT_GONE; i++) {
        row.state = ENDPOINT_READY;
        assert_false(is_in_rotation(pool, endpoint));
        endpoint->is_admitted = true;
        pool = build(pool, &row, 1, "a/1 probing>ready\n");
        assert_true(is_in_rotation(pool, endpoint));
        pool = build(pool, &row, 1, "");
        assert_true(is_in_rotation(pool, endpoint));
        row.state = (enum endpoint_state)i;
        pool = build(pool, &row, 1, NULL);
        assert_int_equal(endpoint_state(endpoint), i);
        assert_false(is_in_rotation(pool, endpoint));
        row.state = ENDPOINT_READY;
        pool = build(pool, &row, 1, NULL);
        assert_int_equal(endpoint_state(endpoint), ENDPOINT_PROBING);
    }
    assert_ptr_equal(find(pool, "a", "1"), endpoint);
    pool_unref(pool);
}

static void test_gone(void **state)
{
    static const struct row rows[] = {
        {"a", "1", "x", "10.0.0.1:80", 1, ENDPOINT_READY},
        {"a", "2", "y", "10.0.0.2:80", 1, ENDPOINT_READY},
        {"b", "1", "x", "10.0.0.1:80", 1, ENDPOINT_READY},
    };
    struct pool *pool = build(NULL, rows, 3, NULL);
    struct endpoint *in_use = endpoint_ref(find(pool, "a", "2"));
    struct pool_cursor *cursor = pool_find(pool, VIEW("a"))->cursor;
    (void)state;
    pool = build(pool, rows, 1, "a/2 probing>gone\nb/1 probing>gone\n");
    assert_int_equal(pool->service_count, 1);
    assert_ptr_equal(pool->services[0].cursor, cursor);
    assert_int_equal(endpoint_state(in_use), ENDPOINT_GONE);
    assert_int_equal(in_use->ref_count, 1);
    pool = build(pool, rows, 2, "a/2 gone>probing\n");
    assert_ptr_not_equal(find(pool, "a", "2"), in_use); /* gone is for ever */
    endpoint_unref(in_use);
    pool_unref(pool);
}

static void test_changed(void **state)
{
    static const struct {
        struct row row;
        bool stays_admitted;
    } cases[] = {
        {{"a", "1", "renamed", "10.0.0.1:80", 1, ENDPOINT_READY}, true},
        {{"a", "1", "x", "10.0.0.1:80", 9, ENDPOINT_READY}, true},
        {{"a", "1", "x", "10.0.0.1:81", 1, ENDPOINT_READY}, false},
        {{"a", "1", "x", "10.0.0.2:80", 1, ENDPOINT_READY}, false},
        {{"a", "1", "x", "[fd00::1]:80", 1, ENDPOINT_READY}, false},
        {{"b", "1", "x", "10.0.0.1:80", 1, ENDPOINT_READY}, false},
        {{"a", "2", "x", "10.0.0.1:80", 1, ENDPOINT_READY}, false}, /* an address used again */
        {{"a", "1", "renamed", "10.0.0.1:80", 1, ENDPOINT_PAUSED}, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        static const struct row row = {"a", "1", "x", "10.0.0.1:80", 1, ENDPOINT_READY};
        const struct row *next = &cases[i].row;
        struct pool *pool = build(NULL, &row, 1, NULL);
        struct endpoint *old = endpoint_ref(find(pool, "a", "1"));
        char want[128];
        old->is_admitted = true;
        pool = build(pool, &row, 1, "a/1 probing>ready\n");
        snprintf(want, sizeof(want), "%s/%s gone>%s\na/1 ready>gone\n", next->service, next->id,
                 next->state == ENDPOINT_PAUSED ? "paused"
                 : cases[i].stays_admitted      ? "ready"
                                                : "probing");
        pool = build(pool, next, 1, want);
        struct endpoint *new = find(pool, next->service, next->id);
        assert_ptr_not_equal(new, old);
        assert_int_equal(endpoint_state(old), ENDPOINT_GONE);
        assert_string_equal(new->name, next->name);
        assert_int_equal(new->weight, next->weight);
        assert_int_equal(new->is_admitted, cases[i].stays_admitted);
        assert_int_equal(is_in_rotation(pool, new), cases[i].stays_admitted);
        endpoint_unref(old);
        pool_unref(pool);
    }
}

static void test_cause(void **state)
{
    static const char long_cause[] =
        "a cause that is much longer than what an endpoint has room for, and longer";
    struct pool_wanted_endpoint row = {.service = "a",
                                       .id = "1",
                                       .name = "x",
                                       .weight = 1,
                                       .state = ENDPOINT_READY,
                                       .cause = "start",
                                       .cause_time_ns = 5};
    struct pool_wanted wanted = {.endpoints = &row, .endpoint_count = 1};
    (void)state;
    assert_true(address_parse(VIEW("10.0.0.1:80"), &row.address));
    struct pool *pool = pool_build(NULL, &wanted, WORKERS, note, &told);
    struct endpoint *endpoint = find(pool, "a", "1");
    assert_string_equal(endpoint->cause, "start");
    assert_int_equal(endpoint->cause_time_ns, 5);
    row.cause = "rename"; /* the state stays, and so does what brought it */
    struct pool *next = pool_build(pool, &wanted, WORKERS, note, &told);
    assert_string_equal(endpoint->cause, "start");
    row.state = ENDPOINT_DRAINING;
    row.cause = long_cause;
    struct pool *last = pool_build(next, &wanted, WORKERS, note, &told);
    assert_int_equal(strlen(endpoint->cause), sizeof(endpoint->cause) - 1);
    assert_memory_equal(endpoint->cause, long_cause, sizeof(endpoint->cause) - 1);
    pool_unref(pool);
    pool_unref(next);
    pool_unref(last);
}

/* ---- orders of the operator -------------------------------------------------------------------
 */

static struct pool_wanted_endpoint wanted_row(const char *id, enum endpoint_state state)
{
    struct pool_wanted_endpoint row = {
        .service = "a", .id = id, .name = id, .weight = 2, .state = state, .cause = "list"};
    assert_true(address_parse(VIEW("10.0.0.1:80"), &row.address));
    return row;
}

static void test_orders(void **state)
{
    static const struct {
        enum endpoint_state source;
        enum endpoint_order order;
        enum endpoint_state effective;
    } rows[] = {
        {ENDPOINT_READY, ENDPOINT_ORDER_NONE, ENDPOINT_READY},
        {ENDPOINT_READY, ENDPOINT_ORDER_DRAIN, ENDPOINT_DRAINING},
        {ENDPOINT_READY, ENDPOINT_ORDER_NONE, ENDPOINT_READY}, /* still admitted */
        {ENDPOINT_READY, ENDPOINT_ORDER_DISABLE, ENDPOINT_DISABLED},
        {ENDPOINT_UNHEALTHY, ENDPOINT_ORDER_DRAIN, ENDPOINT_DRAINING},
        {ENDPOINT_READY, ENDPOINT_ORDER_DRAIN, ENDPOINT_DRAINING},
        {ENDPOINT_READY, ENDPOINT_ORDER_NONE, ENDPOINT_PROBING}, /* it was unhealthy meanwhile */
        {ENDPOINT_PAUSED, ENDPOINT_ORDER_DISABLE, ENDPOINT_DISABLED},
    };
    struct pool_wanted_endpoint row = wanted_row("1", ENDPOINT_READY);
    struct pool_wanted wanted = {.endpoints = &row, .endpoint_count = 1};
    struct pool *pool = pool_build(NULL, &wanted, WORKERS, note, &told);
    struct endpoint *endpoint = find(pool, "a", "1");
    endpoint->is_admitted = true;
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        row.state = rows[i].source;
        row.order = rows[i].order;
        struct pool *next = pool_build(pool, &wanted, WORKERS, note, &told);
        assert_ptr_equal(find(next, "a", "1"), endpoint);
        assert_int_equal(endpoint_state(endpoint), rows[i].effective);
        if (row.order == ENDPOINT_ORDER_DRAIN && row.state == ENDPOINT_READY)
            assert_string_equal(endpoint->cause, "admin");
        pool_unref(pool);
        pool = next;
    }
    pool_unref(pool);
}

static void test_ordered_weight(void **state)
{
    struct pool_wanted_endpoint rows[] = {wanted_row("1", ENDPOINT_READY),
                                          wanted_row("2", ENDPOINT_READY)};
    struct pool_wanted wanted = {
        .endpoints = rows, .endpoint_count = 2, .routed = "a", .is_trusted = true};
    (void)state;
    rows[1].ordered_weight = 6;
    struct pool *pool = pool_build(NULL, &wanted, WORKERS, note, &told);
    assert_int_equal(pool->routed->rotation_count, 4); /* 2 to 6 */
    assert_int_equal(endpoint_weight(find(pool, "a", "2")), 6);
    rows[1].ordered_weight = 0;
    struct pool *next = pool_build(pool, &wanted, WORKERS, note, &told);
    assert_ptr_equal(find(next, "a", "2"), find(pool, "a", "2"));
    assert_int_equal(next->routed->rotation_count, 2);
    pool_unref(pool);
    pool_unref(next);
}

static void test_routed_and_trusted(void **state)
{
    struct pool_wanted_endpoint row = wanted_row("1", ENDPOINT_READY);
    struct pool_wanted wanted = {.endpoints = &row, .endpoint_count = 1, .routed = "b"};
    (void)state;
    struct pool *pool = pool_build(NULL, &wanted, WORKERS, note, &told);
    assert_null(pool->routed);
    assert_int_equal(endpoint_state(find(pool, "a", "1")), ENDPOINT_PROBING);
    wanted.routed = "a";
    wanted.is_trusted = true;
    struct pool *next = pool_build(pool, &wanted, WORKERS, note, &told);
    assert_ptr_equal(next->routed, &next->services[0]);
    assert_int_equal(endpoint_state(find(next, "a", "1")), ENDPOINT_READY);
    pool_unref(pool);
    pool_unref(next);
}

/* Who has the old snapshot goes on with it until the new one was left. */
static void test_nobody_is_gone_before_the_next_is_there(void **state)
{
    struct pool_wanted_endpoint row = wanted_row("1", ENDPOINT_READY);
    struct pool_wanted wanted = {
        .endpoints = &row, .endpoint_count = 1, .routed = "a", .is_trusted = true};
    struct pool *pool = pool_build(NULL, &wanted, WORKERS, note, &told);
    (void)state;
    row.id = "2";
    struct pool *next = pool_build(pool, &wanted, WORKERS, note, &told);
    assert_int_equal(endpoint_state(pool->routed->endpoints[0]), ENDPOINT_READY);
    pool_build_retire(pool, next, note, &told);
    assert_int_equal(endpoint_state(pool->routed->endpoints[0]), ENDPOINT_GONE);
    assert_int_equal(endpoint_state(next->routed->endpoints[0]), ENDPOINT_READY);
    pool_unref(pool);
    pool_unref(next);
}

/* ---- any sequence -----------------------------------------------------------------------------
 */

#define IDS 24u

/* What is believed to be in the pool. */
struct believed {
    struct endpoint *endpoint; /* NULL: not there */
    enum endpoint_state state;
    unsigned variant; /* of name, weight and address */
    bool is_admitted;
};

static unsigned below(struct rng *rng, unsigned count)
{
    return (unsigned)(rng_next(rng) % count);
}

static struct row row_of(unsigned i, unsigned variant, enum endpoint_state state, char text[64])
{
    static const char *const addresses[] = {"10.0.0.1:80", "10.0.0.2:80"};
    snprintf(text, 64, "%u", i / 2);
    return (struct row){.service = i % 2 ? "a" : "b",
                        .id = text,
                        .name = variant & 1 ? "n1" : "n2",
                        .address = addresses[variant >> 2 & 1],
                        .weight = 1 + (variant >> 1 & 1),
                        .state = state};
}

static void check(struct believed *known, const struct pool *pool, const struct row *row,
                  unsigned variant, unsigned *change_count)
{
    struct endpoint *endpoint = find(pool, row->service, row->id);
    bool is_same = known->endpoint && known->variant == variant;
    bool is_admitted = known->endpoint && known->variant >> 2 == variant >> 2 &&
                       known->is_admitted && row->state == ENDPOINT_READY;
    enum endpoint_state want =
        row->state == ENDPOINT_READY && !is_admitted ? ENDPOINT_PROBING : row->state;
    assert_non_null(endpoint);
    assert_int_equal(endpoint == known->endpoint, is_same);
    assert_int_equal(endpoint_state(endpoint), want);
    assert_int_equal(is_in_rotation(pool, endpoint), want == ENDPOINT_READY);
    *change_count += is_same ? known->state != want : 1u + (known->endpoint != NULL);
    if (!is_same)
        endpoint_unref(known->endpoint);
    *known = (struct believed){is_same ? known->endpoint : endpoint_ref(endpoint), want, variant,
                               is_admitted};
}

static void forget(struct believed *known, const struct pool *pool, const struct row *row,
                   unsigned *change_count)
{
    assert_null(find(pool, row->service, row->id));
    if (known->endpoint) {
        assert_int_equal(endpoint_state(known->endpoint), ENDPOINT_GONE);
        ++*change_count;
        endpoint_unref(known->endpoint);
    }
    *known = (struct believed){0};
}

static void test_any_sequence(void **state)
{
    struct believed known[IDS] = {0};
    struct rng rng = {3};
    struct pool *pool = NULL;
    (void)state;
    for (unsigned turn = 0; turn < 1000; turn++) {
        char ids[IDS][64];
        struct row all[IDS], rows[IDS];
        unsigned variants[IDS], count = 0, change_count = 0, lines = 0;
        bool is_wanted[IDS];
        for (unsigned i = 0; i < IDS; i++) {
            bool keeps = below(&rng, 4) > 0; /* mostly as it was, so that chains come about */
            variants[i] = keeps ? known[i].variant : below(&rng, 8);
            is_wanted[i] = keeps ? known[i].endpoint != NULL : below(&rng, 2);
            enum endpoint_state said = below(&rng, 3) ? ENDPOINT_READY : ENDPOINT_PAUSED;
            all[i] = row_of(i, variants[i], said, ids[i]);
            if (is_wanted[i])
                rows[count++] = all[i];
            if (known[i].endpoint && below(&rng, 2))
                known[i].is_admitted = known[i].endpoint->is_admitted = true;
        }
        pool = build(pool, rows, count, NULL);
        for (unsigned i = 0; i < IDS; i++) {
            if (is_wanted[i])
                check(&known[i], pool, &all[i], variants[i], &change_count);
            else
                forget(&known[i], pool, &all[i], &change_count);
        }
        for (size_t i = 0; i < told.len; i++)
            lines += told.bytes[i] == '\n';
        assert_int_equal(lines, change_count);
    }
    pool_unref(pool);
    for (unsigned i = 0; i < IDS; i++)
        endpoint_unref(known[i].endpoint);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orders),
        cmocka_unit_test(test_ordered_weight),
        cmocka_unit_test(test_routed_and_trusted),
        cmocka_unit_test(test_nobody_is_gone_before_the_next_is_there),
        cmocka_unit_test(test_first),
        cmocka_unit_test(test_stays),
        cmocka_unit_test(test_admission),
        cmocka_unit_test(test_gone),
        cmocka_unit_test(test_changed),
        cmocka_unit_test(test_cause),
        cmocka_unit_test(test_any_sequence),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
