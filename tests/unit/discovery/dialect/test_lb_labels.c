#include "discovery/dialect/lb_labels.h"

#include <string.h>

#include "tests/unit/discovery/fixture.h"

static void read_json(struct lb_labels *asked, const char *labels, const char *environment,
                      const char *image)
{
    json_t *l = labels ? json_loads(labels, 0, NULL) : NULL;
    json_t *e = environment ? json_loads(environment, 0, NULL) : NULL;
    lb_labels_read(asked, &(struct lb_labels_source){.labels = l,
                                                     .environment = e,
                                                     .image = image,
                                                     .container_name = "its-name",
                                                     .exposed_port = 80});
    json_decref(l);
    json_decref(e);
}

static void test_service(void **state)
{
    static const struct {
        const char *labels, *environment, *image, *service;
    } cases[] = {
        {"{\"lb.service\":\"a\",\"SERVICE_NAME\":\"b\"}", "[\"SERVICE_NAME=c\"]", "d", "a"},
        {"{\"SERVICE_NAME\":\"b\"}", "[\"SERVICE_NAME=c\"]", "d", "b"},
        {"{}", "[\"SERVICE_NAME=c\"]", "d", "c"},
        {"{}", "[\"SERVICE_NAME=old\",\"X=1\",\"SERVICE_NAME=new\"]", "d", "new"},
        {"{\"lb.service\":\"\"}", "[\"SERVICE_NAME=\"]", "d", "d"},
        {NULL, NULL, "registry:5000/foo/bar:tag@sha256:0123", "bar"},
        {NULL, NULL, "registry:5000/foo/bar", "bar"},
        {NULL, NULL, "bar:1.2", "bar"},
        {NULL, NULL, "foo/bar@sha256:0123", "bar"},
        {NULL, NULL, "sha256:2dfe9217fb81c7298681b827857aaebc", "its-name"},
        {NULL, NULL, "2dfe9217fb81", "its-name"},
        {NULL, NULL, "", "its-name"},
        {"[1]", "{\"SERVICE_NAME\":1}", "d", "d"},
        {"{\"lb.service\":[]}", "[1,null,\"SERVICE_NAME\",\"SERVICE_NAMES=x\"]", "d", "d"},
    };
    struct lb_labels asked;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        read_json(&asked, cases[i].labels, cases[i].environment, cases[i].image);
        assert_string_equal(asked.service, cases[i].service);
        assert_int_equal(asked.is_named, i == 0);
        lb_labels_fini(&asked);
    }
}

static void test_port(void **state)
{
    static const struct {
        const char *labels, *environment;
        int port;
        const char *problem; /* a word in it */
    } cases[] = {
        {"{\"lb.port\":\"1\",\"SERVICE_PORT\":\"2\"}", "[\"SERVICE_PORT=3\"]", 1, NULL},
        {"{\"SERVICE_PORT\":\"2\"}", "[\"SERVICE_PORT=3\"]", 2, NULL},
        {"{}", "[\"SERVICE_PORT=65535\"]", 65535, NULL},
        {"{}", "[]", 0, NULL},
        {"{\"lb.port\":\"\"}", "[]", 0, NULL},
        {"{\"lb.port\":\" 81\\n\"}", "[]", 81, NULL},
        {"{\"lb.port\":\"0\"}", "[]", 0, "lb.port=\"0\""},
        {"{\"lb.port\":\"65536\"}", "[]", 0, "65535"},
        {"{\"lb.port\":\"80/tcp\"}", "[]", 0, "lb.port"},
        {"{}", "[\"SERVICE_PORT=http\"]", 0, "SERVICE_PORT=\"http\""},
    };
    struct lb_labels asked;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        read_json(&asked, cases[i].labels, cases[i].environment, "x");
        assert_int_equal(asked.port, cases[i].port);
        assert_int_equal(asked.port_problem != NULL, cases[i].problem != NULL);
        if (cases[i].problem)
            assert_non_null(strstr(asked.port_problem, cases[i].problem));
        lb_labels_fini(&asked);
    }
}

