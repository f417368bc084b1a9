/* An index that takes over what stays the same is one as if it were made anew, whatever has changed; and
 * it borrows nothing of rules that are gone, which the address sanitizer would see. */
#include "lb/route/planting.h"
#include "tests/unit/route/table_case.h"

#include <pthread.h>
#include <stdio.h>

#include "lb/base/rng.h"

#define HOST_COUNT  12u
#define POOL_COUNT  240u
#define ROUND_COUNT 300u

static const struct route_pattern hosts[HOST_COUNT] = {
    HOST("a.test"),   HOST("b.test"),         HOST("www.a.test"), HOST("c.b.test"),
    HOST("*.test"),   HOST("*.b.test"),       HOST("www.*"),      HOST_REGEX("^a"),
    HOST("solo.org"), HOST_REGEX("\\.test$"), HOST("x.org"),      {0},
};

static const struct route_pattern paths[] = {
    {0},
    PATH("/"),
    PATH("/app"),
    PATH_EXACT("/app/x"),
    PATH_START("/ap"),
    PATH("/api"),
    PATH_REGEX("^/a.*x"),
    PATH("/app/x"),
};

/* Each route with a label of its own; who wants it has it made anew now and then. */
struct world {
    struct route routes[POOL_COUNT];
    char labels[POOL_COUNT][8];
    struct rule_box *boxes[POOL_COUNT];
    bool is_wanted[POOL_COUNT];
    struct route_table *table;
};

static void world_init(struct world *world)
{
    *world = (struct world){0};
    for (unsigned i = 0; i < POOL_COUNT; i++) {
        snprintf(world->labels[i], sizeof(world->labels[i]), "l%03u", i);
        world->routes[i] = (struct route){.host = hosts[i % HOST_COUNT],
                                          .path = paths[i / HOST_COUNT % COUNT(paths)],
                                          .priority = (int)(i * 7 / 11 % 3),
                                          .is_ranked = i % 13 == 0,
                                          .rank = (int)(i % 5),
                                          .created_ns = i,
                                          .label = view_str(world->labels[i]),
                                          .service = view_str(world->labels[i])};
    }
}

static void world_fini(struct world *world)
{
    for (unsigned i = 0; i < POOL_COUNT; i++)
        rule_box_unref(world->boxes[i]);
    route_table_unref(world->table);
}

/* ---- what must be the same -------------------------------------------------------------------- */

static bool is_bytes_of(struct view part, struct view whole)
{
    return part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len;
}

/* The name of a host is that of one of its rules, which the index has. */
static void assert_borrows_of_its_own(const struct route_index *index)
{
    uint32_t names = 0;
    for (uint32_t at = 0; at <= index->map.mask; at++) {
        const struct name_slot *slot = &index->map.slots[at];
        bool is_of_one = slot->value == NAME_MAP_NONE;
        names += slot->value != NAME_MAP_NONE;
        for (uint32_t i = 0; i < index->count && !is_of_one; i++)
            is_of_one = is_bytes_of(slot->name, index->rules[i]->host);
        assert_true(is_of_one);
    }
    assert_int_equal(names, index->host_count - index->regex_count - (index->any != NULL));
}

/* Hosts have other numbers, and trees other places. */
static void assert_same_size(const struct route_index *index, const struct route_index *fresh)
{
    assert_int_equal(index->count, fresh->count);
    assert_int_equal(index->host_count, fresh->host_count);
    assert_int_equal(index->regex_count, fresh->regex_count);
    assert_int_equal(index->suffix_count, fresh->suffix_count);
    assert_int_equal(index->prefix_count, fresh->prefix_count);
    assert_int_equal(index->any != NULL, fresh->any != NULL);
    assert_int_equal(index->paths.node_count, fresh->paths.node_count);
    assert_int_equal(index->paths.item_count, fresh->paths.item_count);
}

static void assert_same_tree(const struct route_index *index, const struct route_host *host,
                             const struct route_index *fresh, const struct route_host *other)
{
    const struct path_node *node = &index->paths.nodes[host->root];
    const struct path_node *fresh_node = &fresh->paths.nodes[other->root];
    assert_int_equal(host->least, other->least);
    assert_ptr_equal(host->regex, other->regex);
    for (;; node++, fresh_node++) {
        size_t at = (size_t)(node - index->paths.nodes),
               in = (size_t)(fresh_node - fresh->paths.nodes);
        if (at == index->paths.node_count || in == fresh->paths.node_count ||
            (at > host->root && node->parent == at) ||
            (in > other->root && fresh_node->parent == in))
            break;
        assert_true(view_eq(view_of(node->label, node->label_len),
                            view_of(fresh_node->label, fresh_node->label_len)));
        assert_int_equal(node->least, fresh_node->least);
        assert_int_equal(node->child_count, fresh_node->child_count);
        assert_int_equal(node->item_count, fresh_node->item_count);
        assert_int_equal(node->parent - host->root, fresh_node->parent - other->root);
        assert_int_equal(node->first_child - host->root, fresh_node->first_child - other->root);
        assert_memory_equal(index->paths.items + node->first_item,
                            fresh->paths.items + fresh_node->first_item,
                            node->item_count * sizeof(uint32_t));
    }
}

