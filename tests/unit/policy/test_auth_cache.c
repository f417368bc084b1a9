/* Credentials that were right: known again, only for the same list, user and password. */
#include "lb/policy/auth_cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

static struct siphash mark_of(const struct auth_cache *cache, const char *hash, const char *name,
                              const char *password)
{
    const struct htpasswd_user user = {.name = view_str(name), .hash = view_str(hash)};
    return auth_cache_mark(cache, &user, view_str(password));
}

static void test_only_the_same_is_known_again(void **state)
{
    struct auth_cache *cache = auth_cache_new();
    struct siphash right = mark_of(cache, "one", "bob", "secret");
    const struct siphash marks[] = {
        mark_of(cache, "other", "bob", "secret"), /* the hash has changed */
        mark_of(cache, "one", "bob", "secret2"),
        mark_of(cache, "one", "bo", "bsecret"),
        mark_of(cache, "one", "alice", "secret"),
        mark_of(cache, "onese", "bob", "cret"),
        {{0, 0}},
    };
    (void)state;
    assert_false(auth_cache_has(cache, &right));
    auth_cache_put(cache, &right);
    assert_true(auth_cache_has(cache, &right));
    right = mark_of(cache, "one", "bob", "secret");
    assert_true(auth_cache_has(cache, &right));
    for (size_t i = 0; i < 5; i++)
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
        struct siphash mark = mark_of(cache, "one", name, "secret");
        auth_cache_put(cache, &mark);
        assert_true(auth_cache_has(cache, &mark));
    }
    for (unsigned i = 0; i < 10 * AUTH_CACHE_ENTRIES; i++) {
        snprintf(name, sizeof(name), "%u", i);
        struct siphash mark = mark_of(cache, "one", name, "secret");
        known_count += auth_cache_has(cache, &mark);
    }
    assert_in_range(known_count, 1, AUTH_CACHE_ENTRIES);
    free(cache);
}

static void test_each_worker_has_a_secret_of_its_own(void **state)
{
    struct auth_cache *cache = auth_cache_new(), *another = auth_cache_new();
    struct siphash mark = mark_of(cache, "one", "bob", "secret");
    struct siphash same = mark_of(another, "one", "bob", "secret");
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
