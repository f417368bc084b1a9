/* Which rules there are after a change: those that stay are the same objects in the order that all of
 * them would have if they were new. */
#include "lb/route/rule_set.h"
#include "tests/unit/route/table_case.h"

#include <pthread.h>
#include <stdio.h>

#include "lb/base/memory.h"
#include "lb/base/rng.h"
#include "lb/contract/limits.h"

#define POOL_COUNT  60
#define ROUND_COUNT 400

/* Routes that differ in what the order looks at; each has a label of its own. */
static void make_routes(struct route routes[POOL_COUNT], char labels[POOL_COUNT][8])
{
    static const struct view hosts[] = {VIEW("a.test"), VIEW("*.test"), VIEW("www.*"), VIEW("")};
    static const struct view paths[] = {VIEW("/"), VIEW("/app"), VIEW("/app/x")};
    for (unsigned i = 0; i < POOL_COUNT; i++) {
        snprintf(labels[i], sizeof(labels[i]), "l%02u", i);
        routes[i] = (struct route){.host = {ROUTE_HOST, hosts[i % 4]},
                                   .path = {ROUTE_PATH, paths[i % 3]},
                                   .priority = (int)(i / 7 % 3),
                                   .is_ranked = i % 5 == 0,
                                   .rank = (int)(i % 7),
                                   .created_ns = i % 11,
                                   .label = view_str(labels[i]),
                                   .service = VIEW("s")};
    }
}

static void assert_same_order(const struct rule_set *set, const struct rule_set *fresh)
{
    assert_int_equal(set->count, fresh->count);
    assert_int_equal(set->ranked_count, fresh->ranked_count);
    for (uint32_t i = 0; i < set->count; i++)
        assert_true(view_eq(set->rules[i]->route.label, fresh->rules[i]->route.label));
}

static void check_against_fresh(const struct rule_set *set, const struct rule_wanted *wanted,
                                uint32_t count)
{
    struct rule_wanted again[POOL_COUNT];
    struct rule_set fresh;
    for (uint32_t i = 0; i < count; i++)
        again[i] = (struct rule_wanted){.route = wanted[i].route};
    rule_set_init(&fresh, again, count, NULL);
    assert_same_order(set, &fresh);
    for (uint32_t i = 0; i < count; i++)
        rule_box_unref(again[i].box);
    rule_set_fini(&fresh);
}

/* Each box that there is, and whether it is wanted now. */
struct world {
    struct route routes[POOL_COUNT];
    char labels[POOL_COUNT][8];
    struct rule_box *boxes[POOL_COUNT];
    bool is_wanted[POOL_COUNT];
    struct rule_set set;
};

static void step(struct world *world)
{
    struct rule_wanted wanted[POOL_COUNT];
    unsigned numbers[POOL_COUNT];
    uint32_t count = 0;
    for (unsigned i = 0; i < POOL_COUNT; i++)
        if (world->is_wanted[i]) {
            numbers[count] = i;
            wanted[count++] = (struct rule_wanted){&world->routes[i], world->boxes[i]};
        }
    struct rule_set next;
    rule_set_init(&next, wanted, count, &world->set);
    check_against_fresh(&next, wanted, count);
    for (uint32_t i = 0; i < count; i++) {
        struct rule_box *known = world->boxes[numbers[i]];
        assert_true(!known || known == wanted[i].box);
        world->boxes[numbers[i]] = wanted[i].box;
    }
    rule_set_fini(&world->set);
    world->set = next;
}

static void test_any_sequence_of_changes(void **state)
{
    static struct world world;
    struct rng rng;
    (void)state;
    rng_init(&rng);
    make_routes(world.routes, world.labels);
    rule_set_init(&world.set, NULL, 0, NULL);
    for (unsigned round = 0; round < ROUND_COUNT; round++) {
        for (uint64_t i = 1 + rng_next(&rng) % 3; i > 0; i--)
            world.is_wanted[rng_next(&rng) % POOL_COUNT] ^= true;
        unsigned forgotten = (unsigned)(rng_next(&rng) % POOL_COUNT); /* it is to be made again */
        rule_box_unref(world.boxes[forgotten]);
        world.boxes[forgotten] = NULL;
        step(&world);
    }
    for (unsigned i = 0; i < POOL_COUNT; i++)
        rule_box_unref(world.boxes[i]);
    rule_set_fini(&world.set);
}

