/* Credentials that were right: known again, only for the same list, user and password. */
#include "lb/policy/auth_cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

static struct user_list one = {.digest = "one"}, other = {.digest = "other"};

static void test_only_the_same_is_known_again(void **state)
{
    struct auth_cache *cache = auth_cache_new();
    struct siphash right = auth_cache_mark(cache, &one, VIEW("bob"), VIEW("secret"));
    const struct siphash marks[] = {
        auth_cache_mark(cache, &other, VIEW("bob"), VIEW("secret")), /* the list has changed */
        auth_cache_mark(cache, &one, VIEW("bob"), VIEW("secret2")),
        auth_cache_mark(cache, &one, VIEW("bo"), VIEW("bsecret")),
        auth_cache_mark(cache, &one, VIEW("alice"), VIEW("secret")),
        {{0, 0}},
    };
    (void)state;
    assert_false(auth_cache_has(cache, &right));
    auth_cache_put(cache, &right);
    assert_true(auth_cache_has(cache, &right));
    right = auth_cache_mark(cache, &one, VIEW("bob"), VIEW("secret"));
    assert_true(auth_cache_has(cache, &right));
    for (size_t i = 0; i < 4; i++)
        assert_false(auth_cache_has(cache, &marks[i]));
    free(cache);
}

static void test_it_does_not_grow_and_later_ones_take_the_place(void **state)
{
    struct auth_cache *cache = auth_cache_new();
    unsigned known_count = 0;
    char name[16];
    (void)state;
    for (unsigned i = 0; i < 10 * AUTH_CACHE_ENTRIES; i++) {
        snprintf(name, sizeof(name), "%u", i);
        struct siphash mark = auth_cache_mark(cache, &one, view_str(name), VIEW("secret"));
        auth_cache_put(cache, &mark);
        assert_true(auth_cache_has(cache, &mark));
    }
    for (unsigned i = 0; i < 10 * AUTH_CACHE_ENTRIES; i++) {
        snprintf(name, sizeof(name), "%u", i);
        struct siphash mark = auth_cache_mark(cache, &one, view_str(name), VIEW("secret"));
        known_count += auth_cache_has(cache, &mark);
    }
    assert_in_range(known_count, 1, AUTH_CACHE_ENTRIES);
    free(cache);
}

static void test_each_worker_has_a_secret_of_its_own(void **state)
{
    struct auth_cache *cache = auth_cache_new(), *another = auth_cache_new();
    struct siphash mark = auth_cache_mark(cache, &one, VIEW("bob"), VIEW("secret"));
    struct siphash same = auth_cache_mark(another, &one, VIEW("bob"), VIEW("secret"));
    (void)state;
    assert_memory_not_equal(&mark, &same, sizeof(mark));
    assert_true(mark.words[0] != mark.words[1]);
    free(cache);
    free(another);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_the_same_is_known_again),
        cmocka_unit_test(test_it_does_not_grow_and_later_ones_take_the_place),
        cmocka_unit_test(test_each_worker_has_a_secret_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
