/* lb ctl list: the columns of /pool, orders, and answers that are none. */
#include "lb/console/pool_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

static const char pool[] =
    "{\"services\":[{\"name\":\"shop\",\"endpoints\":[{\"id\":\"0123456789abcdef\",\"name\":"
    "\"web1\","
    "\"address\":\"10.0.0.1:80\",\"state\":\"ready\",\"weight\":1,\"inflight\":2,\"requests\":817},"
    "{\"id\":\"10.0.0.2:80\",\"name\":\"10.0.0.2:80\",\"address\":\"10.0.0.2:80\",\"state\":"
    "\"disabled\",\"weight\":9,"
    "\"ordered\":{\"by\":\"admin\",\"order\":\"disable\",\"weight\":9},\"inflight\":0,\"requests\":"
    "0}]},"
    "{\"name\":\"db\",\"protocol\":\"tcp\",\"endpoints\":[{\"name\":\"p\\u001b[2Jg\",\"state\":"
    "\"failing\","
    "\"problem\":\"refused\"}]}]}";

static void test_columns(void **state)
{
    struct text out = TEXT_INIT;
    (void)state;
    assert_true(pool_list_append(view_str(pool), &(struct sheet_paper){0}, &out));
    assert_string_equal(text_str(&out),
                        "SERVICE   CONTAINER    ID            ADDRESS      STATE   "
                        "  WEIGHT  ORDER            OPEN  REQUESTS  WHY\n"
                        "shop      web1         0123456789ab  10.0.0.1:80  ready   "
                        "       1  -                   2       817\n"
                        "shop      10.0.0.2:80                10.0.0.2:80  "
                        "disabled       9  disable, weight     0         0\n"
                        "db (tcp)  p\\x1b[2Jg                  -            failing  "
                        "      -  -                   -         -  refused\n"
                        "3 endpoints, 1 ready\n");
    text_fini(&out);
}

static void test_none(void **state)
{
    static const char *const texts[] = {"", "{", "{}", "[]", "{\"services\":7}"};
    struct text out = TEXT_INIT;
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_false(pool_list_append(view_str(texts[i]), &(struct sheet_paper){0}, &out));
    assert_true(pool_list_append(VIEW("{\"services\":[]}"), &(struct sheet_paper){0}, &out));
    assert_string_equal(text_str(&out), "0 endpoints, 0 ready\n");
    text_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_columns), cmocka_unit_test(test_none)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