static void test_what_goes_lives_as_long_as_who_has_it(void **state)
{
    static const struct route routes[] = {{.host = HOST("a.test"), .service = VIEW("a")},
                                          {.host = HOST("b.test"), .service = VIEW("b")}};
    struct rule_wanted wanted[] = {{.route = &routes[0]}, {.route = &routes[1]}};
    struct rule_set first, second;
    (void)state;
    rule_set_init(&first, wanted, 2, NULL);
    rule_set_init(&second, wanted, 1, &first);
    rule_box_unref(wanted[0].box);
    rule_box_unref(wanted[1].box);
    assert_ptr_equal(second.rules[0], first.rules[0]);
    assert_true(view_eq(first.rules[1]->host, VIEW("b.test")));
    rule_set_fini(&first);
    assert_true(view_eq(second.rules[0]->host, VIEW("a.test")));
    rule_set_fini(&second);
}

/* ---- beside a worker -------------------------------------------------------------------------- */

static void *read_and_drop(void *owner)
{
    struct rule_set *set = owner;
    for (unsigned round = 0; round < 200; round++)
        for (uint32_t i = 0; i < set->count; i++)
            if (set->rules[i]->route.service.len != 1)
                return set;
    rule_set_fini(set);
    return NULL;
}

/* For the thread sanitizer: a worker reads the rules that the next set takes over, and drops them. */
static void test_a_worker_reads_while_the_next_is_made(void **state)
{
    static struct world world;
    struct rule_wanted wanted[POOL_COUNT];
    struct rule_set first, second;
    pthread_t worker;
    void *fault;
    (void)state;
    make_routes(world.routes, world.labels);
    for (unsigned i = 0; i < POOL_COUNT; i++)
        wanted[i] = (struct rule_wanted){.route = &world.routes[i]};
    rule_set_init(&first, wanted, POOL_COUNT, NULL);
    const struct rule_set before = first; /* it stays as long as its rules do */
    const struct rule **rules = memory_new(POOL_COUNT * sizeof(*rules));
    uint32_t *services = memory_new(POOL_COUNT * sizeof(*services));
    memcpy(rules, first.rules, POOL_COUNT * sizeof(*rules));
    memcpy(services, first.services, POOL_COUNT * sizeof(*services));
    struct rule_set copy = before;
    copy.rules = rules;
    copy.services = services;
    assert_int_equal(pthread_create(&worker, NULL, read_and_drop, &first), 0);
    rule_set_init(&second, wanted, POOL_COUNT - 1, &copy);
    assert_int_equal(second.count, POOL_COUNT - 1);
    assert_int_equal(pthread_join(worker, &fault), 0);
    assert_null(fault);
    for (unsigned i = 0; i < POOL_COUNT; i++)
        rule_box_unref(wanted[i].box);
    rule_set_fini(&second);
    free(services);
    free(rules);
}

/* ---- regexes --------------------------------------------------------------------------------- */

#define REGEX_COUNT (LIMITS_REGEXES_MAX + 3)

static struct rule_wanted regexes[REGEX_COUNT];
static struct route regex_routes[REGEX_COUNT];
static char texts[REGEX_COUNT][16];

/* Each of another container, or all of one. */
static void make_regexes(uint32_t count, struct view container)
{
    for (uint32_t i = 0; i < count; i++) {
        snprintf(texts[i], sizeof(texts[i]), "^%u$", i);
        regex_routes[i] =
            (struct route){.host = {ROUTE_HOST_REGEX, view_str(texts[i])},
                           .container = container.len > 0 ? container : view_str(texts[i]),
                           .service = VIEW("s")};
        regexes[i] = (struct rule_wanted){.route = &regex_routes[i]};
    }
}

