#include "discovery/dialect/registrator.h"

#include "discovery/dialect/lb_labels.h"

#include "tests/unit/discovery/fixture.h"

/* What a container with these becomes: "service:port", or what it is left out for. */
static void read_one(const char *labels, const char *environment, const char *exposed, char out[80])
{
    json_t *l = json_loads(labels, 0, NULL);
    json_t *e = json_loads(environment, 0, NULL);
    json_t *x = json_loads(exposed, 0, NULL);
    struct registrator from = {l, e};
    struct lb_labels asked;
    struct registrator_choice choice = registrator_choose_port(&from, x);
    uint16_t port = choice.port;
    lb_labels_read(&asked, &(struct lb_labels_source){.labels = l,
                                                      .environment = e,
                                                      .image = "shop:1.2",
                                                      .container_name = "web1",
                                                      .exposed_port = port,
                                                      .are_ports_ignored = choice.is_ignored});
    if (asked.disabled_by)
        snprintf(out, 80, "%s", asked.disabled_by);
    else
        snprintf(out, 80, "%s:%u", asked.service, asked.port > 0 ? asked.port : port);
    lb_labels_fini(&asked);
    json_decref(l);
    json_decref(e);
    json_decref(x);
}

static void test_table(void **state)
{
#define TWO "{\"443/tcp\":{},\"80/tcp\":{}}"
#define ONE "{\"80/tcp\":{}}"
    static const struct {
        const char *labels, *environment, *exposed, *expected;
    } cases[] = {
        {"{}", "[]", TWO, "shop:80"},
        /* SERVICE_<port>_NAME */
        {"{}", "[\"SERVICE_80_NAME=web\"]", TWO, "web:80"},
        {"{\"SERVICE_80_NAME\":\"web\"}", "[\"SERVICE_80_NAME=env\"]", ONE, "web:80"},
        {"{}", "[\"SERVICE_443_NAME=tls\"]", TWO, "tls:443"},
        {"{}", "[\"SERVICE_443_NAME=tls\",\"SERVICE_80_NAME=web\"]", TWO, "web:80"},
        {"{\"lb.port\":\"80\"}", "[\"SERVICE_443_NAME=tls\"]", TWO, "shop:80"},
        {"{\"lb.port\":\"9\"}", "[\"SERVICE_9_NAME=nine\"]", TWO, "nine:9"},
        {"{}", "[\"SERVICE_80_NAME=web\",\"SERVICE_NAME=all\"]", ONE, "web:80"},
        {"{\"lb.service\":\"mine\"}", "[\"SERVICE_80_NAME=web\"]", ONE, "mine:80"},
        {"{}", "[\"SERVICE_80_NAME=\"]", ONE, "shop:80"},
        {"{}", "[\"SERVICE_81_NAME=web\"]", ONE, "shop:80"},
        /* SERVICE_IGNORE: any value, as registrator has it */
        {"{\"SERVICE_IGNORE\":\"1\"}", "[]", ONE, "SERVICE_IGNORE"},
        {"{}", "[\"SERVICE_IGNORE=true\"]", ONE, "SERVICE_IGNORE"},
        {"{}", "[\"SERVICE_IGNORE=false\"]", ONE, "SERVICE_IGNORE"},
        {"{}", "[\"SERVICE_IGNORE=\"]", ONE, "shop:80"},
        {"{\"lb.enable\":\"true\"}", "[\"SERVICE_IGNORE=1\"]", ONE, "shop:80"},
        {"{\"lb.enable\":\"TRUE \"}", "[\"SERVICE_IGNORE=1\"]", ONE, "shop:80"},
        {"{\"lb.enable\":\"0\"}", "[\"SERVICE_IGNORE=1\"]", ONE, "lb.enable=false"},
        /* SERVICE_<port>_IGNORE */
        {"{}", "[\"SERVICE_80_IGNORE=1\"]", TWO, "shop:443"},
        {"{}", "[\"SERVICE_80_IGNORE=1\"]", ONE, "SERVICE_<port>_IGNORE"},
        {"{\"lb.port\":\"80\"}", "[\"SERVICE_80_IGNORE=1\"]", ONE, "shop:80"},
        {"{}", "[\"SERVICE_80_IGNORE=1\",\"SERVICE_PORT=80\"]", ONE, "SERVICE_80_IGNORE"},
        {"{}", "[\"SERVICE_80_IGNORE=1\",\"SERVICE_80_NAME=web\"]", TWO, "shop:443"},
    };
    char got[80];
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        read_one(cases[i].labels, cases[i].environment, cases[i].exposed, got);
        if (strcmp(got, cases[i].expected) != 0)
            fail_msg("%s %s %s: %s", cases[i].labels, cases[i].environment, cases[i].exposed, got);
    }
}

static void test_values_of_other_types(void **state)
{
    char got[80];
    (void)state;
    read_one("[1]", "{\"SERVICE_IGNORE\":1}", "[80]", got);
    assert_string_equal(got, "shop:0");
    read_one("{\"SERVICE_IGNORE\":true}", "[1,null,\"SERVICE_IGNORE\"]",
             "{\"x\":1,\"99999/tcp\":{},\"53/udp\":{},\"81\":{}}", got);
    assert_string_equal(got, "shop:81");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_values_of_other_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
