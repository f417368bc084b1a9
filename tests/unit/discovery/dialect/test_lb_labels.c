#include "discovery/dialect/lb_labels.h"

#include <string.h>

#include "tests/unit/discovery/fixture.h"

static void read_json(struct statement *said, const char *labels)
{
    json_t *l = json_loads(labels, 0, NULL);
    statement_init(said);
    lb_labels_read(&(struct statement_source){.labels = l}, said);
    json_decref(l);
}

static void test_service_and_port(void **state)
{
    static const struct {
        const char *labels, *service;
        int port;
        const char *problem; /* a word in it */
    } cases[] = {
        {"{\"lb.service\":\" a\\n\",\"SERVICE_NAME\":\"b\"}", "a", 0, NULL},
        {"{\"lb.service\":\"\",\"SERVICE_NAME\":\"b\",\"SERVICE_PORT\":\"1\"}", NULL, 0, NULL},
        {"{\"lb.service\":[]}", NULL, 0, NULL},
        {"[1]", NULL, 0, NULL},
        {"{\"lb.port\":\" 81\\n\"}", NULL, 81, NULL},
        {"{\"lb.port\":\"65535\"}", NULL, 65535, NULL},
        {"{\"lb.port\":\"\"}", NULL, 0, NULL},
        {"{\"lb.port\":\"0\"}", NULL, 0, "lb.port=\"0\""},
        {"{\"lb.port\":\"65536\"}", NULL, 0, "65535"},
        {"{\"lb.port\":\"80/tcp\"}", NULL, 0, "lb.port"},
    };
    struct statement said;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        read_json(&said, cases[i].labels);
        if (cases[i].service)
            assert_string_equal(said.service.text, cases[i].service);
        else
            assert_null(said.service.text);
        assert_int_equal(said.port_count, cases[i].port > 0);
        assert_int_equal(said.ports[0].number, cases[i].port);
        if (cases[i].port > 0)
            assert_string_equal(said.ports[0].from, "the label lb.port");
        assert_int_equal(said.port_problem != NULL, cases[i].problem != NULL);
        if (cases[i].problem)
            assert_non_null(strstr(said.port_problem, cases[i].problem));
        statement_fini(&said);
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
        {"{\"lb.drain\":\"sometimes\"}", false, 1, "lb.drain"},
        {"{\"lb.health\":\"off\"}", false, 1, "ignore or follow"},
        {"{\"lb.check.path\":\"health\"}", false, 1,
         "lb.check.path=\"health\" cannot be used: a path that begins with /"},
        {"{\"lb.check.interval\":\"5\"}", false, 1, "lb.check.interval"},
        {"{\"lb.check.status\":\"2xx\"}", false, 1, "200-399"},
        {"{\"lb.slow-start\":\"soon\"}", false, 1, "lb.slow-start"},
    };
    struct statement said;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        read_json(&said, cases[i].labels);
        assert_int_equal(said.disabled_by != NULL, cases[i].disabled);
        assert_int_equal(said.problem != NULL, cases[i].problem != NULL);
        if (cases[i].problem)
            assert_non_null(strstr(said.problem, cases[i].problem));
        else
            assert_int_equal(said.options.weight, cases[i].weight);
        statement_fini(&said);
    }
}

/* What the user is told is what stands there, and not what it means. */
static void test_left_out_in_its_own_words(void **state)
{
    static const char *const rows[][2] = {
        {"{\"lb.enable\":\"false\"}", "lb.enable=false"},
        {"{\"lb.enable\":\"no\"}", "lb.enable=no"},
        {"{\"lb.enable\":\"\\t oFf\\r\\n\"}", "lb.enable=oFf"},
        {"{\"lb.enable\":\"0\",\"lb.disable\":\"1\"}", "lb.enable=0"},
        {"{\"lb.disable\":\"1\"}", "\"lb.disable=1\""},
        {"{\"lb.enabled\":\"n\\u001b[2Jo\"}", "\"lb.enabled=n?[2Jo\""},
    };
    struct statement said;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        read_json(&said, rows[i][0]);
        assert_string_equal(said.disabled_by, rows[i][1]);
        statement_fini(&said);
    }
}

/* However long and odd a value is, it is shown in short and does nothing to a terminal. */
static void test_quoted(void **state)
{
    char value[1000], *quoted;
    (void)state;
    memset(value, 'x', sizeof(value));
    value[0] = '\033';
    value[1] = '\xFF';
    quoted = statement_quote("lb.a", view_of(value, sizeof(value)));
    assert_int_equal(strlen(quoted), sizeof("lb.a=") - 1 + 64);
    assert_memory_equal(quoted, "lb.a=??xx", 9);
    free(quoted);
}

