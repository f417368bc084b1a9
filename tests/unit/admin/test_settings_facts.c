/* What /metrics says of settings that were read again. */
#include "lb/admin/settings_facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static void test_refused_and_taken(void **state)
{
    struct settings_facts facts = {0};
    struct text page = TEXT_INIT;
    struct prometheus_text writer = {.out = &page};
    (void)state;
    settings_facts_note_taken(&facts);
    uint64_t taken_ns = facts.taken_ns;
    assert_true(taken_ns > 0);
    settings_facts_note_refused(&facts);
    assert_int_equal(facts.taken_ns, taken_ns); /* those in force are older */
    settings_facts_write_metrics(&facts, &writer);
    assert_non_null(strstr(text_str(&page), "\nlb_config_last_reload_successful 0\n"));
    settings_facts_note_taken(&facts);
    assert_true(facts.taken_ns >= taken_ns);
    text_clear(&page);
    facts.taken_ns = 1500000000;
    settings_facts_write_metrics(&facts, &writer);
    assert_non_null(strstr(text_str(&page), "\nlb_config_last_reload_successful 1\n"));
    assert_non_null(
        strstr(text_str(&page), "\nlb_config_last_reload_success_timestamp_seconds 1.500000000\n"));
    text_fini(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_refused_and_taken)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
