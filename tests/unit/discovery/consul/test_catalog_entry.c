#include "discovery/consul/catalog_entry.h"

#include <string.h>

#include "tests/unit/discovery/consul/captured.h"

static const struct catalog_entry_rules no_rules = {0};

/* Gives `document`, which the entry borrows its tags from. */
static json_t *read_captured(const char *name, size_t index,
                             const struct catalog_entry_rules *rules, struct catalog_entry *entry)
{
    json_t *document = captured(name);
    assert_true(catalog_entry_read(json_array_get(document, index), "appserver", rules, entry));
    return document;
}

static void check(const char *name, size_t index, const char *id, const char *place,
                  enum endpoint_state state, const char *cause, const char *health)
{
    struct catalog_entry entry;
    char got[ADDRESS_TEXT_BYTES + 8];
    json_t *document =
        read_captured(name, index, &(struct catalog_entry_rules){.own_node = "node1"}, &entry);
    assert_string_equal(entry.id, id);
    snprintf(got, sizeof(got), "%s:%u", entry.address, entry.port);
    assert_string_equal(got, place);
    assert_int_equal(entry.state, state);
    assert_string_equal(entry.cause, cause);
    assert_string_equal(entry.health ? entry.health : "", health);
    assert_null(entry.detail);
    catalog_entry_fini(&entry);
    json_decref(document);
}

static void test_captures(void **state)
{
    (void)state;
    check("10-health-service-all", 0, "node1/host1:appserver1:8001", "172.18.0.5:8001",
          ENDPOINT_READY, "passing", "");
    check("10-health-service-all", 1, "node1/host1:appserver2:8001", "127.0.0.1:8002",
          ENDPOINT_UNHEALTHY, "critical", "Service 'appserver' check:");
    check("10-health-service-all", 2, "node1/host1:appserver3:8001", "172.18.0.7:8003",
          ENDPOINT_READY, "warning", "ttl:");
    check("33-blocking-woken", 0, "node1/host1:appserver1:8001", "172.18.0.5:8001",
          ENDPOINT_UNHEALTHY, "critical", "Docker HEALTHCHECK: unhealthy");
    check("41-health-with-service-maint", 0, "node1/host1:appserver1:8001", "172.18.0.5:8001",
          ENDPOINT_DRAINING, "maintenance", "Service Maintenance Mode:");
    check("44-health-with-node-maint", 0, "node1/host1:appserver1:8001", "172.18.0.5:8001",
          ENDPOINT_DRAINING, "maintenance", "Node Maintenance Mode:");
    check("61-health-two-nodes", 0, "ext1/ext-app", "203.0.113.9:9000", ENDPOINT_READY, "passing",
          "");
    check("61-health-two-nodes", 3, "node1/host1:appserver3:8001", "172.18.0.7:8003",
          ENDPOINT_UNHEALTHY, "critical", "tcp: dial tcp 127.0.0.1:1: connect: connection refused");
}

static bool read_of_node(const char *node, const char *id, struct catalog_entry *entry)
{
    json_t *item =
        json_pack("{s{ss}s{ssss}}", "Node", "Node", node, "Service", "ID", id, "Service", "web");
    bool is_read = catalog_entry_read(item, "web", &no_rules, entry);
    json_decref(item);
    return is_read;
}

/* Else the node a/b with the service c would be the node a with the service b/c. */
static void test_nodes_with_a_slash(void **state)
{
    static const char *const cases[][3] = {
        {"a/b", "c", "a%2Fb/c"}, {"a", "b/c", "a/b/c"}, {"a%2Fb", "c", "a%252Fb/c"}};
    struct catalog_entry entry;
    char slashes[251] = "";
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_true(read_of_node(cases[i][0], cases[i][1], &entry));
        assert_string_equal(entry.id, cases[i][2]);
        catalog_entry_fini(&entry);
    }
    memset(slashes, '/', 250);
    assert_false(read_of_node(slashes, slashes, &entry)); /* that would be too long */
}

static void test_tagged_address(void **state)
{
    struct catalog_entry entry;
    (void)state;
    json_t *document = read_captured("10-health-service-all", 0,
                                     &(struct catalog_entry_rules){.address_key = "wan"}, &entry);
    assert_string_equal(entry.address, "198.51.100.7");
    assert_int_equal(entry.port, 32001);
    catalog_entry_fini(&entry);
    json_decref(document);
    document = read_captured("10-health-service-all", 0,
                             &(struct catalog_entry_rules){.address_key = "lan_ipv6"}, &entry);
    assert_string_equal(entry.address, "172.18.0.5");
    assert_int_equal(entry.port, 8001);
    catalog_entry_fini(&entry);
    json_decref(document);
}

static void test_port_rule_beats_all(void **state)
{
    struct catalog_entry entry;
    (void)state;
    json_t *document =
        read_captured("10-health-service-all", 0,
                      &(struct catalog_entry_rules){.address_key = "wan", .port = 80}, &entry);
    assert_string_equal(entry.address, "198.51.100.7");
    assert_int_equal(entry.port, 80);
    assert_string_equal(entry.port_from, "--consul-port");
    catalog_entry_fini(&entry);
    json_decref(document);
}

