/* What differs from what was told: by sections, and in maps by keys. */
#include "lb/admin/live_differ.h"

#include <stdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct live_differ differ;

static int close_differ(void **state)
{
    (void)state;
    live_differ_fini(&differ);
    return 0;
}

static void put(const char *section, uint64_t value)
{
    json_writer_uint(live_differ_value(&differ), value);
    live_differ_put(&differ, section);
}

static void put_entry(const char *section, const char *key, uint64_t value)
{
    json_writer_uint(live_differ_value(&differ), value);
    live_differ_put_entry(&differ, section, key);
}

static void assert_changes(const char *want)
{
    struct text changes = TEXT_INIT;
    text_append(&changes, live_differ_changes(&differ));
    assert_string_equal(text_str(&changes), want);
    text_fini(&changes);
}

static void assert_all(const char *want)
{
    struct text all = TEXT_INIT;
    live_differ_append_all(&differ, &all);
    assert_string_equal(text_str(&all), want);
    text_fini(&all);
}

/* "a" to "c" are a map: a value of 0 is not there. */
static void look(uint64_t about, uint64_t a, uint64_t b, uint64_t c)
{
    live_differ_begin(&differ);
    put("about", about);
    if (a)
        put_entry("map", "a", a);
    if (b)
        put_entry("map", "b", b);
    if (c)
        put_entry("map", "c", c);
    live_differ_end_map(&differ, "map");
    put("last", 1);
}

static void test_only_what_changed_is_told(void **state)
{
    (void)state;
    look(1, 1, 2, 0);
    assert_changes("\"about\":1,\"map\":{\"a\":1,\"b\":2},\"last\":1");
    look(1, 1, 2, 0);
    assert_changes("");
    look(2, 1, 2, 0);
    assert_changes("\"about\":2");
    look(2, 1, 9, 3);
    assert_changes("\"map\":{\"b\":9,\"c\":3}");
    look(2, 0, 9, 4);
    assert_changes("\"map\":{\"c\":4,\"a\":null}");
    assert_all("\"about\":2,\"map\":{\"b\":9,\"c\":4},\"last\":1");
    look(2, 5, 0, 0);
    assert_changes("\"map\":{\"a\":5,\"b\":null,\"c\":null}");
    assert_all("\"about\":2,\"map\":{\"a\":5},\"last\":1");
}

static void test_what_is_kept_is_not_looked_at(void **state)
{
    (void)state;
    look(1, 1, 2, 3);
    live_differ_begin(&differ);
    assert_true(live_differ_keep_entry(&differ, "map", "a"));
    assert_false(live_differ_keep_entry(&differ, "map", "z"));
    put_entry("map", "b", 2);
    live_differ_end_map(&differ, "map");
    assert_changes("\"map\":{\"c\":null}");
    live_differ_begin(&differ);
    live_differ_keep_map(&differ, "map");
    live_differ_end_map(&differ, "map");
    assert_changes("");
    assert_all("\"about\":1,\"map\":{\"a\":1,\"b\":2},\"last\":1");
}

static void test_an_empty_map(void **state)
{
    (void)state;
    live_differ_begin(&differ);
    live_differ_end_map(&differ, "map");
    put("x", 1);
    assert_changes("\"x\":1");
    assert_all("\"map\":{},\"x\":1");
}

/* The key is a stranger's. */
static void test_keys_are_data(void **state)
{
    (void)state;
    live_differ_begin(&differ);
    put_entry("map", "a\"}\n{", 1);
    put_entry("map", "", 2);
    live_differ_end_map(&differ, "map");
    assert_changes("\"map\":{\"a\\\"}\\n{\":1,\"\":2}");
}

static void test_many(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 3; round++) {
        live_differ_begin(&differ);
        for (unsigned i = 0; i < 3000; i++) {
            char key[16];
            snprintf(key, sizeof(key), "%u", i);
            put_entry("map", key, i == 1234 ? round : i);
        }
        live_differ_end_map(&differ, "map");
        if (round > 0)
            assert_changes(round == 1 ? "\"map\":{\"1234\":1}" : "\"map\":{\"1234\":2}");
    }
    assert_int_equal(differ.sections[0].count, 3000);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_teardown(test, close_differ)
    const struct CMUnitTest tests[] = {
        TEST(test_only_what_changed_is_told),
        TEST(test_what_is_kept_is_not_looked_at),
        TEST(test_an_empty_map),
        TEST(test_keys_are_data),
        TEST(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
