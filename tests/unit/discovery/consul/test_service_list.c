#include "discovery/consul/service_list.h"

#include <string.h>

#include "tests/unit/discovery/consul/captured.h"

static void test_capture(void **state)
{
    struct service_list list;
    json_t *document = captured("15-catalog-services");
    (void)state;
    assert_true(service_list_read(document, &list));
    json_decref(document);
    assert_int_equal(list.count, 2);
    assert_non_null(service_list_find(&list, "consul"));
    assert_false(service_list_find(&list, "appserver")->is_tagged);
    assert_null(service_list_find(&list, "app"));
    service_list_fini(&list);
    assert_null(service_list_find(&list, "appserver"));
}

static void test_tags_of_dialects(void **state)
{
    struct service_list list;
    json_t *document =
        quoted("{'a':['v1','lb.host=a.test'],'b':['urlprefix-/b'],'c':['traefik.enable="
               "true'],'d':['lbx','urlprefix','traefik'],'e':null,'f':[7,null],'g':'lb."
               "host=a'}");
    (void)state;
    assert_true(service_list_read(document, &list));
    json_decref(document);
    for (char name[] = "a"; name[0] <= 'g'; name[0]++)
        assert_int_equal(service_list_find(&list, name)->is_tagged, name[0] <= 'c');
    service_list_fini(&list);
}

static void test_names_that_are_none(void **state)
{
    struct service_list list;
    char text[600];
    snprintf(text, sizeof(text), "{'':[],'a\\n':[],'%0256d':[],'%0255d':[]}", 1, 2);
    json_t *document = quoted(text);
    (void)state;
    assert_true(service_list_read(document, &list));
    json_decref(document);
    assert_int_equal(list.count, 1);
    service_list_fini(&list);
}

static void test_no_list(void **state)
{
    struct service_list list;
    json_t *document = quoted("[]");
    (void)state;
    assert_false(service_list_read(document, &list));
    assert_false(service_list_read(NULL, &list));
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_capture),
        cmocka_unit_test(test_tags_of_dialects),
        cmocka_unit_test(test_names_that_are_none),
        cmocka_unit_test(test_no_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