static void assert_same_index(const struct route_index *index, const struct route_index *fresh)
{
    assert_same_size(index, fresh);
    assert_borrows_of_its_own(index);
    for (uint32_t at = 0; at <= fresh->map.mask; at++) {
        const struct name_slot *slot = &fresh->map.slots[at];
        if (slot->value == NAME_MAP_NONE)
            continue;
        uint32_t number = name_map_find(&index->map, slot->name);
        assert_int_not_equal(number, NAME_MAP_NONE);
        assert_same_tree(index, &index->hosts[number], fresh, &fresh->hosts[slot->value]);
    }
    for (uint32_t i = 0; i < fresh->regex_count; i++)
        assert_same_tree(index, &index->regexes[i], fresh, &fresh->regexes[i]);
    if (fresh->any)
        assert_same_tree(index, index->any, fresh, fresh->any);
}

static void assert_as_if_new(const struct route_table *table)
{
    struct route_index fresh;
    planting_make(&fresh, table->rules, table->ranked_count, NULL);
    assert_same_index(&table->ranked, &fresh);
    route_index_fini(&fresh);
    planting_make(&fresh, table->rules + table->ranked_count, table->count - table->ranked_count,
                  NULL);
    assert_same_index(&table->unranked, &fresh);
    route_index_fini(&fresh);
}

/* ---- changes ---------------------------------------------------------------------------------- */

/* What was before is gone then, as if all workers had the next one. */
static void step(struct world *world)
{
    struct rule_wanted wanted[POOL_COUNT];
    unsigned numbers[POOL_COUNT];
    uint32_t count = 0;
    for (unsigned i = 0; i < POOL_COUNT; i++)
        if (world->is_wanted[i]) {
            numbers[count] = i;
            wanted[count++] = (struct rule_wanted){&world->routes[i], world->boxes[i]};
            world->boxes[i] = NULL;
        }
    struct route_table *next = route_table_next(wanted, count, world->table);
    for (uint32_t i = 0; i < count; i++)
        world->boxes[numbers[i]] = wanted[i].box;
    for (unsigned i = 0; i < POOL_COUNT; i++)
        if (!world->is_wanted[i]) {
            rule_box_unref(world->boxes[i]);
            world->boxes[i] = NULL;
        }
    route_table_unref(world->table);
    world->table = next;
    assert_int_equal(next->count, count);
    assert_as_if_new(next);
}

static void make_again(struct world *world, unsigned number)
{
    rule_box_unref(world->boxes[number]);
    world->boxes[number] = NULL;
}

static void test_any_sequence_of_changes(void **state)
{
    static struct world world;
    struct rng rng;
    (void)state;
    rng_init(&rng);
    world_init(&world);
    for (unsigned round = 0; round < ROUND_COUNT; round++) {
        uint64_t changes = round % 50 == 49 ? POOL_COUNT : rng_next(&rng) % 5;
        for (uint64_t i = 0; i < changes; i++)
            world.is_wanted[rng_next(&rng) % POOL_COUNT] ^= true;
        make_again(&world, (unsigned)(rng_next(&rng) % POOL_COUNT));
        step(&world);
    }
    world_fini(&world);
}

/* So that hosts come and go often, and with them what is counted of them. */
static void test_hosts_come_and_go(void **state)
{
    static struct world world;
    struct rng rng;
    (void)state;
    rng_init(&rng);
    world_init(&world);
    for (unsigned round = 0; round < ROUND_COUNT; round++) {
        world.is_wanted[rng_next(&rng) % (2 * HOST_COUNT)] ^= true;
        step(&world);
    }
    world_fini(&world);
}

/* The name was the first one's, and its bytes go with it. */
static void test_a_name_is_of_a_rule_that_is_there(void **state)
{
    static struct world world;
    (void)state;
    world_init(&world);
    for (unsigned i = 1; i < POOL_COUNT; i++)
        world.is_wanted[i] = i % HOST_COUNT < 2;
    step(&world);
    for (unsigned i = 1; i + HOST_COUNT < POOL_COUNT; i += HOST_COUNT) {
        world.is_wanted[i] = false;
        step(&world);
        assert_string_not_equal(find(world.table, "b.test/app/x", NULL), "-");
    }
    world_fini(&world);
}

/* ---- beside a worker -------------------------------------------------------------------------- */

static void *ask_and_drop(void *owner)
{
    struct route_table *table = owner;
    struct question question = {
        .host = VIEW("b.test"), .path = VIEW("/app/x"), .scratch = pattern_scratch_new()};
    uintptr_t misses = 0;
    for (unsigned i = 0; i < 200; i++)
        misses += route_table_find(table, &question) == ROUTE_TABLE_NONE;
    pattern_scratch_free(question.scratch);
    route_table_unref(table);
    return (void *)misses;
}

/* For the thread sanitizer: a worker asks the table that the next ones are made from, and drops it. */
static void test_a_worker_asks_while_the_next_is_made(void **state)
{
    static struct world world;
    pthread_t worker;
    void *misses;
    (void)state;
    world_init(&world);
    for (unsigned i = 0; i < POOL_COUNT; i++)
        world.is_wanted[i] = true;
    step(&world);
    assert_int_equal(pthread_create(&worker, NULL, ask_and_drop, route_table_ref(world.table)), 0);
    for (unsigned i = 0; i < HOST_COUNT; i++) {
        world.is_wanted[i] = false;
        make_again(&world, POOL_COUNT - 1 - i);
        step(&world);
    }
    assert_int_equal(pthread_join(worker, &misses), 0);
    assert_null(misses);
    world_fini(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_sequence_of_changes),
        cmocka_unit_test(test_hosts_come_and_go),
        cmocka_unit_test(test_a_name_is_of_a_rule_that_is_there),
        cmocka_unit_test(test_a_worker_asks_while_the_next_is_made),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
