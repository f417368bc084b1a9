/* Local endpoints before others, by each way to balance: who gets how much, and who is asked where those that are
 * to be asked cannot. */
#include "tests/unit/policy/balance_case.h"

#include <pthread.h>

#include "lb/base/hash.h"
#include "lb/policy/algorithm.h"

#define COUNT 6u /* 0 to 3 are local */
#define LOCAL 4u

#define READY     ENDPOINT_READY
#define UNHEALTHY ENDPOINT_UNHEALTHY
#define DRAINING  ENDPOINT_DRAINING

static struct balance_tried none; /* stays so */

struct setup {
    const char *balance;
    enum endpoint_state states[COUNT];
    unsigned weights[COUNT]; /* 0: 1 */
    const char *prefer;      /* NULL: local */
    enum service_kind kind;
    uint64_t now_ms;
    unsigned slow_start_ms; /* of the local ones … */
    bool are_all_new;       /* … and the others */
};

/* The next snapshot; drops `before`. */
static struct pool *build(struct pool *before, const struct setup *setup)
{
    static const char *const names[] = {"0", "1", "2", "3", "4", "5"};
    struct pool_wanted_endpoint endpoints[COUNT];
    struct pool_wanted_service said = {
        .name = "app",
        .options.values = {[SERVICE_OPTION_BALANCE] = view_str(setup->balance),
                           [SERVICE_OPTION_PREFER] =
                               view_str(setup->prefer ? setup->prefer : "local")}};
    struct pool_wanted wanted = {.endpoints = endpoints,
                                 .endpoint_count = COUNT,
                                 .services = &said,
                                 .service_count = 1,
                                 .is_trusted = true};
    for (unsigned i = 0; i < COUNT; i++)
        endpoints[i] = (struct pool_wanted_endpoint){
            .service = "app",
            .kind = setup->kind,
            .id = names[i],
            .name = names[i],
            .is_local = i < LOCAL,
            .weight = setup->weights[i] ? setup->weights[i] : 1,
            .state = setup->states[i],
            .cause = "list",
            .has_slow_start = true,
            .slow_start_ms = i < LOCAL || setup->are_all_new ? setup->slow_start_ms : 0};
    struct pool_rules rules = {.worker_count = CASE_WORKER_COUNT, .now_ms = setup->now_ms};
    struct pool *pool = pool_build(before, &wanted, &rules);
    pool_build_settle(pool, before, case_ignore, NULL);
    pool_unref(before);
    return pool;
}

static const struct pool_service *of(const struct pool *pool)
{
    return &pool->services[0];
}

/* As lb/proxy asks. */
static struct endpoint *pick(const struct pool *pool, struct balance_tried *tried, uint64_t key)
{
    const struct algorithm_key text = {.hash = hash_mix(key), .is_given = true};
    return of(pool)->turn_count > 0 ? balance_pick(of(pool), tried)
                                    : algorithm_pick(of(pool), tried, &text);
}

static void count(const struct pool *pool, unsigned turns, unsigned counts[COUNT])
{
    memset(counts, 0, COUNT * sizeof(counts[0]));
    for (unsigned i = 0; i < turns; i++)
        counts[case_index(pick(pool, &none, i))]++;
}

static unsigned local_of(const unsigned counts[COUNT])
{
    return counts[0] + counts[1] + counts[2] + counts[3];
}

/* ---- shares ---------------------------------------------------------------------------------- */

static const char *const ways[] = {"round-robin", "sticky round-robin", "least-requests",
                                   "hash client", "hash connection"};
#define WAYS (sizeof(ways) / sizeof(ways[0]))

static bool is_by_key(const char *way)
{
    return strncmp(way, "hash", 4) == 0;
}

static void check_share(const char *way, const struct setup *setup, unsigned want_of_1000)
{
    unsigned counts[COUNT];
    struct setup own = *setup;
    own.balance = way;
    struct pool *pool = build(NULL, &own);
    count(pool, 1000, counts);
    unsigned local = local_of(counts), leeway = is_by_key(way) && want_of_1000 % 1000 ? 50 : 0;
    if (local + leeway < want_of_1000 || local > want_of_1000 + leeway)
        fail_msg("%s: %u of 1000 were local, not %u", way, local, want_of_1000);
    for (unsigned i = 0; i < COUNT; i++)
        if (setup->states[i] != READY)
            assert_int_equal(counts[i], 0);
    pool_unref(pool);
}