/* An entry with what is different from a plain one. */
static bool read_one(const char *node, const char *service, const char *checks,
                     const struct catalog_entry_rules *rules, struct catalog_entry *entry)
{
    char text[4096];
    snprintf(text, sizeof(text),
             "{'Node':{'Node':'n1','Address':'10.0.0.9'%s},'Service':{'ID':'web-1','Service':"
             "'appserver','Port':80%s},'Checks':%s}",
             node, service, checks);
    json_t *document = quoted(text);
    bool is_entry = catalog_entry_read(document, "appserver", rules, entry);
    if (is_entry)
        entry->tags = NULL;
    json_decref(document);
    return is_entry;
}

static void test_checks(void **state)
{
    static const struct {
        const char *checks;
        enum endpoint_state state;
        const char *cause;
    } cases[] = {
        {"[]", ENDPOINT_READY, "passing"},
        {"null", ENDPOINT_READY, "passing"},
        {"[{'CheckID':'a','Status':'passing'},{'CheckID':'b','Status':'warning'}]", ENDPOINT_READY,
         "warning"},
        {"[{'CheckID':'a','Status':'warning'},{'CheckID':'serfHealth','Status':'critical'}]",
         ENDPOINT_UNHEALTHY, "critical"},
        {"[{'CheckID':'_node_maintenance','Status':'critical'}]", ENDPOINT_DRAINING, "maintenance"},
        {"[{'CheckID':'_node_maintenance','Status':'passing'}]", ENDPOINT_READY, "passing"},
        {"[{'CheckID':'serfHealth','Status':'critical'},{'CheckID':'_service_maintenance:web-1',"
         "'Status':'critical'}]",
         ENDPOINT_DRAINING, "maintenance"},
        /* another one's */
        {"[{'CheckID':'_service_maintenance:web-2','Status':'critical'}]", ENDPOINT_UNHEALTHY,
         "critical"},
        /* no word of Consul's */
        {"[{'CheckID':'a','Status':'fine'}]", ENDPOINT_UNHEALTHY, "critical"},
        {"[7]", ENDPOINT_UNHEALTHY, "critical"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct catalog_entry entry;
        assert_true(read_one("", "", cases[i].checks, &no_rules, &entry));
        assert_int_equal(entry.state, cases[i].state);
        assert_string_equal(entry.cause, cases[i].cause);
        catalog_entry_fini(&entry);
    }
}

static void test_output_is_bounded_and_one_line(void **state)
{
    struct catalog_entry entry;
    char checks[2048];
    (void)state;
    snprintf(
        checks, sizeof(checks),
        "[{'CheckID':'a','Name':'http','Status':'critical','Output':'one\\n two\\u0007%0900d'}]",
        1);
    assert_true(read_one("", "", checks, &no_rules, &entry));
    assert_null(strchr(entry.health, '\n'));
    assert_true(strncmp(entry.health, "http: one two", 13) == 0);
    assert_true(strlen(entry.health) <= CATALOG_ENTRY_HEALTH_BYTES_MAX);
    catalog_entry_fini(&entry);
}

static void test_places_that_are_none(void **state)
{
    static const struct {
        const char *node, *service;
        enum left_out_reason reason;
        const char *word; /* in the sentence */
    } cases[] = {
        {",'Address':''", "", LEFT_OUT_NO_ADDRESS, "neither it nor its node"},
        {"", ",'Address':'db.example'", LEFT_OUT_BAD_ADDRESS, "db.example is no IP address"},
        {"", ",'Address':'127.0.0.1'", LEFT_OUT_BAD_ADDRESS,
         "its own host's, and that is the node n1"},
        {"", ",'Address':'::1'", LEFT_OUT_BAD_ADDRESS, "its own host's"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct catalog_entry entry;
        assert_true(read_one(cases[i].node, cases[i].service, "[]",
                             &(struct catalog_entry_rules){.own_node = "n2"}, &entry));
        assert_int_equal(entry.reason, cases[i].reason);
        if (!strstr(entry.detail, cases[i].word))
            fail_msg("%s", entry.detail);
        assert_string_equal(entry.address, "");
        assert_non_null(entry.remedy);
        catalog_entry_fini(&entry);
    }
}

static void test_own_node(void **state)
{
    struct catalog_entry entry;
    (void)state;
    assert_true(read_one("", ",'Address':'127.0.0.1'", "[]",
                         &(struct catalog_entry_rules){.own_node = "n1"}, &entry));
    assert_true(entry.is_local && entry.is_on_host);
    assert_string_equal(entry.address, "127.0.0.1");
    catalog_entry_fini(&entry);
    assert_true(read_one("", "", "[]", &(struct catalog_entry_rules){.own_node = "n1"}, &entry));
    assert_true(entry.is_local && !entry.is_on_host);
    catalog_entry_fini(&entry);
    assert_true(read_one("", "", "[]", &no_rules, &entry));
    assert_false(entry.is_local || entry.is_on_host);
    catalog_entry_fini(&entry);
}

#define CONTAINER "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void test_twin(void **state)
{
    static const struct {
        const char *meta, *twin;
    } cases[] = {
        {",'Meta':{'lb-container':'" CONTAINER "','lb-port':'8484'}", CONTAINER ":8484"},
        {",'Meta':{'lb-container':'" CONTAINER "','lb-port':'53/udp'}", CONTAINER ":53/udp"},
        {",'Meta':{'lb-container':'" CONTAINER "','lb-port':'53/sctp'}", ""},
        {",'Meta':{'lb-container':'" CONTAINER "','lb-port':'0'}", ""},
        {",'Meta':{'lb-container':'" CONTAINER "','lb-port':'70000'}", ""},
        {",'Meta':{'lb-container':'" CONTAINER "'}", ""},
        {",'Meta':{'lb-container':'web1','lb-port':'80'}", ""},
        {",'Meta':null", ""},
        {",'Meta':[1]", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct catalog_entry entry;
        assert_true(read_one("", cases[i].meta, "[]", &no_rules, &entry));
        assert_string_equal(entry.twin, cases[i].twin);
        catalog_entry_fini(&entry);
    }
}

static void test_weights(void **state)
{
    static const struct {
        const char *weights, *checks;
        unsigned heaviest, weight;
        enum endpoint_state state;
    } cases[] = {
        {"", "[]", 1, 1, ENDPOINT_READY},
        {",'Weights':{'Passing':5,'Warning':2}", "[]", 5, 5, ENDPOINT_READY},
        {",'Weights':{'Passing':5,'Warning':2}", "[{'Status':'warning'}]", 5, 2, ENDPOINT_READY},
        {",'Weights':{'Passing':5,'Warning':0}", "[{'Status':'warning'}]", 5, 1, ENDPOINT_DRAINING},
        {",'Weights':{'Passing':65535}", "[]", 65535, 256, ENDPOINT_READY},
        {",'Weights':{'Passing':100}", "[]", 1000, 26, ENDPOINT_READY},
        {",'Weights':{'Passing':1}", "[]", 65535, 1, ENDPOINT_READY},
        {",'Weights':{'Passing':999999999999}", "[]", 65535, 256, ENDPOINT_READY},
        {",'Weights':{'Passing':-1}", "[]", 1, 1, ENDPOINT_READY},
        {",'Weights':7", "[]", 1, 1, ENDPOINT_READY},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct catalog_entry entry;
        assert_true(read_one("", cases[i].weights, cases[i].checks, &no_rules, &entry));
        assert_int_equal(entry.state, cases[i].state);
        assert_int_equal(catalog_entry_weigh(&entry, cases[i].heaviest), cases[i].weight);
        catalog_entry_fini(&entry);
    }
}

static void test_what_is_no_entry(void **state)
{
    static const char *const cases[] = {
        "1",
        "{}",
        "{'Node':7,'Service':[]}",
        "{'Node':{'Node':'n1'},'Service':{'ID':'','Service':'appserver'}}",
        "{'Node':{'Node':''},'Service':{'ID':'a','Service':'appserver'}}",
        "{'Node':{'Node':'n1'},'Service':{'ID':'a\\u0007','Service':'appserver'}}",
        "{'Node':{'Node':'n1'},'Service':{'ID':'a','Service':'other'}}",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct catalog_entry entry;
        json_t *document = quoted(cases[i]);
        assert_false(catalog_entry_read(document, "appserver", &no_rules, &entry));
        json_decref(document);
    }
}

static void test_hash_tells_words_apart(void **state)
{
    struct catalog_entry a, b;
    (void)state;
    json_t *one =
        quoted("{'Node':{'Node':'n'},'Service':{'ID':'a','Service':'appserver','Tags':['a','b']}}");
    json_t *other = quoted(
        "{'Node':{'Node':'n'},'Service':{'ID':'a','Service':'appserver','Tags':['ab',null]}}");
    assert_true(catalog_entry_read(one, "appserver", &no_rules, &a));
    assert_true(catalog_entry_read(other, "appserver", &no_rules, &b));
    assert_true(a.words_hash != b.words_hash);
    catalog_entry_fini(&a);
    catalog_entry_fini(&b);
    json_decref(one);
    json_decref(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_captures),
        cmocka_unit_test(test_nodes_with_a_slash),
        cmocka_unit_test(test_tagged_address),
        cmocka_unit_test(test_port_rule_beats_all),
        cmocka_unit_test(test_checks),
        cmocka_unit_test(test_output_is_bounded_and_one_line),
        cmocka_unit_test(test_places_that_are_none),
        cmocka_unit_test(test_own_node),
        cmocka_unit_test(test_twin),
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_what_is_no_entry),
        cmocka_unit_test(test_hash_tells_words_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
