#include "discovery/dialect/misspelling.h"

#include <stdlib.h>

#include "discovery/dialect/lb_labels.h"
#include "discovery/dialect/lb_sites.h"

#include "tests/unit/discovery/fixture.h"

static const struct misspelling_known known = {lb_labels_at, lb_sites_word_at, lb_sites_is_named};

static void find(const char *labels, struct misspelling *out)
{
    json_t *object = json_loads(labels, 0, NULL);
    assert_non_null(object);
    misspelling_find(object, &known, out);
    json_decref(object);
}

static void drop(struct misspelling *found)
{
    free(found->remark);
    free(found->disabled_by);
}

static void test_no_label_is_proposed_that_shares_less_than_half(void **state)
{
    static const char *const labels[] = {"{\"lb.zone\":\"8\"}", "{\"lb.team\":\"8\"}",
                                         "{\"lb.url\":\"8\"}"};
    struct misspelling found;
    (void)state;
    for (size_t i = 0; i < COUNT(labels); i++) {
        find(labels[i], &found);
        assert_non_null(strstr(found.remark, "is not known"));
        if (strstr(found.remark, "did you mean"))
            fail_msg("%s: %s", labels[i], found.remark);
        drop(&found);
    }
}

static void test_unknown_labels_are_told_with_the_nearest(void **state)
{
    static const struct {
        const char *labels, *remark; /* NULL: none */
    } cases[] = {
        {"{}", NULL},
        {"{\"lb.port\":\"80\",\"lb.check.path\":\"/\",\"maintainer\":\"x\",\"lbx\":\"1\"}", NULL},
        {"{\"lb.prot\":\"80\"}", "the label \"lb.prot\" is not known (did you mean lb.port?)"},
        {"{\"LB.PORT\":\"80\"}", "the label \"LB.PORT\" is not known (did you mean lb.port?)"},
        {"{\"Lb.Check.Path\":\"/\"}", "did you mean lb.check.path?"},
        {"{\"lb.checkpath\":\"/\"}", "did you mean lb.check.path?"},
        {"{\"lb.slowstart\":\"1s\"}", "did you mean lb.slow-start?"},
        {"{\"lb.slow_start\":\"1s\"}", "did you mean lb.slow-start?"},
        {"{\"lb.port \":\"80\"}", "the label \"lb.port \" is not known (did you mean lb.port?)"},
        {"{\" lb.port\":\"80\"}", "did you mean lb.port?"},
        {"{\"lb_port\":\"80\"}", "did you mean lb.port?"},
        {"{\"lb-weight\":\"8\"}", "did you mean lb.weight?"},
        {"{\"lb-something.else\":\"8\"}", NULL},
        {"{\"lb-demo\":\"8\"}", NULL},
        {"{\"lb.\":\"8\"}", "the label \"lb.\" is not known"},
        {"{\"lb.quite.something.else\":\"8\"}",
         "the label \"lb.quite.something.else\" is not known"},
        {"{\"lb.a\\nb\":\"8\"}", "the label \"lb.a?b\" is not known"},
        {"{\"lb.prot\":7}", "did you mean lb.port?"},
        {"{\"lb.prot\":\"80\",\"LB.DRAIN\":\"true\"}",
         "lb.port?); the label \"LB.DRAIN\" is not known (did you mean lb.drain?)"},
        {"{\"lb.shop.rates\":\"1\"}",
         "the label \"lb.shop.rates\" is not known (did you mean lb.shop.rate?)"},
        {"{\"LB.Shop.Hosts\":\"1\"}", "(did you mean lb.shop.host?)"},
        {"{\"lb.chek.path\":\"1\"}", "(did you mean lb.check.path?)"},
        {"{\"lb.retires\":\"1\"}", "(did you mean lb.retries?)"},
        {"{\"lb.auth-relm\":\"1\"}", "(did you mean lb.auth-realm?)"},
        {"{\"lb.tpc\":\"1\"}", "(did you mean lb.tcp?)"},
        {"{\"lb.upd\":\"1\"}", "(did you mean lb.udp?)"},
        {"{\"lb.tcp.port\":\"1\"}",
         "\"lb.tcp.port\" is not known (did you mean lb.tcp=LISTENER:PORT?)"},
        {"{\"lb.tcp.snl\":\"1\"}", "(did you mean lb.tcp.sni?)"},
        {"{\"lb.tcp.drian\":\"1\"}", "(did you mean lb.tcp.drain?)"},
        {"{\"lb.db.tcp.snl\":\"1\"}", "(did you mean lb.db.tcp.sni?)"},
        {"{\"lb.db.tpc\":\"1\"}", "(did you mean lb.db.tcp?)"},
        {"{\"lb.sni\":\"1\"}", "(did you mean lb.tcp.sni?)"},
        {"{\"lb.send-proxy\":\"1\"}", "(did you mean lb.proxy-protocol?)"},
        {"{\"lb.db.send-proxy\":\"1\"}", "(did you mean lb.db.proxy-protocol?)"},
        {"{\"lb.tcp\":\"1\",\"lb.udp\":\"1\",\"lb.tcp.sni\":\"a\",\"lb.tcp.alpn\":\"h2\",\"lb.db."
         "tcp\":"
         "\"1\",\"lb.db.tcp.sni\":\"a\",\"lb.tcp.drain\":\"reset\",\"lb.db.udp.idle-timeout\":"
         "\"9s\"}",
         NULL},
        {"[1]", NULL},
    };
    struct misspelling found;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        find(cases[i].labels, &found);
        if (!cases[i].remark)
            assert_null(found.remark);
        else if (!found.remark || !strstr(found.remark, cases[i].remark))
            fail_msg("%s: %s", cases[i].labels, found.remark ? found.remark : "nothing");
        assert_null(found.disabled_by);
        drop(&found);
    }
}

