#include "discovery/dialect/statement.h"

#include <stdlib.h>

#include "tests/unit/discovery/fixture.h"

static void test_names(void **state)
{
    struct statement said;
    (void)state;
    statement_init(&said);
    statement_set_name(&said.service, " \t\n", "a");
    assert_null(said.service.text);
    statement_set_name(&said.service, " web\n", "a");
    statement_set_name(&said.service, "", "b"); /* empty is nothing */
    assert_string_equal(said.service.text, "web");
    assert_string_equal(said.service.from, "a");
    statement_set_name(&said.service, "shop", "b");
    assert_string_equal(said.service.text, "shop");
    assert_string_equal(said.service.from, "b");
    statement_fini(&said);
}

static void test_ports(void **state)
{
    struct statement said;
    (void)state;
    statement_init(&said);
    statement_add_port(&said, VIEW(""), "w", "f");
    assert_int_equal(said.port_count, 0);
    statement_add_port(&said, VIEW("80x"), "first", "f");
    statement_add_port(&said, VIEW("0"), "second", "f");
    assert_string_equal(said.port_problem,
                        "first=\"80x\" cannot be used: a number from 1 to 65535 is accepted");
    for (unsigned i = 0; i < STATEMENT_PORTS_MAX + 2; i++)
        statement_add_port(&said, VIEW("80"), "w", "f");
    assert_int_equal(said.port_count, STATEMENT_PORTS_MAX);
    statement_fini(&said);
    assert_int_equal(said.port_count, 0);
    assert_int_equal(said.options.weight, 1);
}

/* What is quoted is bounded and can be shown. */
static void test_complaints(void **state)
{
    char value[200];
    (void)state;
    memset(value, 'x', sizeof(value));
    value[0] = '\n';
    char *sentence = statement_complain("w", view_of(value, sizeof(value)), "less is accepted");
    assert_int_equal(strncmp(sentence, "w=\"?xxx", 7), 0);
    assert_true(strlen(sentence) < 110);
    free(sentence);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_ports),
        cmocka_unit_test(test_complaints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