static void test_other_labels(void **state)
{
    static const struct {
        const char *labels;
        bool disabled;
        unsigned weight;
        const char *problem;
    } cases[] = {
        {"{}", false, 1, NULL},
        {"{\"lb.enable\":\"false\"}", true, 1, NULL},
        {"{\"lb.enable\":\"No\"}", true, 1, NULL},
        {"{\"lb.enable\":\"TRUE\"}", false, 1, NULL},
        {"{\"lb.enable\":\"maybe\"}", false, 1, "lb.enable"},
        {"{\"lb.enable\":\" false\\n\"}", true, 1, NULL},
        {"{\"lb.enable\":\"oFf\"}", true, 1, NULL},
        {"{\"lb.enable\":\"0\"}", true, 1, NULL},
        {"{\"LB.ENABLE\":\"false\"}", true, 1, NULL},
        {"{\"lb.weight\":\" 7 \"}", false, 7, NULL},
        {"{\"lb.weight\":\"256\"}", false, 256, NULL},
        {"{\"lb.weight\":\"257\"}", false, 1, "lb.weight"},
        {"{\"lb.weight\":\"-1\"}", false, 0, "lb.weight"},
        {"{\"lb.weight\":\"1.5\"}", false, 1, "0 (drains) to 256"},
        {"{\"lb.address\":\"10.0.0.9\"}", false, 1, NULL},
        {"{\"lb.address\":\"example.com\"}", false, 1, "lb.address"},
        {"{\"lb.service\":\"a\\nb\"}", false, 1, "lb.service"},
        {"{\"lb.drain\":\"sometimes\"}", false, 1, "lb.drain"},
        {"{\"lb.health\":\"off\"}", false, 1, "ignore or follow"},
        {"{\"lb.check.path\":\"health\"}", false, 1,
         "lb.check.path=\"health\" cannot be used: a path that begins with /"},
        {"{\"lb.check.interval\":\"5\"}", false, 1, "lb.check.interval"},
        {"{\"lb.check.status\":\"2xx\"}", false, 1, "200-399"},
        {"{\"lb.slow-start\":\"soon\"}", false, 1, "lb.slow-start"},
    };
    struct lb_labels asked;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        read_json(&asked, cases[i].labels, NULL, "x");
        assert_int_equal(asked.disabled_by != NULL, cases[i].disabled);
        assert_int_equal(asked.label_problem != NULL, cases[i].problem != NULL);
        if (cases[i].problem)
            assert_non_null(strstr(asked.label_problem, cases[i].problem));
        else
            assert_int_equal(asked.weight, cases[i].weight);
        lb_labels_fini(&asked);
    }
}

