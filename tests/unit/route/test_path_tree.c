/* The tree of paths: which of them a path begins with. */
#include "lb/route/path_tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct path_item items[] = {
    {VIEW(""), 9},        {VIEW("/"), 8},      {VIEW("/api"), 5}, {VIEW("/api"), 6},
    {VIEW("/api/v1"), 2}, {VIEW("/apple"), 7}, {VIEW("/b"), 1},
};

/* The values from the node on up to the root, as digits. */
static void find(const struct path_tree_store *store, uint32_t root, const char *path, char *found)
{
    struct path_place place = path_tree_find(store, root, view_str(path));
    uint32_t at = place.node, depth = place.depth;
    for (;; at = store->nodes[at].parent) {
        const struct path_node *node = &store->nodes[at];
        for (uint32_t i = 0; i < node->item_count; i++)
            *found++ = (char)('0' + store->items[node->first_item + i]);
        if (at == root)
            break;
        depth -= node->label_len;
    }
    assert_int_equal(depth, store->nodes[root].label_len);
    *found = '\0';
}

static void test_what_a_path_begins_with(void **state)
{
    static const struct {
        const char *path, *values;
    } rows[] = {
        {"/", "89"},         {"/api", "5689"},  {"/api/", "5689"}, {"/api/v1/x", "25689"},
        {"/api/v2", "5689"}, {"/apple", "789"}, {"/app", "89"},    {"/b", "189"},
        {"/c", "89"},        {"", "9"},         {"*", "9"},        {"/api/v", "5689"},
    };
    struct path_tree_store store;
    (void)state;
    path_tree_store_init(&store, COUNT(items));
    uint32_t root = path_tree_add(&store, items, COUNT(items));
    for (size_t i = 0; i < COUNT(rows); i++) {
        char found[16];
        find(&store, root, rows[i].path, found);
        assert_string_equal(found, rows[i].values);
    }
    path_tree_store_fini(&store);
}

static uint32_t least(const struct path_tree_store *store, uint32_t root, const char *path)
{
    return store->nodes[path_tree_find(store, root, view_str(path)).node].least;
}

static void test_the_least_value_up_to_the_root_is_known(void **state)
{
    struct path_tree_store store;
    (void)state;
    path_tree_store_init(&store, COUNT(items));
    uint32_t root = path_tree_add(&store, items, COUNT(items));
    assert_int_equal(least(&store, root, ""), 9);
    assert_int_equal(least(&store, root, "/"), 8);
    assert_int_equal(least(&store, root, "/api"), 5);
    assert_int_equal(least(&store, root, "/api/v1"), 2);
    assert_int_equal(least(&store, root, "/apple"), 7);
    path_tree_store_fini(&store);
}

static void test_trees_in_one_store(void **state)
{
    static const struct path_item other[] = {{VIEW("/api"), 3}};
    struct path_tree_store store;
    char found[16];
    (void)state;
    path_tree_store_init(&store, COUNT(items) + 1);
    uint32_t first = path_tree_add(&store, items, COUNT(items));
    uint32_t second = path_tree_add(&store, other, 1);
    find(&store, first, "/api", found);
    assert_string_equal(found, "5689");
    find(&store, second, "/api/v1", found);
    assert_string_equal(found, "3");
    assert_int_equal(path_tree_find(&store, second, VIEW("/ap")).node, PATH_TREE_NONE);
    assert_int_equal(path_tree_find(&store, second, VIEW("/apj")).node, PATH_TREE_NONE);
    path_tree_store_fini(&store);
}