static void test_what_may_mean_disabled_does(void **state)
{
    static const struct {
        const char *label, *value;
        bool is_left_out;
    } cases[] = {
        {"LB.ENABLE", "false", true},     {"Lb.Enable", "FALSE", true},
        {"lb.enabled", "false", true},    {"lb.enabled", "no", true},
        {"lb.enabled", "nope", true},     {"lb.enbale", "false", true},
        {"lb.enable ", " false", true},   {"lb_enable", "0", true},
        {"lb-enabled", "off", true},      {"lb.disable", "true", true},
        {"lb.disable", "", true},         {"lb.disabled", "1", true},
        {"LB.Disable", "yes", true},      {"lb.ignore", "true", true},
        {"lb.exclude", "whatever", true}, {"lb.enabled", "true", false},
        {"LB.ENABLE", " On ", false},     {"LB.ENABLE", "", false},
        {"lb.disable", "false", false},   {"lb.disabled", "No", false},
        {"lb.unstable", "false", false},  {"lb.drian", "false", false},
        {"lb.\u200benable", "no", true},  {"l\u200bb.enable", "false", true},
        {"lb.en\u0430ble", "0", true},    {"lb. enable", "false", true},
        {"lb.name", "false", false},      {"lb.enable", "false", false}, /* that one is known */
    };
    struct misspelling found;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        json_t *labels = json_pack("{s:s}", cases[i].label, cases[i].value);
        misspelling_find(labels, &known, &found);
        if ((found.disabled_by != NULL) != cases[i].is_left_out)
            fail_msg("%s=%s: %s", cases[i].label, cases[i].value,
                     found.disabled_by ? found.disabled_by : "let in");
        drop(&found);
        json_decref(labels);
    }
    find("{\"LB.ENABLE\":\"false\",\"lb.enable\":\"true\"}", &found);
    assert_string_equal(found.disabled_by, "\"LB.ENABLE=false\"");
    drop(&found);
}

/* Labels are a stranger's: however many and however long, a remark is short. */
static void test_many_and_long_ones_are_bounded(void **state)
{
    struct misspelling found;
    char label[5000];
    json_t *labels = json_object();
    (void)state;
    for (int i = 0; i < 300; i++) {
        memset(label, 'x', sizeof(label));
        memcpy(label, "lb.", 3);
        label[3] = (char)('0' + i / 100);
        label[4] = (char)('0' + i / 10 % 10);
        label[5] = (char)('0' + i % 10);
        label[sizeof(label) - 1] = '\0';
        json_object_set_new(labels, label, json_string(label));
    }
    misspelling_find(labels, &known, &found);
    assert_true(strlen(found.remark) <= 1024);
    assert_non_null(strstr(found.remark, "and so are 295 more"));
    drop(&found);
    json_decref(labels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_label_is_proposed_that_shares_less_than_half),
        cmocka_unit_test(test_unknown_labels_are_told_with_the_nearest),
        cmocka_unit_test(test_what_may_mean_disabled_does),
        cmocka_unit_test(test_many_and_long_ones_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
