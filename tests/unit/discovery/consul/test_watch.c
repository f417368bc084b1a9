#include "discovery/consul/watch.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/discovery/cmocka_all.h"

static void note_change(void *owner)
{
    (void)owner;
}

/* A second look may be under way meanwhile, whose answer is read by the same rules. */
static void test_another_name_of_the_node_counts_at_once(void **state)
{
    (void)state;
    struct consul_options options = {0};
    struct alive alive = {0};
    char *name = strdup("one");
    const char *own_node = name;
    struct watch_surroundings around = {
        .options = &options, .own_node = &own_node, .alive = &alive, .on_change = note_change};
    struct watch *watch = watch_new(&around, "web");
    const struct blocking_query_options *query = &watch->query.options;
    assert_null(query->on_answer(query->owner, &(struct blocking_answer){.body = VIEW("[]")}));
    assert_string_equal(watch->rules.own_node, "one");
    free(name);
    own_node = "two";
    watch_read_again(watch);
    assert_string_equal(watch->rules.own_node, "two");
    watch_free(watch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_another_name_of_the_node_counts_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
