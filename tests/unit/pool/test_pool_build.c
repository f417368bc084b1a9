/* From snapshot to snapshot: who stays, who is new, what is told, who may have requests. */
#include "tests/unit/pool/build_case.h"

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
    struct service *kept = pool->services[0].kept;
    (void)state;
    endpoint_count(&first->locals[1].answers[2], 5);
    atomic_store(&kept->next_turn, 77);
    for (unsigned i = 0; i < 3; i++)
        pool = build(pool, rows, 2, "");
    assert_ptr_equal(find(pool, "a", "1"), first);
    assert_ptr_equal(find(pool, "a", "2"), second);
    assert_int_equal(endpoint_request_count(first), 5);
    assert_int_equal(first->ref_count, 1);
    assert_ptr_equal(pool->services[0].kept, kept);
    assert_int_equal(atomic_load(&kept->next_turn), 77);
    pool_unref(pool);
}

/* Rows that are alike are one server in two services. */
static struct pool *build_shared(struct pool *before, const char *const *services, unsigned count,
                                 const char *name)
{
    struct pool_wanted_endpoint endpoints[4];
    struct pool_wanted wanted = {.endpoints = endpoints, .endpoint_count = count};
    for (unsigned i = 0; i < count; i++) {
        endpoints[i] = (struct pool_wanted_endpoint){.service = services[i],
                                                     .id = "1",
                                                     .name = name,
                                                     .weight = 1,
                                                     .state = ENDPOINT_READY,
                                                     .cause = "list",
                                                     .is_shared = count > 1};
        assert_true(address_parse(VIEW("10.0.0.1:80"), &endpoints[i].address));
    }
    struct pool *pool = build_wanted(before, &wanted);
    pool_unref(before);
    return pool;
}