static void test_share(void **state)
{
    static const struct {
        struct setup setup;
        unsigned want_of_1000;
    } cases[] = {
        {{.states = {READY, READY, READY, READY, READY, READY}}, 1000},
        {{.states = {READY, READY, READY, UNHEALTHY, READY, READY}}, 1000},
        {{.states = {READY, READY, UNHEALTHY, UNHEALTHY, READY, READY}}, 700},
        {{.states = {UNHEALTHY, READY, UNHEALTHY, UNHEALTHY, READY, READY}}, 350},
        {{.states = {UNHEALTHY, UNHEALTHY, UNHEALTHY, UNHEALTHY, READY, READY}}, 0},
        {{.states = {READY, UNHEALTHY, UNHEALTHY, UNHEALTHY, UNHEALTHY, UNHEALTHY}}, 1000},
        /* 35 % here, 70 % there */
        {{.states = {READY, UNHEALTHY, UNHEALTHY, UNHEALTHY, READY, UNHEALTHY}}, 350},
        /* who leaves is not missing */
        {{.states = {READY, DRAINING, ENDPOINT_PAUSED, DRAINING, READY, READY}}, 1000},
        /* who has never been there neither */
        {{.states = {READY, ENDPOINT_STARTING, ENDPOINT_STARTING, ENDPOINT_STARTING, READY, READY}},
         1000},
        /* weights count: 5 of 10 */
        {{.states = {READY, UNHEALTHY, READY, READY, READY, READY}, .weights = {3, 5, 1, 1, 9, 1}},
         700},
    };
    (void)state;
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (unsigned way = 0; way < WAYS; way++)
            check_share(ways[way], &cases[i].setup, cases[i].want_of_1000);
}

static void test_none_is_as_ever(void **state)
{
    struct setup setup = {.balance = "round-robin",
                          .prefer = "none",
                          .states = {READY, READY, UNHEALTHY, READY, READY, READY}};
    unsigned counts[COUNT];
    (void)state;
    struct pool *pool = build(NULL, &setup);
    assert_int_equal(of(pool)->other_turn_count, 0);
    assert_int_equal(of(pool)->split.whole, 0);
    assert_int_equal(of(pool)->turn_count, 5);
    count(pool, 50, counts);
    for (unsigned i = 0; i < COUNT; i++)
        assert_int_equal(counts[i], i == 2 ? 0 : 10);
    pool_unref(pool);
}

/* Within each side by weights, evenly, and strictly one after the other. */
static void test_each_side_by_its_weights(void **state)
{
    struct setup setup = {.balance = "round-robin",
                          .states = {READY, UNHEALTHY, READY, UNHEALTHY, READY, READY},
                          .weights = {3, 2, 1, 2, 1, 2}};
    unsigned counts[COUNT];
    (void)state;
    struct pool *pool = build(NULL, &setup); /* 4 of 8: 70 % */
    count(pool, 4000, counts);
    assert_int_equal(counts[0], 2100);
    assert_int_equal(counts[2], 700);
    assert_int_equal(counts[4], 400);
    assert_int_equal(counts[5], 800);
    pool_unref(pool);
}

/* Endpoints of which one is as busy as the other take turns on both sides, whatever the share. */
static void test_the_idle_take_turns_on_each_side(void **state)
{
    struct setup setup = {.balance = "least-requests",
                          .states = {READY, READY, UNHEALTHY, UNHEALTHY, READY, READY}};
    unsigned counts[COUNT];
    (void)state;
    struct pool *pool = build(NULL, &setup);
    count(pool, 1000, counts);
    assert_int_equal(counts[0], 350);
    assert_int_equal(counts[1], 350);
    assert_in_range(counts[4], 100, 200);
    assert_int_equal(counts[4] + counts[5], 300);
    case_count(of(pool)->endpoints[0], 0, 5); /* the share stays, its part goes to the other one */
    count(pool, 1000, counts);
    assert_int_equal(counts[0], 0);
    assert_int_equal(counts[1], 700);
    pool_unref(pool);
}

/* ---- one after the other ----------------------------------------------------------------------- */

/* One by one they fall ill and recover: what is local follows in proportion. */
static void test_smoothly_there_and_back(void **state)
{
    static const unsigned want[] = {1000, 1000, 700, 350, 0};
    struct setup setup = {.balance = "round-robin",
                          .states = {READY, READY, READY, READY, READY, READY}};
    unsigned counts[COUNT];
    (void)state;
    struct pool *pool = build(NULL, &setup);
    for (unsigned ill = 0; ill <= LOCAL; ill++) {
        for (unsigned i = 0; i < LOCAL; i++)
            setup.states[i] = i < ill ? UNHEALTHY : READY;
        pool = build(pool, &setup);
        count(pool, 1000, counts);
        assert_in_range(local_of(counts), want[ill] > 0 ? want[ill] - 1 : 0, want[ill] + 1);
    }
    for (unsigned ill = LOCAL; ill-- > 0;) {
        setup.states[ill] = READY;
        pool = build(pool, &setup);
        count(pool, 1000, counts);
        assert_in_range(local_of(counts), want[ill] - 1, want[ill] + 1);
    }
    pool_unref(pool);
}