static void test_health(void **state)
{
    struct lb_labels asked;
    (void)state;
    read_json(&asked, "{\"lb.drain\":\"no\",\"lb.check.path\":\"\"}", NULL, "x");
    assert_false(asked.drains || asked.has_check || asked.has_slow_start);
    assert_false(asked.ignores_health);
    lb_labels_fini(&asked);
    read_json(&asked,
              "{\"lb.drain\":\"true\",\"lb.health\":\"Ignore\",\"lb.check.path\":\"/"
              "h\",\"lb.check.text\":\"Hello World\","
              "\"lb.slow-start\":\"30s\"}",
              NULL, "x");
    assert_true(asked.drains && asked.has_check && asked.has_slow_start);
    assert_true(asked.ignores_health);
    assert_string_equal(asked.check.path, "/h");
    assert_string_equal(asked.check.text, "Hello World");
    assert_int_equal(asked.slow_start_ms, 30000);
    assert_null(asked.label_problem);
    lb_labels_fini(&asked);
    read_json(&asked,
              "{\"lb.response-timeout\":\"off\",\"lb.body-timeout\":\"90s\","
              "\"lb.stream-timeout\":\"soon\"}",
              NULL, "x");
    assert_true(asked.waits.is_given[WAIT_RESPONSE] && asked.waits.ms[WAIT_RESPONSE] == 0);
    assert_int_equal(asked.waits.ms[WAIT_BODY], 90000);
    assert_false(asked.waits.is_given[WAIT_STREAM]);
    assert_non_null(strstr(asked.label_problem, "lb.stream-timeout"));
    lb_labels_fini(&asked);
    read_json(&asked, /* all that the flags take */
              "{\"lb.response-timeout\":\"24h\",\"lb.body-timeout\":\"1ms\","
              "\"lb.stream-timeout\":\"0s\",\"lb.slow-start\":\"90m\"}",
              NULL, "x");
    assert_int_equal(asked.waits.ms[WAIT_RESPONSE], 86400000);
    assert_int_equal(asked.waits.ms[WAIT_BODY], 1);
    assert_true(asked.waits.is_given[WAIT_STREAM] && asked.waits.ms[WAIT_STREAM] == 0);
    assert_int_equal(asked.slow_start_ms, 5400000);
    assert_null(asked.label_problem);
    lb_labels_fini(&asked);
    read_json(&asked, "{\"lb.body-timeout\":\"25h\"}", NULL, "x");
    assert_non_null(strstr(asked.label_problem, "lb.body-timeout"));
    lb_labels_fini(&asked);
    read_json(&asked, "{\"lb.abort-on-close\":\" Yes\"}", NULL, "x");
    assert_int_equal(asked.waits.aborts_on_close, WAITS_YES);
    lb_labels_fini(&asked);
    read_json(&asked, "{\"lb.abort-on-close\":\"false\"}", NULL, "x");
    assert_int_equal(asked.waits.aborts_on_close, WAITS_NO);
    assert_null(asked.label_problem);
    lb_labels_fini(&asked);
    read_json(&asked, "{\"lb.abort-on-close\":\"maybe\"}", NULL, "x");
    assert_int_equal(asked.waits.aborts_on_close, WAITS_UNSAID);
    assert_non_null(strstr(asked.label_problem, "lb.abort-on-close"));
    lb_labels_fini(&asked);
    read_json(&asked, "{\"lb.slow-start\":\"0\"}", NULL, "x");
    assert_true(asked.has_slow_start && asked.slow_start_ms == 0);
    lb_labels_fini(&asked);
}

static void test_weight_0_drains(void **state)
{
    struct lb_labels asked;
    (void)state;
    read_json(&asked, "{\"lb.weight\":\"0\"}", NULL, "x");
    assert_true(asked.drains);
    assert_int_equal(asked.weight, 1);
    assert_null(asked.label_problem);
    lb_labels_fini(&asked);
    read_json(&asked, "{\"lb.weight\":\"0\",\"lb.drain\":\"false\"}", NULL, "x");
    assert_true(asked.drains);
    lb_labels_fini(&asked);
}

/* The table of labels has them written out; a word that is new there must not be missed. */
static void test_every_word_of_a_check_is_a_label(void **state)
{
    const char *word;
    (void)state;
    for (unsigned i = 0; (word = check_word_at(i)); i++) {
        char label[64];
        size_t at = 0;
        snprintf(label, sizeof(label), "lb.check.%s", word);
        while (lb_labels_at(at) && strcmp(lb_labels_at(at), label) != 0)
            at++;
        assert_non_null(lb_labels_at(at));
    }
}

static void test_addresses_are_normalised(void **state)
{
    struct lb_labels asked;
    (void)state;
    read_json(&asked, "{\"lb.address\":\"FD00:0::2\",\"lb.network\":\"web\"}", NULL, "x");
    assert_string_equal(asked.address, "fd00::2");
    assert_string_equal(asked.network, "web");
    lb_labels_fini(&asked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_service),
        cmocka_unit_test(test_port),
        cmocka_unit_test(test_other_labels),
        cmocka_unit_test(test_health),
        cmocka_unit_test(test_weight_0_drains),
        cmocka_unit_test(test_every_word_of_a_check_is_a_label),
        cmocka_unit_test(test_addresses_are_normalised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
