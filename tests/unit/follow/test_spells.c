/* What has begun and not ended: what is found, and who gives way where there are too many. */
#include "lb/follow/spells.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

static struct spells spells;

static int forget(void **state)
{
    (void)state;
    spells_fini(&spells);
    return 0;
}

static struct spell *begin(const char *service, uint64_t now_ms)
{
    return spells_begin(&spells, SPELL_OUTAGE, service, SERVICE_HTTP, now_ms);
}

static struct spell *find(const char *service)
{
    return spells_find(&spells, SPELL_OUTAGE, service, SERVICE_HTTP);
}

static void fill(void)
{
    char name[16];
    for (unsigned i = 0; i < SPELLS_MAX; i++) {
        snprintf(name, sizeof(name), "%u", i);
        assert_non_null(begin(name, 1000 + i));
    }
}

static void test_each_by_kind_and_service(void **state)
{
    (void)state;
    assert_int_equal(begin("app", 7)->since_ms, 7);
    assert_non_null(spells_begin(&spells, SPELL_PANIC, "app", SERVICE_HTTP, 8));
    assert_non_null(spells_begin(&spells, SPELL_OUTAGE, "app", SERVICE_TCP, 9));
    assert_null(find("other"));
    spells_end(&spells, find("app"));
    assert_null(find("app"));
    assert_int_equal(spells_find(&spells, SPELL_PANIC, "app", SERVICE_HTTP)->since_ms, 8);
    assert_int_equal(spells_find(&spells, SPELL_OUTAGE, "app", SERVICE_TCP)->since_ms, 9);
}

static void test_too_many(void **state)
{
    (void)state;
    fill();
    assert_null(begin("more", 5000));
    assert_int_equal(spells.count, SPELLS_MAX);
}

/* Otherwise so many that are gone for ever would take all places. */
static void test_those_that_are_gone_give_way(void **state)
{
    (void)state;
    fill();
    find("200")->is_gone = true;
    find("100")->is_gone = true;
    assert_non_null(begin("more", 5000));
    assert_null(find("100"));
    assert_non_null(find("200"));
    assert_non_null(begin("and more", 5001));
    assert_null(find("200"));
    assert_null(begin("one too many", 5002));
    assert_int_equal(find("more")->since_ms, 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_each_by_kind_and_service, forget),
        cmocka_unit_test_teardown(test_too_many, forget),
        cmocka_unit_test_teardown(test_those_that_are_gone_give_way, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