/* One that begins anew, as its container was told to be ill, has been there: until its first contact its part is
 * not put on the others here. */
static void test_one_that_comes_back_is_missing_until_then(void **state)
{
    struct setup setup = {.balance = "round-robin",
                          .states = {READY, READY, READY, READY, READY, READY},
                          .now_ms = 1000};
    unsigned counts[COUNT];
    (void)state;
    struct pool *pool = build(NULL, &setup);
    setup.states[2] = setup.states[3] = ENDPOINT_STARTING;
    pool = build(pool, &setup);
    count(pool, 1000, counts);
    assert_int_equal(local_of(counts), 700);
    pool_unref(pool);
}

/* A key that stays on its side stays with its endpoint. */
static void test_only_so_many_keys_move(void **state)
{
    enum { KEYS = 5000 };
    static unsigned before[KEYS];
    struct setup setup = {.balance = "hash client",
                          .states = {READY, READY, READY, READY, READY, READY}};
    (void)state;
    struct pool *pool = build(NULL, &setup);
    for (unsigned i = 0; i < KEYS; i++)
        before[i] = case_index(pick(pool, &none, i));
    setup.states[3] = setup.states[2] = UNHEALTHY;
    pool = build(pool, &setup);
    unsigned moved_count = 0;
    for (unsigned i = 0; i < KEYS; i++) {
        unsigned now = case_index(pick(pool, &none, i));
        moved_count += before[i] < 2 && now != before[i];
        assert_true(now == before[i] || now >= LOCAL || before[i] >= 2);
    }
    assert_in_range(moved_count, KEYS / 2 * 25 / 100, KEYS / 2 * 35 / 100); /* three of ten */
    pool_unref(pool);
}

/* Slow start: one that comes back alone is not given all at once; where all are new none has to wait. */
static void test_slow_start_counts(void **state)
{
    struct setup setup = {.balance = "round-robin",
                          .states = {READY, DRAINING, DRAINING, DRAINING, READY, READY},
                          .now_ms = 1000,
                          .slow_start_ms = 1600};
    unsigned counts[COUNT];
    (void)state;
    struct pool *pool = build(NULL, &setup);
    unsigned before = 0;
    for (setup.now_ms = 1100; setup.now_ms <= 2600; setup.now_ms += 100) {
        pool = build(pool, &setup);
        count(pool, 1000, counts);
        if (setup.now_ms == 1100)
            assert_in_range(local_of(counts), 80, 200);
        assert_true(local_of(counts) + 1 >= before);
        before = local_of(counts);
    }
    assert_int_equal(before, 1000);
    pool_unref(pool);
    setup.are_all_new = true;
    pool = build(NULL, &setup);
    setup.now_ms += 100;
    pool = build(pool, &setup);
    assert_true(of(pool)->is_warming);
    count(pool, 1000, counts);
    assert_int_equal(local_of(counts), 1000);
    pool_unref(pool);
}

/* ---- those that cannot ------------------------------------------------------------------------- */

/* All local ones refuse: the others are asked, and each once. */
static void test_a_retry_goes_over_to_the_others(void **state)
{
    (void)state;
    for (unsigned way = 0; way < WAYS; way++) {
        struct setup setup = {.balance = ways[way],
                              .states = {READY, READY, READY, READY, READY, READY}};
        struct pool *pool = build(NULL, &setup);
        struct balance_tried tried = {0};
        for (unsigned i = 0; i < COUNT; i++) {
            struct endpoint *endpoint = pick(pool, &tried, 5);
            assert_non_null(endpoint);
            assert_int_equal(endpoint->is_local, i < LOCAL);
            assert_false(balance_was_tried(&tried, endpoint));
            assert_true(balance_has_usable(of(pool), &tried));
            assert_true(balance_has_open(of(pool), &tried, 0));
            balance_note_tried(&tried, endpoint);
        }
        assert_null(pick(pool, &tried, 5));
        assert_false(balance_has_usable(of(pool), &tried));
        balance_keep_usable(&tried, of(pool));
        assert_int_equal(tried.count, COUNT);
        balance_tried_fini(&tried);
        pool_unref(pool);
    }
}

