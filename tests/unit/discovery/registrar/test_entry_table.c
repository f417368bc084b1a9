#include "discovery/registrar/entry_table.h"

#include <string.h>

#include "tests/unit/discovery/cmocka_all.h"

static void assert_ids(const struct entry_table *table, const char *all)
{
    char ids[64] = "";
    for (size_t i = 0; i < table->count; i++)
        strncat(ids, table->items[i]->id, 1);
    assert_string_equal(ids, all);
}

static bool is_vowel(const struct entry *entry)
{
    return strchr("aeiou", entry->id[0]);
}

static void test_admit_and_sweep(void **state)
{
    struct entry_table table = {0};
    struct entry *entries[3], *again[3];
    (void)state;
    entry_table_admit(&table, (const char *const[]){"b", "e", "x"}, 3, entries);
    assert_ids(&table, "bex");
    entry_table_admit(&table, (const char *const[]){"a", "e", "z"}, 3, again);
    assert_ids(&table, "abexz");
    assert_ptr_equal(again[1], entries[1]);
    assert_string_equal(again[0]->id, "a");
    entry_table_admit(&table, NULL, 0, NULL);
    assert_ids(&table, "abexz");
    entry_table_sweep(&table, is_vowel);
    assert_ids(&table, "bxz");
    assert_ptr_equal(table.items[0], entries[0]);
    entry_table_admit(&table, (const char *const[]){"e"}, 1, again);
    assert_ids(&table, "bexz");
    entry_table_fini(&table);
    assert_int_equal(table.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_admit_and_sweep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
