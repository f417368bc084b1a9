/* Keys and their endpoints: spread, what moves when one comes or goes, and a bound for the load. */
#include "lb/policy/rendezvous.h"

#include "tests/unit/policy/balance_case.h"

#include "lb/policy/algorithm.h"
#include "lb/base/hash.h"
#include "lb/policy/outlier.h"

#define KEY_COUNT 100000u
#define SIZE_MAX_ 100u
#define ALL       CASE_COUNT_MAX

static struct balance_tried none; /* stays so */

/* Of texts that clients send: they differ in a few characters. */
static uint64_t key_of(unsigned number)
{
    char text[24];
    snprintf(text, sizeof(text), "client-%u", number);
    return hash_view(HASH_INIT, view_str(text));
}

static struct endpoint *pick(const struct pool *pool, uint64_t key)
{
    return algorithm_pick(&pool->services[0], &none,
                          &(struct algorithm_key){.hash = key, .is_given = true});
}

static void note_owners(const struct pool *pool, unsigned char owners[KEY_COUNT])
{
    for (unsigned i = 0; i < KEY_COUNT; i++)
        owners[i] = (unsigned char)case_index(pick(pool, key_of(i)));
}

/* Nobody has more than five standard deviations above or below its share; tells the worst. */
static double spread_of(const unsigned char owners[KEY_COUNT], unsigned count)
{
    unsigned counts[CASE_COUNT_MAX] = {0};
    double share = (double)KEY_COUNT / count, worst = 0;
    for (unsigned i = 0; i < KEY_COUNT; i++)
        counts[owners[i]]++;
    for (unsigned i = 0; i < count; i++) {
        double off = counts[i] - share;
        assert_true(off * off < 25 * share);
        off = (off < 0 ? -off : off) / share;
        worst = off > worst ? off : worst;
    }
    return worst;
}

/* Only keys of the one that comes or goes. */
static double moved(const unsigned char before[KEY_COUNT], const unsigned char after[KEY_COUNT],
                    unsigned whose)
{
    unsigned count = 0;
    for (unsigned i = 0; i < KEY_COUNT; i++) {
        if (before[i] == after[i])
            continue;
        assert_true(before[i] == whose || after[i] == whose);
        count++;
    }
    return (double)count / KEY_COUNT;
}

struct worst {
    double spread, move;
};

static double greater(double a, double b)
{
    return a > b ? a : b;
}

/* From `count` endpoints to one more, which is the same as back again. */
static struct pool *grow(struct pool *pool, unsigned count, unsigned char owners[KEY_COUNT],
                         struct worst *worst)
{
    static unsigned char later[KEY_COUNT];
    pool = case_build(pool, "hash client", count + 1, ALL, NULL);
    note_owners(pool, later);
    double share = moved(owners, later, count) * (count + 1);
    assert_true(share <= 1.2);
    memcpy(owners, later, sizeof(later));
    *worst = (struct worst){greater(worst->spread, spread_of(owners, count + 1)),
                            greater(worst->move, share)};
    return pool;
}

static void test_one_of_n_comes_or_goes_and_its_keys_move(void **state)
{
    static unsigned char owners[KEY_COUNT];
    struct worst worst = {0};
    (void)state;
    struct pool *pool = case_build(NULL, "hash client", 1, ALL, NULL);
    note_owners(pool, owners);
    for (unsigned count = 1; count <= SIZE_MAX_; count++)
        pool = grow(pool, count, owners, &worst);
    print_message("2 to %u endpoints: shares within %.1f %%, at most %.3f/n of the keys moved\n",
                  SIZE_MAX_, 100 * worst.spread, worst.move);
    pool_unref(pool);
}

static void test_it_does_not_matter_which_one_goes(void **state)
{
    static const unsigned sizes[] = {2, 3, 10, 50};
    static unsigned char owners[KEY_COUNT], later[KEY_COUNT];
    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct pool *pool = case_build(NULL, "hash client", sizes[i], ALL, NULL);
        note_owners(pool, owners);
        pool = case_build(pool, "hash client", sizes[i], sizes[i] / 2, NULL);
        note_owners(pool, later);
        assert_true(moved(owners, later, sizes[i] / 2) * sizes[i] <= 1.2);
        pool_unref(pool);
    }
}

