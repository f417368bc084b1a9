#include "discovery/dialect/registrator.h"

#include "tests/unit/discovery/fixture.h"

/* "name port disabled_by|name_of_80 ignored_80", with - for what is not said. */
static void read_one(const char *labels, const char *environment, char out[120])
{
    json_t *l = json_loads(labels, 0, NULL);
    json_t *e = json_loads(environment, 0, NULL);
    struct statement_source source = {.labels = l, .environment = e};
    struct statement said;
    struct statement_of_port of_port = {0};
    statement_init(&said);
    registrator_read(&source, &said);
    registrator_read_port(&source, 80, &of_port);
    snprintf(out, 120, "%s %u %s|%s %s", said.service.text ? said.service.text : "-",
             said.ports[0].number, said.disabled_by ? said.disabled_by : "-",
             of_port.service.text ? of_port.service.text : "-",
             of_port.ignored_by[0] ? of_port.ignored_by : "-");
    assert_false(said.has_options);
    assert_int_equal(said.ports[0].number > 0, said.port_count > 0);
    if (of_port.service.text)
        assert_string_equal(of_port.service.from, "SERVICE_80_NAME");
    statement_fini(&said);
    statement_of_port_fini(&of_port);
    json_decref(l);
    json_decref(e);
}

static void test_table(void **state)
{
    static const struct {
        const char *labels, *environment, *expected;
    } cases[] = {
        {"{}", "[]", "- 0 -|- -"},
        {"{\"SERVICE_NAME\":\"b\"}", "[\"SERVICE_NAME=c\"]", "b 0 -|- -"},
        {"{}", "[\"SERVICE_NAME=c\"]", "c 0 -|- -"},
        {"{}", "[\"SERVICE_NAME=old\",\"X=1\",\"SERVICE_NAME=new\"]", "new 0 -|- -"},
        {"{\"SERVICE_NAME\":\"\"}", "[\"SERVICE_NAME=c\"]", "c 0 -|- -"},
        {"{}", "[\"SERVICE_NAME= \"]", "- 0 -|- -"},
        {"{\"SERVICE_PORT\":\"2\"}", "[\"SERVICE_PORT=3\"]", "- 2 -|- -"},
        {"{}", "[\"SERVICE_PORT=65535\"]", "- 65535 -|- -"},
        /* for one port */
        {"{}", "[\"SERVICE_80_NAME=web\"]", "- 80 -|web -"},
        {"{\"SERVICE_80_NAME\":\"web\"}", "[\"SERVICE_80_NAME=env\"]", "- 80 -|web -"},
        {"{\"SERVICE_80_NAME\":\"web\",\"SERVICE_79_NAME\":\"web\"}", "[]", "- 79 -|web -"},
        {"{}", "[\"SERVICE_80_NAME=web\",\"SERVICE_PORT=81\"]", "- 81 -|web -"},
        {"{}", "[\"SERVICE_080_NAME=web\",\"SERVICE_70000_NAME=web\",\"SERVICE_0_NAME=x\"]",
         "- 0 -|- -"},
        {"{}", "[\"SERVICE_80_NAME=\"]", "- 0 -|- -"},
        {"{}", "[\"SERVICE_81_NAME=web\",\"SERVICE_081_IGNORE=1\"]", "- 81 -|- -"},
        {"{}", "[\"SERVICE_80_IGNORE=no\"]", "- 0 -|- SERVICE_80_IGNORE"},
        {"{}", "[\"SERVICE_80_IGNORE=\"]", "- 0 -|- -"},
        /* any value, as registrator has it */
        {"{\"SERVICE_IGNORE\":\"1\"}", "[]", "- 0 SERVICE_IGNORE|- -"},
        {"{}", "[\"SERVICE_IGNORE=false\"]", "- 0 SERVICE_IGNORE|- -"},
        {"{}", "[\"SERVICE_IGNORE=\"]", "- 0 -|- -"},
        {"{}", "[\"SERVICE_81_IGNORE=1\",\"SERVICE_81_NAME=a\",\"SERVICE_82_NAME=b\"]",
         "- 82 -|- -"},
        /* other types */
        {"[1]", "{\"SERVICE_IGNORE\":1}", "- 0 -|- -"},
        {"{\"SERVICE_IGNORE\":true}", "[1,null,\"SERVICE_IGNORE\",\"SERVICE_NAMES=x\"]",
         "- 0 -|- -"},
    };
    char got[120];
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        read_one(cases[i].labels, cases[i].environment, got);
        if (strcmp(got, cases[i].expected) != 0)
            fail_msg("%s %s: %s", cases[i].labels, cases[i].environment, got);
    }
}

static void test_port_that_is_none(void **state)
{
    json_t *environment = json_loads("[\"SERVICE_PORT=http\"]", 0, NULL);
    struct statement said;
    (void)state;
    statement_init(&said);
    registrator_read(&(struct statement_source){.environment = environment}, &said);
    assert_int_equal(said.port_count, 0);
    assert_string_equal(
        said.port_problem,
        "SERVICE_PORT=\"http\" cannot be used: a number from 1 to 65535 is accepted");
    statement_fini(&said);
    json_decref(environment);
}

static void test_named_ports_are_bounded_and_of_tcp(void **state)
{
    json_t *labels = json_object(), *exposed = json_loads("{\"70/udp\":{}}", 0, NULL);
    char label[32];
    struct statement said;
    (void)state;
    for (int i = 10000; i >= 70; i--) {
        snprintf(label, sizeof(label), "SERVICE_%d_NAME", i);
        json_object_set_new(labels, label, json_string("n"));
    }
    statement_init(&said);
    registrator_read(&(struct statement_source){.labels = labels, .exposed = exposed}, &said);
    assert_int_equal(said.port_count, STATEMENT_PORTS_MAX);
    for (size_t i = 0; i < STATEMENT_PORTS_MAX; i++)
        assert_int_equal(said.ports[i].number, 71 + i);
    statement_fini(&said);
    json_decref(labels);
    json_decref(exposed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_port_that_is_none),
        cmocka_unit_test(test_named_ports_are_bounded_and_of_tcp),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
