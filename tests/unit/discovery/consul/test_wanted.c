#include "discovery/consul/wanted.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/discovery/consul/captured.h"

static struct wanted wanted;
static struct service_list catalog;
static struct set whole;

static int set_up(void **state)
{
    json_t *document = quoted("{'web':['lb.host=a'],'db':[],'shop':[],'next':[],'dns':[]}");
    (void)state;
    whole = (struct set){0};
    wanted_init(&wanted, " named , named,,other");
    bool is_list = service_list_read(document, &catalog);
    json_decref(document);
    return is_list ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    wanted_fini(&wanted);
    service_list_fini(&catalog);
    set_fini(&whole);
    return 0;
}

static void test_named_and_tagged(void **state)
{
    (void)state;
    assert_int_equal(wanted.named.count, 2);
    assert_int_equal(wanted_find(&wanted, &catalog, "named"), WANTED_NAMED);
    assert_int_equal(wanted_find(&wanted, NULL, "other"), WANTED_NAMED);
    assert_int_equal(wanted_find(&wanted, &catalog, "web"), WANTED_TAGGED);
    assert_int_equal(wanted_find(&wanted, NULL, "web"), WANTED_NOT);
    assert_int_equal(wanted_find(&wanted, &catalog, "db"), WANTED_NOT);
}

static void test_what_the_whole_leads_to(void **state)
{
    struct route_share shares[] = {{VIEW("shop"), 1}, {VIEW("gone"), 2}};
    struct route_option mirror = {ROUTE_OPTION_MIRROR, VIEW("next 10%")};
    struct route route = {.service = VIEW("db"),
                          .shares = shares,
                          .share_count = 2,
                          .options = &mirror,
                          .option_count = 1};
    struct listener_rule listener = {.kind = SERVICE_UDP, .service = VIEW("dns")};
    (void)state;
    set_add_route(&whole, &route);
    set_add_listener(&whole, &listener);
    assert_true(wanted_look_at_whole(&wanted, &whole));
    assert_false(wanted_look_at_whole(&wanted, &whole));
    assert_int_equal(wanted_find(&wanted, &catalog, "db"), WANTED_ROUTED);
    assert_int_equal(wanted_find(&wanted, &catalog, "shop"), WANTED_ROUTED);
    assert_int_equal(wanted_find(&wanted, &catalog, "next"), WANTED_ROUTED);
    assert_int_equal(wanted_find(&wanted, &catalog, "dns"), WANTED_ROUTED);
    /* another source's, unless the catalog cannot be read */
    assert_int_equal(wanted_find(&wanted, &catalog, "gone"), WANTED_NOT);
    assert_int_equal(wanted_find(&wanted, NULL, "gone"), WANTED_ROUTED);
    set_clear(&whole);
    assert_true(wanted_look_at_whole(&wanted, &whole));
    assert_int_equal(wanted_find(&wanted, &catalog, "db"), WANTED_NOT);
}

static void test_bounds(void **state)
{
    char names[WANTED_MAX + 2][8];
    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        snprintf(names[i], sizeof(names[i]), "s%05zu", i % 100000);
        set_add_route(&whole, &(struct route){.service = view_str(names[i])});
    }
    assert_true(wanted_look_at_whole(&wanted, &whole));
    assert_int_equal(wanted.routed.count, WANTED_MAX);
    assert_true(wanted.routed.has_more);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_named_and_tagged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_the_whole_leads_to, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bounds, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