/* A turn of the others, all of which are gone in this moment, is for the local ones, and the other way round. */
static void test_a_side_that_has_just_gone_leaves_its_turns(void **state)
{
    (void)state;
    for (unsigned way = 0; way < WAYS; way++)
        for (unsigned gone = 0; gone < 2; gone++) {
            struct setup setup = {.balance = ways[way],
                                  .states = {READY, READY, UNHEALTHY, UNHEALTHY, READY, READY}};
            struct pool *pool = build(NULL, &setup);
            for (unsigned i = 0; i < COUNT; i++)
                if (of(pool)->endpoints[i]->is_local == (gone == 0))
                    endpoint_set_state(of(pool)->endpoints[i], ENDPOINT_GONE);
            for (unsigned i = 0; i < 50; i++)
                assert_int_equal(pick(pool, &none, i)->is_local, gone == 1);
            pool_unref(pool);
        }
}

/* Who is at its limit sends what is too much to the others; nobody waits while one has a place. */
static void test_full_ones_spill(void **state)
{
    (void)state;
    for (unsigned way = 0; way < WAYS; way++) {
        struct setup setup = {.balance = ways[way],
                              .states = {READY, READY, READY, READY, READY, READY}};
        struct pool *pool = build(NULL, &setup);
        for (unsigned i = 0; i < LOCAL; i++) {
            atomic_store(&of(pool)->endpoints[i]->max_inflight, 1);
            atomic_store(endpoint_admitted_count(of(pool)->endpoints[i]), i > 0);
        }
        for (unsigned i = 0; i < 20; i++)
            assert_int_equal(case_index(pick(pool, &none, i)), 0); /* has a place yet */
        atomic_store(endpoint_admitted_count(of(pool)->endpoints[0]), 1);
        assert_true(balance_has_open(of(pool), NULL, 0));
        for (unsigned i = 0; i < 20; i++)
            assert_false(pick(pool, &none, i)->is_local);
        pool_unref(pool);
    }
}

/* ---- kinds and threads ------------------------------------------------------------------------- */

static void test_tcp_and_udp(void **state)
{
    unsigned counts[COUNT];
    (void)state;
    for (enum service_kind kind = SERVICE_TCP; kind <= SERVICE_UDP; kind++) {
        struct setup setup = {.balance = "",
                              .kind = kind,
                              .states = {READY, READY, UNHEALTHY, UNHEALTHY, READY, READY}};
        struct pool *pool = build(NULL, &setup);
        assert_int_equal(of(pool)->turn_count, 0);
        count(pool, 1000, counts);
        assert_in_range(local_of(counts), kind == SERVICE_TCP ? 700 : 650,
                        kind == SERVICE_TCP ? 700 : 750);
        pool_unref(pool);
    }
}

#define THREADS      4u
#define THREAD_PICKS 50001u

struct picker {
    pthread_t thread;
    const struct pool *pool;
    unsigned counts[COUNT];
};

static void *run_picker(void *data)
{
    struct picker *picker = data;
    count(picker->pool, THREAD_PICKS, picker->counts);
    return NULL;
}

/* All workers together keep to it as strictly as one. */
static void test_strict_over_threads(void **state)
{
    struct setup setup = {.balance = "round-robin",
                          .states = {READY, READY, UNHEALTHY, UNHEALTHY, READY, READY}};
    struct picker pickers[THREADS];
    unsigned sums[COUNT] = {0};
    (void)state;
    struct pool *pool = build(NULL, &setup);
    for (unsigned i = 0; i < THREADS; i++) {
        pickers[i].pool = pool;
        assert_int_equal(pthread_create(&pickers[i].thread, NULL, run_picker, &pickers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(pickers[i].thread, NULL), 0);
        for (unsigned j = 0; j < COUNT; j++)
            sums[j] += pickers[i].counts[j];
    }
    unsigned all = THREADS * THREAD_PICKS, local = all * 7 / 10;
    assert_in_range(local_of(sums), local, local + 1);
    assert_in_range(sums[0], local / 2, local / 2 + 1);
    assert_in_range(sums[4], (all - local) / 2 - 1, (all - local) / 2 + 1);
    pool_unref(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_share),
        cmocka_unit_test(test_none_is_as_ever),
        cmocka_unit_test(test_each_side_by_its_weights),
        cmocka_unit_test(test_the_idle_take_turns_on_each_side),
        cmocka_unit_test(test_smoothly_there_and_back),
        cmocka_unit_test(test_one_that_comes_back_is_missing_until_then),
        cmocka_unit_test(test_only_so_many_keys_move),
        cmocka_unit_test(test_slow_start_counts),
        cmocka_unit_test(test_a_retry_goes_over_to_the_others),
        cmocka_unit_test(test_a_side_that_has_just_gone_leaves_its_turns),
        cmocka_unit_test(test_full_ones_spill),
        cmocka_unit_test(test_tcp_and_udp),
        cmocka_unit_test(test_strict_over_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
