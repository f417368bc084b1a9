#include "discovery/registrar/grievances.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/discovery/cmocka_all.h"

static struct text said;

static void say(void *owner, enum report_kind kind, const char *text)
{
    (void)owner;
    text_appendf(&said, "%d:%s|", (int)kind, text);
}

static const struct report report = {.say = say};

static void assert_said(const char *what)
{
    assert_string_equal(text_str(&said), what);
    text_clear(&said);
}

static char *sentence(const char *text)
{
    return strdup(text);
}

static void test_a_few_and_many(void **state)
{
    struct grievances grievances = {0};
    struct entry_table table = {0};
    struct entry *entries[8];
    (void)state;
    entry_table_admit(&table, (const char *const[]){"a", "b", "c", "d", "e", "f", "g", "h"}, 8,
                      entries);
    grievances_tell(&grievances, &table, &report, 1000);
    assert_said("");
    grievances_set(entries[1], sentence("b!"));
    grievances_tell(&grievances, &table, &report, 2000);
    assert_said("0:b!|");
    grievances_set(entries[1], sentence("b!")); /* the same again */
    grievances_tell(&grievances, &table, &report, 4000);
    assert_said("");
    for (size_t i = 2; i < 8; i++)
        grievances_set(entries[i], sentence("?"));
    grievances_tell(&grievances, &table, &report, 2500); /* not so often */
    assert_said("");
    grievances_tell(&grievances, &table, &report, 5000);
    assert_said("0:?|0:?|0:?|0:so it is with 3 entries more, 7 in all|");
    grievances_tell(&grievances, &table, &report, 64999);
    assert_said("");
    grievances_tell(&grievances, &table, &report, 65000);
    assert_said("0:b!|0:so it is with 6 entries more, 7 in all|");
    for (size_t i = 0; i < 8; i++)
        grievances_set(entries[i], NULL);
    grievances_tell(&grievances, &table, &report, 65001);
    assert_said("2:Consul takes all entries again|");
    grievances_tell(&grievances, &table, &report, 65002);
    assert_said("");
    entry_table_fini(&table);
    text_fini(&said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_few_and_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