/* The second of three trees and the third, behind another one. */
static void test_copies_have_other_values(void **state)
{
    static const struct path_item other[] = {{VIEW("/api"), 3}}, third[] = {{VIEW("/z"), 0}};
    static const uint32_t numbers[] = {0, 1, 2, 4, 5, 6, 7, 8, 8, 9};
    struct path_tree_store store, copy;
    char found[16];
    (void)state;
    path_tree_store_init(&store, COUNT(items) + 2);
    path_tree_store_init(&copy, COUNT(items) + 3);
    path_tree_add(&store, other, 1);
    uint32_t second = path_tree_add(&store, items, COUNT(items));
    uint32_t last = path_tree_add(&store, third, 1);
    path_tree_add(&copy, third, 1);
    path_tree_add(&copy, third, 1);
    uint32_t root = path_tree_copy(&copy, &store, second, store.node_count, numbers);
    find(&copy, root, "/api/v1/x", found);
    assert_string_equal(found, "26789");
    assert_int_equal(least(&copy, root, "/api"), 6);
    find(&copy, root + last - second, "/z", found);
    assert_string_equal(found, "0");
    assert_int_equal(copy.item_count, COUNT(items) + 3);
    path_tree_store_fini(&copy);
    path_tree_store_fini(&store);
}

/* Nothing but a root, of which no value is known. */
static void test_a_copy_of_a_tree_whose_root_has_no_value(void **state)
{
    static const struct path_item two[] = {{VIEW("/a"), 1}, {VIEW("/b"), 0}};
    static const uint32_t numbers[] = {2, 3};
    struct path_tree_store store, copy;
    (void)state;
    path_tree_store_init(&store, 2);
    path_tree_store_init(&copy, 2);
    path_tree_add(&store, two, 2);
    uint32_t root = path_tree_copy(&copy, &store, 0, store.node_count, numbers);
    assert_int_equal(least(&copy, root, "/"), UINT32_MAX);
    assert_int_equal(least(&copy, root, "/a"), 3);
    path_tree_store_fini(&copy);
    path_tree_store_fini(&store);
}

/* A label of each length, and a path that differs from it in one place. */
static void test_labels_of_all_lengths(void **state)
{
    static const char path[] = "/abcdefghijklmnopqrstuvwxyz";
    (void)state;
    for (size_t len = 1; len < sizeof(path); len++) {
        const struct path_item item = {view_of(path, len), 1};
        struct path_tree_store store;
        path_tree_store_init(&store, 1);
        uint32_t root = path_tree_add(&store, &item, 1);
        struct path_place place = path_tree_find(&store, root, VIEW(path));
        assert_int_equal(place.node, root);
        assert_int_equal(place.depth, len);
        assert_int_equal(path_tree_find(&store, root, view_of(path, len - 1)).node, PATH_TREE_NONE);
        for (size_t at = 0; at < len; at++) {
            char other[sizeof(path)];
            memcpy(other, path, sizeof(path));
            other[at] = '!';
            assert_int_equal(path_tree_find(&store, root, view_str(other)).node, PATH_TREE_NONE);
        }
        path_tree_store_fini(&store);
    }
}

/* All first characters, so that children are searched and not looked through. */
static void test_many_children(void **state)
{
    static char paths[250][4];
    struct path_item many[250];
    struct path_tree_store store;
    (void)state;
    for (unsigned i = 0; i < 250; i++) {
        snprintf(paths[i], sizeof(paths[i]), "/%c", (int)i + 1);
        many[i] = (struct path_item){view_str(paths[i]), i};
    }
    path_tree_store_init(&store, 250);
    uint32_t root = path_tree_add(&store, many, 250);
    for (unsigned i = 0; i < 250; i++)
        assert_int_equal(least(&store, root, paths[i]), i);
    assert_int_equal(least(&store, root, "/\xFE"), UINT32_MAX);
    path_tree_store_fini(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_a_path_begins_with),
        cmocka_unit_test(test_the_least_value_up_to_the_root_is_known),
        cmocka_unit_test(test_trees_in_one_store),
        cmocka_unit_test(test_copies_have_other_values),
        cmocka_unit_test(test_a_copy_of_a_tree_whose_root_has_no_value),
        cmocka_unit_test(test_labels_of_all_lengths),
        cmocka_unit_test(test_many_children),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