static void test_health(void **state)
{
    struct statement said;
    (void)state;
    read_json(&said, "{\"lb.drain\":\"no\",\"lb.check.path\":\"\"}");
    assert_false(said.options.drains || said.options.has_check || said.options.has_slow_start);
    assert_false(said.options.ignores_health);
    statement_fini(&said);
    read_json(&said, "{\"lb.drain\":\"true\",\"lb.health\":\"Ignore\",\"lb.check.path\":\"/"
                     "h\",\"lb.check.text\":\"Hello World\","
                     "\"lb.slow-start\":\"30s\"}");
    assert_true(said.options.drains && said.options.has_check && said.options.has_slow_start);
    assert_true(said.options.ignores_health);
    assert_string_equal(said.options.check.path, "/h");
    assert_string_equal(said.options.check.text, "Hello World");
    assert_int_equal(said.options.slow_start_ms, 30000);
    assert_null(said.problem);
    statement_fini(&said);
    read_json(&said, "{\"lb.response-timeout\":\"off\",\"lb.body-timeout\":\"90s\","
                     "\"lb.stream-timeout\":\"soon\"}");
    assert_true(said.options.waits.is_given[WAIT_RESPONSE] &&
                said.options.waits.ms[WAIT_RESPONSE] == 0);
    assert_int_equal(said.options.waits.ms[WAIT_BODY], 90000);
    assert_false(said.options.waits.is_given[WAIT_STREAM]);
    assert_non_null(strstr(said.problem, "lb.stream-timeout"));
    statement_fini(&said);
    read_json(&said, /* all that the flags take */
              "{\"lb.response-timeout\":\"24h\",\"lb.body-timeout\":\"1ms\","
              "\"lb.stream-timeout\":\"0s\",\"lb.slow-start\":\"90m\"}");
    assert_int_equal(said.options.waits.ms[WAIT_RESPONSE], 86400000);
    assert_int_equal(said.options.waits.ms[WAIT_BODY], 1);
    assert_true(said.options.waits.is_given[WAIT_STREAM] &&
                said.options.waits.ms[WAIT_STREAM] == 0);
    assert_int_equal(said.options.slow_start_ms, 5400000);
    assert_null(said.problem);
    statement_fini(&said);
    read_json(&said, "{\"lb.body-timeout\":\"25h\"}");
    assert_non_null(strstr(said.problem, "lb.body-timeout"));
    statement_fini(&said);
    read_json(&said, "{\"lb.abort-on-close\":\" Yes\"}");
    assert_int_equal(said.options.waits.aborts_on_close, WAITS_YES);
    statement_fini(&said);
    read_json(&said, "{\"lb.abort-on-close\":\"false\"}");
    assert_int_equal(said.options.waits.aborts_on_close, WAITS_NO);
    assert_null(said.problem);
    statement_fini(&said);
    read_json(&said, "{\"lb.abort-on-close\":\"maybe\"}");
    assert_int_equal(said.options.waits.aborts_on_close, WAITS_UNSAID);
    assert_non_null(strstr(said.problem, "lb.abort-on-close"));
    statement_fini(&said);
    read_json(&said, "{\"lb.slow-start\":\"0\"}");
    assert_true(said.options.has_slow_start && said.options.slow_start_ms == 0);
    statement_fini(&said);
}

static void test_capacity(void **state)
{
    struct statement said;
    (void)state;
    read_json(&said, "{\"lb.max-inflight\":\" 4 \",\"lb.upstream.keepalive\":\"off\"}");
    assert_true(said.options.capacity.has_max_inflight);
    assert_int_equal(said.options.capacity.max_inflight, 4);
    assert_int_equal(said.options.capacity.keepalive, CAPACITY_NO);
    assert_null(said.problem);
    statement_fini(&said);
    read_json(&said, "{\"lb.max-inflight\":\"many\"}");
    assert_false(said.options.capacity.has_max_inflight);
    assert_non_null(strstr(said.problem, "lb.max-inflight"));
    statement_fini(&said);
    read_json(&said, "{\"lb.upstream.keepalive\":\"sometimes\"}");
    assert_int_equal(said.options.capacity.keepalive, CAPACITY_UNSAID);
    assert_non_null(strstr(said.problem, "lb.upstream.keepalive"));
    statement_fini(&said);
}

static void test_weight_0_drains(void **state)
{
    struct statement said;
    (void)state;
    read_json(&said, "{\"lb.weight\":\"0\"}");
    assert_true(said.options.drains);
    assert_int_equal(said.options.weight, 1);
    assert_null(said.problem);
    statement_fini(&said);
    read_json(&said, "{\"lb.weight\":\"0\",\"lb.drain\":\"false\"}");
    assert_true(said.options.drains);
    statement_fini(&said);
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
    struct statement said;
    (void)state;
    read_json(&said, "{\"lb.address\":\"FD00:0::2\",\"lb.network\":\"web\"}");
    assert_string_equal(said.options.address, "fd00::2");
    assert_string_equal(said.options.network, "web");
    statement_fini(&said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_service_and_port),
        cmocka_unit_test(test_other_labels),
        cmocka_unit_test(test_left_out_in_its_own_words),
        cmocka_unit_test(test_quoted),
        cmocka_unit_test(test_health),
        cmocka_unit_test(test_capacity),
        cmocka_unit_test(test_weight_0_drains),
        cmocka_unit_test(test_every_word_of_a_check_is_a_label),
        cmocka_unit_test(test_addresses_are_normalised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