static void test_services_share_a_server(void **state)
{
    static const char *const both[] = {"a", "b"}, *const more[] = {"0", "a", "b"};
    text_clear(&told);
    struct pool *pool = build_shared(NULL, both, 2, "x");
    struct endpoint *shared = find(pool, "a", "1");
    (void)state;
    assert_string_equal(text_str(&told), "a/1 gone>probing\n"); /* once */
    assert_ptr_equal(find(pool, "b", "1"), shared);
    assert_int_equal(shared->ref_count, 2);
    endpoint_count(&shared->locals[0].answers[2], 5);
    shared->is_admitted = true;
    pool = build_shared(pool, more, 3, "x"); /* one service more, before those */
    assert_ptr_equal(find(pool, "0", "1"), shared);
    assert_ptr_equal(find(pool, "b", "1"), shared);
    assert_int_equal(shared->ref_count, 3);
    assert_string_equal(shared->service, "0");
    assert_int_equal(pool->services[0].ready_count + pool->services[2].ready_count, 2);
    pool = build_shared(pool, &more[1], 2, "x"); /* it leaves one of them, and is not gone */
    assert_int_equal(endpoint_state(find(pool, "a", "1")), ENDPOINT_READY);
    assert_ptr_equal(find(pool, "b", "1"), shared);
    pool = build_shared(pool, both, 2, "y"); /* renamed, together */
    assert_ptr_equal(find(pool, "a", "1"), find(pool, "b", "1"));
    assert_int_equal(endpoint_request_count(find(pool, "b", "1")), 5);
    pool = build_shared(pool, &both[1], 1, "y");
    assert_int_equal(pool->service_count, 1);
    assert_int_equal(endpoint_request_count(find(pool, "b", "1")), 5);
    assert_int_equal(endpoint_state(find(pool, "b", "1")), ENDPOINT_READY);
    assert_int_equal(find(pool, "b", "1")->ref_count, 1);
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
    struct service *kept = pool_find(pool, VIEW("a"))->kept;
    (void)state;
    pool = build(pool, rows, 1, "a/2 probing>gone\nb/1 probing>gone\n");
    assert_int_equal(pool->service_count, 1);
    assert_ptr_equal(pool->services[0].kept, kept);
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

/* Until now its source told the container, from now on each of its ports. */
static void test_a_port_takes_over_from_its_container(void **state)
{
    struct pool_wanted_endpoint endpoints[] = {
        {.service = "a", .id = "c:80", .container = "c", .name = "x", .weight = 1, .cause = "list"},
        {.service = "a",
         .id = "c:81",
         .container = "c",
         .name = "x",
         .weight = 1,
         .cause = "list"}};
    struct pool_wanted wanted = {.endpoints = endpoints, .endpoint_count = 2};
    struct pool *before =
        build(NULL, &(struct row){"a", "c", "x", "10.0.0.1:80", 1, ENDPOINT_READY}, 1,
              "a/c gone>probing\n");
    (void)state;
    assert_true(address_parse(VIEW("10.0.0.1:80"), &endpoints[0].address));
    assert_true(address_parse(VIEW("10.0.0.1:81"), &endpoints[1].address));
    find(before, "a", "c")->is_admitted = true;
    struct pool *pool = build_wanted(before, &wanted);
    assert_string_equal(find(pool, "a", "c:80")->container, "c");
    assert_int_equal(endpoint_state(find(pool, "a", "c:80")), ENDPOINT_READY); /* unprobed */
    assert_int_equal(endpoint_state(find(pool, "a", "c:81")),
                     ENDPOINT_PROBING); /* another server */
    assert_null(find(pool, "a", "c"));
    pool_unref(before);
    pool_unref(pool);
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
    struct pool *pool = build_wanted(NULL, &wanted);
    struct endpoint *endpoint = find(pool, "a", "1");
    assert_string_equal(endpoint->cause, "start");
    assert_int_equal(endpoint->cause_time_ns, 5);
    row.cause = "rename"; /* the state stays, and so does what brought it */
    struct pool *next = build_wanted(pool, &wanted);
    assert_string_equal(endpoint->cause, "start");
    row.state = ENDPOINT_DRAINING;
    row.cause = long_cause;
    struct pool *last = build_wanted(next, &wanted);
    assert_int_equal(strlen(endpoint->cause), sizeof(endpoint->cause) - 1);
    assert_memory_equal(endpoint->cause, long_cause, sizeof(endpoint->cause) - 1);
    pool_unref(pool);
    pool_unref(next);
    pool_unref(last);
}

/* Nobody is without an endpoint in between: who comes is ready before who goes is not. */
static void test_order_of_effects(void **state)
{
    struct row rows[] = {
        {"a", "1", "x", "10.0.0.1:80", 1, ENDPOINT_READY},
        {"a", "2", "y", "10.0.0.2:80", 1, ENDPOINT_READY},
    };
    struct pool_wanted_endpoint endpoints[2];
    struct pool_wanted wanted = {.endpoints = endpoints, .endpoint_count = 2};
    struct pool *pool = build(NULL, rows, 2, NULL);
    struct endpoint *goes = find(pool, "a", "1"), *comes = find(pool, "a", "2");
    (void)state;
    goes->is_admitted = true;
    pool = build(pool, rows, 2, "a/1 probing>ready\n");
    comes->is_admitted = true;
    goes->is_failing = true;
    for (unsigned i = 0; i < 2; i++) {
        endpoints[i] = (struct pool_wanted_endpoint){.service = "a",
                                                     .id = rows[i].id,
                                                     .name = rows[i].name,
                                                     .weight = 1,
                                                     .state = ENDPOINT_READY,
                                                     .cause = "list"};
        assert_true(address_parse(view_str(rows[i].address), &endpoints[i].address));
    }
    struct pool *next = pool_build(pool, &wanted, &rules);
    assert_int_equal(endpoint_state(goes), ENDPOINT_READY);
    assert_int_equal(endpoint_state(comes), ENDPOINT_READY);
    assert_int_equal(next->services[0].rotation_count, 1);
    text_clear(&told);
    pool_build_settle(next, pool, note, &told);
    assert_string_equal(text_str(&told), "a/1 ready>failing\na/2 probing>ready\n");
    assert_string_equal(goes->cause, "check");
    pool_unref(pool);
    pool_unref(next);
}

/* Who has a snapshot can tell from it which endpoints are not ready, and whether any came or went.
 */
static void test_members(void **state)
{
    static const struct row rows[] = {
        {"a", "1", "x", "10.0.0.1:80", 1, ENDPOINT_PAUSED},
        {"a", "2", "y", "10.0.0.2:80", 1, ENDPOINT_READY},
        {"b", "3", "z", "10.0.0.3:80", 1, ENDPOINT_READY},
        {"a", "2", "renamed", "10.0.0.2:80", 1, ENDPOINT_READY},
    };
    static const struct row moved[] = {
        {"a", "1", "x", "10.0.0.1:80", 1, ENDPOINT_READY},
        {"a", "2", "renamed", "10.0.0.2:80", 1, ENDPOINT_DRAINING},
    };
    struct pool *pool = build(NULL, rows, 3, NULL);
    (void)state;
    assert_true(pool->is_settled);
    assert_int_equal(pool->members_version, 1);
    assert_int_equal(pool->services[0].ready_count, 0);
    find(pool, "a", "1")->is_admitted = find(pool, "a", "2")->is_admitted = true;
    pool = build(pool, rows, 3, NULL);
    assert_int_equal(pool->members_version, 1);
    assert_int_equal(pool->services[0].ready_count, 1);
    assert_ptr_equal(pool->services[0].unready[0], find(pool, "a", "1"));
    pool = build(pool, rows, 2, NULL); /* a service less */
    assert_int_equal(pool->members_version, 3);
    pool = build(pool, (const struct row[]){rows[0], rows[3]}, 2, NULL);
    assert_int_equal(pool->members_version, 4);
    struct pool *next = build(pool_ref(pool), moved, 2, NULL);
    assert_int_equal(next->members_version, 4);
    assert_ptr_equal(next->services[0].members, pool->services[0].members);
    assert_int_equal(next->services[0].ready_count, 0);
    pool_unref(pool);
    pool_unref(next);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first),
        cmocka_unit_test(test_stays),
        cmocka_unit_test(test_admission),
        cmocka_unit_test(test_gone),
        cmocka_unit_test(test_changed),
        cmocka_unit_test(test_a_port_takes_over_from_its_container),
        cmocka_unit_test(test_cause),
        cmocka_unit_test(test_order_of_effects),
        cmocka_unit_test(test_members),
        cmocka_unit_test_teardown(test_services_share_a_server, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