static void forget_regexes(void)
{
    for (uint32_t i = 0; i < REGEX_COUNT; i++)
        rule_box_unref(regexes[i].box);
    memset(regexes, 0, sizeof(regexes));
}

static void test_one_regex_too_many_is_left_out_and_told(void **state)
{
    struct rule_set set;
    (void)state;
    make_regexes(REGEX_COUNT, VIEW(""));
    rule_set_init(&set, regexes, REGEX_COUNT, NULL);
    assert_int_equal(set.count, LIMITS_REGEXES_MAX);
    assert_int_equal(set.left_out_count, 3);
    assert_int_equal(set.left_out[0].limit, RULE_LIMIT_REGEXES);
    assert_true(view_eq(set.left_out[2].route.host.text, VIEW("^1026$")));
    rule_set_fini(&set);
    forget_regexes();
}

static void test_one_container_has_its_share(void **state)
{
    struct rule_set set;
    (void)state;
    make_regexes(LIMITS_REGEXES_OF_ONE_MAX + 100, VIEW("c"));
    rule_set_init(&set, regexes, LIMITS_REGEXES_OF_ONE_MAX + 100, NULL);
    assert_int_equal(set.count, LIMITS_REGEXES_OF_ONE_MAX);
    assert_int_equal(set.left_out_count, 100); /* not all of them are kept to be told */
    assert_int_equal(set.left_out[RULE_SET_LEFT_OUT_MAX - 1].limit, RULE_LIMIT_CONTAINER_REGEXES);
    rule_set_fini(&set);
    forget_regexes();
}

/* Nobody who comes later and stands before them takes their place. */
static void test_who_is_there_stays(void **state)
{
    struct rule_set first, second;
    (void)state;
    make_regexes(REGEX_COUNT, VIEW(""));
    rule_set_init(&first, regexes + 3, LIMITS_REGEXES_MAX, NULL);
    rule_set_init(&second, regexes, REGEX_COUNT, &first);
    assert_int_equal(second.left_out_count, 3);
    assert_true(view_eq(second.left_out[0].route.host.text, VIEW("^0$")));
    assert_null(regexes[0].box);
    rule_set_fini(&first);
    rule_set_init(&first, regexes, REGEX_COUNT - 1, &second); /* there is room again */
    assert_int_equal(first.left_out_count, 2);
    assert_non_null(regexes[0].box);
    rule_set_fini(&second);
    rule_set_fini(&first);
    forget_regexes();
}

/* A container that is created anew says the same words. */
static void test_a_regex_is_compiled_once(void **state)
{
    struct rule_set first, second;
    (void)state;
    make_regexes(1, VIEW("old"));
    rule_set_init(&first, regexes, 1, NULL);
    const struct route route = {
        .host = {ROUTE_HOST_REGEX, VIEW("^0$")}, .container = VIEW("new"), .service = VIEW("s")};
    struct rule_wanted wanted = {.route = &route};
    rule_set_init(&second, &wanted, 1, &first);
    assert_ptr_not_equal(second.rules[0], first.rules[0]);
    assert_ptr_equal(second.rules[0]->host_regex, first.rules[0]->host_regex);
    rule_box_unref(wanted.box);
    rule_set_fini(&first);
    assert_int_equal(pattern_matches(second.rules[0]->host_regex, VIEW("0"), scratch), TRUTH_YES);
    rule_set_fini(&second);
    forget_regexes();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_sequence_of_changes),
        cmocka_unit_test(test_what_goes_lives_as_long_as_who_has_it),
        cmocka_unit_test(test_a_worker_reads_while_the_next_is_made),
        cmocka_unit_test(test_one_regex_too_many_is_left_out_and_told),
        cmocka_unit_test(test_one_container_has_its_share),
        cmocka_unit_test(test_who_is_there_stays),
        cmocka_unit_test(test_a_regex_is_compiled_once),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