static void test_weights_count(void **state)
{
    static const unsigned weights[] = {1, 2, 5};
    unsigned counts[3] = {0};
    (void)state;
    struct pool *pool = case_build(NULL, "hash path", 3, ALL, weights);
    for (unsigned i = 0; i < KEY_COUNT; i++)
        counts[case_index(pick(pool, key_of(i)))]++;
    for (unsigned i = 0; i < 3; i++)
        assert_in_range(counts[i], KEY_COUNT / 8 * weights[i] * 97 / 100,
                        KEY_COUNT / 8 * weights[i] * 103 / 100);
    pool_unref(pool);
}

/* One key, and requests that do not end: it spills over, and nobody gets above its bound. */
static void test_nobody_gets_more_than_its_bound(void **state)
{
    (void)state;
    for (unsigned count = 2; count <= 20; count += 6) {
        struct pool *pool = case_build(NULL, "hash client", count, ALL, NULL);
        struct endpoint *first = pick(pool, key_of(7));
        for (unsigned total = 1; total <= 100 * count; total++) {
            struct endpoint *endpoint = pick(pool, key_of(7));
            case_count(endpoint, total % CASE_WORKER_COUNT, 1);
            uint64_t inflight = endpoint_inflight_count(endpoint);
            assert_true(inflight <= RENDEZVOUS_LOAD_FREE ||
                        inflight * 100 * count <= (uint64_t)total * RENDEZVOUS_LOAD_MAX_PERCENT);
            assert_true(total > RENDEZVOUS_LOAD_FREE || endpoint == first);
        }
        assert_true(endpoint_inflight_count(first) * count >= 100 * count * 120 / 100);
        pool_unref(pool);
    }
}

/* A flow may begin on any worker at any time, and all are to find the same endpoint. */
static void test_load_does_not_count_for_udp(void **state)
{
    (void)state;
    struct pool *pool = case_build(NULL, "hash client", 8, ALL, NULL);
    struct endpoint *first = pick(pool, key_of(7));
    case_count(first, 0, 1000);
    assert_ptr_not_equal(pick(pool, key_of(7)), first);
    pool->services[0].kind = SERVICE_UDP;
    assert_ptr_equal(pick(pool, key_of(7)), first);
    pool_unref(pool);
}

static void test_a_retry_goes_on_in_the_order_of_the_key(void **state)
{
    const struct outlier_rules rules = {.failures_max = 9};
    struct endpoint *order[5];
    struct balance_tried tried = {0};
    const struct algorithm_key key = {.hash = key_of(1), .is_given = true};
    (void)state;
    struct pool *pool = case_build(NULL, "hash client", 5, ALL, NULL);
    const struct pool_service *service = &pool->services[0];
    for (unsigned i = 0; i < 5; i++) {
        order[i] = algorithm_pick(service, &tried, &key);
        balance_note_tried(&tried, order[i]);
    }
    assert_null(algorithm_pick(service, &tried, &key));
    balance_tried_fini(&tried);
    endpoint_set_state(order[0], ENDPOINT_DRAINING);
    assert_ptr_equal(algorithm_pick(service, &tried, &key), order[1]);
    outlier_note_failure(order[2], &rules);
    balance_note_tried(&tried, order[1]);
    assert_ptr_equal(algorithm_pick(service, &tried, &key), order[3]);
    balance_note_tried(&tried, order[3]);
    balance_note_tried(&tried, order[4]);
    assert_ptr_equal(algorithm_pick(service, &tried, &key), order[2]);
    balance_tried_fini(&tried);
    pool_unref(pool);
}

static void test_without_a_key_they_take_turns(void **state)
{
    (void)state;
    struct pool *pool = case_build(NULL, "hash cookie sid", 4, ALL, NULL);
    for (unsigned i = 0; i < 12; i++)
        assert_int_equal(case_index(algorithm_pick(&pool->services[0], &none,
                                                   &(struct algorithm_key){.hash = key_of(i)})),
                         i % 4);
    assert_null(balance_pick(&pool->services[0], &none)); /* who asks is to say something */
    pool_unref(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_of_n_comes_or_goes_and_its_keys_move),
        cmocka_unit_test(test_it_does_not_matter_which_one_goes),
        cmocka_unit_test(test_weights_count),
        cmocka_unit_test(test_nobody_gets_more_than_its_bound),
        cmocka_unit_test(test_load_does_not_count_for_udp),
        cmocka_unit_test(test_a_retry_goes_on_in_the_order_of_the_key),
        cmocka_unit_test(test_without_a_key_they_take_turns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
