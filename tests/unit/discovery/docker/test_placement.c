#include "discovery/docker/placement.h"

#include "tests/unit/discovery/docker/world.h"

#define PUBLISHED(ip) "{\"80/tcp\":[{\"HostIp\":\"" ip "\",\"HostPort\":\"8080\"}]}"

#define UDP "{\"lb.port\":\"53\",\"lb.protocol\":\"udp\"}"
#define TCP "{\"lb.port\":\"53\",\"lb.protocol\":\"tcp\"}"
#define BOTH                                                                                       \
    "{\"53/udp\":[{\"HostIp\":\"\",\"HostPort\":\"8053\"}],"                                       \
    "\"53/tcp\":[{\"HostIp\":\"\",\"HostPort\":\"8054\"}]}"

static const struct {
    enum stand where;
    struct want want;
    const char *expected; /* "address:port", or the reason */
    const char *detail;   /* a part of it */
} cases[] = {
    /* plain addresses */
    {HOST, {.networks = "bridge=10.0.0.2"}, "10.0.0.2:80", NULL},
    {HOST, {.networks = "bridge=10.0.0.2 zoo=10.9.0.2"}, "10.9.0.2:80", NULL},
    {HOST, {.networks = "zoo=10.9.0.2 app=10.8.0.2"}, "10.8.0.2:80", NULL},
    {HOST, {.networks = "ingress=10.1.0.2"}, "no_shared_network", "no route"},
    {INSIDE, {.networks = "web=10.2.0.2 a=10.0.0.2"}, "10.2.0.2:80", NULL},
    {INSIDE, {.networks = "back=10.2.0.2"}, "no_shared_network", "it is on: back; lb is on: web"},
    {INSIDE, {.networks = "web="}, "no_address", NULL},
    {HOST, {.networks = "none="}, "no_address", NULL},
    /* labels */
    {HOST, {.labels = "{\"lb.port\":\"9\"}", .networks = "a=10.0.0.2"}, "10.0.0.2:9", NULL},
    {HOST,
     {.labels = "{\"lb.network\":\"b\"}", .networks = "a=10.0.0.2 b=10.1.0.2"},
     "10.1.0.2:80",
     NULL},
    {HOST,
     {.labels = "{\"lb.network\":\"q\"}", .networks = "a=10.0.0.2", .ports = PUBLISHED("0.0.0.0")},
     "no_shared_network",
     "asks for q; it is on: a; lb is on: the host"},
    {INSIDE,
     {.labels = "{\"lb.network\":\"back\"}", .networks = "web=10.0.0.2 back=10.1.0.2"},
     "no_shared_network",
     "lb is on: web"},
    {INSIDE, {.labels = "{\"lb.address\":\"192.0.2.7\"}"}, "192.0.2.7:80", NULL},
    {HOST, {.labels = "{\"lb.weight\":\"x\"}", .networks = "a=10.0.0.2"}, "bad_label", "lb.weight"},
    {HOST, {.labels = "{\"lb.enable\":\"false\",\"lb.weight\":\"x\"}"}, "disabled", NULL},
    {HOST, {.labels = "{\"lb.port\":\"x\"}", .networks = "a=10.0.0.2"}, "bad_port", "lb.port"},
    /* ports and life */
    {HOST, {.networks = "a=10.0.0.2", .exposes_none = true}, "no_port", "lb.port"},
    {HOST, {.networks = "a=10.0.0.2", .is_down = true}, "not_running", "exited"},
    /* the host's network */
    {HOST, {.mode = "host", .networks = "host="}, "127.0.0.1:80", NULL},
    {INSIDE, {.mode = "host", .networks = "host="}, "172.18.0.1:80", NULL},
    {INSIDE_NO_GATEWAY, {.mode = "host", .networks = "host="}, "no_shared_network", "leads there"},
    {INSIDE_IPV6, {.mode = "host", .networks = "host="}, "[fd00::1]:80", NULL},
    /* published ports, when there is nothing better, each for what it is */
    {HOST, {.labels = UDP, .networks = "none=", .ports = BOTH}, "127.0.0.1:8053", NULL},
    {HOST, {.labels = TCP, .networks = "none=", .ports = BOTH}, "127.0.0.1:8054", NULL},
    {INSIDE, {.labels = UDP, .networks = "b=10.0.0.2", .ports = BOTH}, "172.18.0.1:8053", NULL},
    {HOST,
     {.labels = UDP,
      .networks = "none=",
      .ports = "{\"53/tcp\":[{\"HostIp\":\"\",\"HostPort\":\"8054\"}]}"},
     "no_address",
     NULL},
    {HOST, {.networks = "none=", .ports = PUBLISHED("127.0.0.1")}, "127.0.0.1:8080", NULL},
    {HOST, {.networks = "none=", .ports = PUBLISHED("0.0.0.0")}, "127.0.0.1:8080", NULL},
    {HOST, {.networks = "a=10.0.0.2", .ports = PUBLISHED("0.0.0.0")}, "10.0.0.2:80", NULL},
    {INSIDE, {.networks = "b=10.0.0.2", .ports = PUBLISHED("0.0.0.0")}, "172.18.0.1:8080", NULL},
    {INSIDE, {.networks = "b=10.0.0.2", .ports = PUBLISHED("")}, "172.18.0.1:8080", NULL},
    {INSIDE, {.networks = "b=10.0.0.2", .ports = PUBLISHED("192.0.2.1")}, "192.0.2.1:8080", NULL},
    {HOST, {.networks = "none=", .ports = PUBLISHED("::")}, "[::1]:8080", NULL},
    {INSIDE, {.networks = "b=10.0.0.2", .ports = PUBLISHED("::")}, "no_shared_network", NULL},
    {INSIDE_IPV6, {.networks = "b=10.0.0.2", .ports = PUBLISHED("::")}, "[fd00::1]:8080", NULL},
    {INSIDE_IPV6, {.networks = "b=10.0.0.2", .ports = PUBLISHED("")}, "[fd00::1]:8080", NULL},
    {INSIDE_IPV6,
     {.networks = "b=10.0.0.2", .ports = PUBLISHED("0.0.0.0")},
     "no_shared_network",
     NULL},
    {INSIDE_NO_GATEWAY,
     {.networks = "b=10.0.0.2", .ports = PUBLISHED("192.0.2.1")},
     "no_shared_network",
     NULL},
    {INSIDE,
     {.networks = "b=10.0.0.2", .ports = PUBLISHED("127.0.0.1")},
     "no_shared_network",
     NULL},
    {INSIDE_NO_GATEWAY,
     {.networks = "b=10.0.0.2", .ports = PUBLISHED("0.0.0.0")},
     "no_shared_network",
     NULL},
    {INSIDE,
     {.labels = "{\"lb.port\":\"81\"}", .networks = "b=10.0.0.2", .ports = PUBLISHED("0.0.0.0")},
     "no_shared_network",
     NULL},
};

/* Its first offer, or why there is none. */
static void place(const struct container *container, const struct container *owner,
                  const struct vantage *vantage, struct placement *out)
{
    const struct offer *offer = &container->offers.items[0];
    struct hindrance hindrance;
    if (hindrance_find(container, owner, vantage, &hindrance))
        placement_refuse(offer, &hindrance, out);
    else
        placement_find(offer, container, owner, vantage, out);
}

static void check(const struct placement *placement, const char *expected, const char *detail)
{
    char got[ADDRESS_TEXT_BYTES + 8];
    if (placement->is_usable)
        snprintf(got, sizeof(got), strchr(placement->address, ':') ? "[%s]:%u" : "%s:%u",
                 placement->address, placement->port);
    else
        snprintf(got, sizeof(got), "%s", left_out_reason_word(placement->hindrance.reason));
    assert_string_equal(got, expected);
    if (detail)
        assert_non_null(strstr(placement->hindrance.detail, detail));
}

static void test_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct vantage vantage;
        struct placement placement;
        struct container *container = make(&cases[i].want, '1');
        stand(&vantage, cases[i].where);
        place(container, container, &vantage, &placement);
        check(&placement, cases[i].expected, cases[i].detail);
        placement_fini(&placement);
        vantage_fini(&vantage);
        container_free(container);
    }
}

static void test_shared_networks(void **state)
{
    struct container *x = make(&(struct want){.networks = "web=10.0.0.5"}, '2');
    struct container *c = make(&(struct want){.mode = "container:2222"}, '1');
    struct container *lb = make(&(struct want){.networks = "web=10.0.0.9"}, '9');
    struct vantage vantage;
    struct placement placement;
    (void)state;
    stand(&vantage, INSIDE);
    place(c, x, &vantage, &placement);
    check(&placement, "10.0.0.5:80", NULL);
    placement_fini(&placement);
    place(c, lb, &vantage, &placement);
    check(&placement, "127.0.0.1:80", NULL);
    placement_fini(&placement);
    place(c, NULL, &vantage, &placement);
    check(&placement, "no_address", "not known");
    placement_fini(&placement);
    x->running = false;
    place(c, x, &vantage, &placement);
    check(&placement, "not_running", "network of the container c");
    placement_fini(&placement);
    vantage_fini(&vantage);
    container_free(x);
    container_free(c);
    container_free(lb);
}

/* What the case itself tells outranks the sentence of its reason. */
static void test_remedies(void **state)
{
    static const struct {
        const char *labels, *ports, *detail, *remedy;
    } rows[] = {
        {"{\"lb.network\":\"none\"}", NULL, "the label lb.network asks for none",
         "Correct that label"},
        {NULL, "127.0.0.1", "80 is published on the host, but on an address",
         "Publish the port on all"},
        {NULL, NULL, "it is on: a; lb is on: web", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vantage vantage;
        struct placement placement;
        struct want want = {.labels = rows[i].labels, .networks = "a=10.0.0.2"};
        struct container *container = make(&want, '1');
        if (rows[i].ports) {
            free(container->bindings);
            container->bindings = calloc(1, sizeof(container->bindings[0]));
            container->binding_count = 1;
            container->bindings[0].port = 80;
            container->bindings[0].host_port = 8080;
            snprintf(container->bindings[0].host_ip, sizeof(container->bindings[0].host_ip), "%s",
                     rows[i].ports);
        }
        stand(&vantage, INSIDE);
        place(container, container, &vantage, &placement);
        check(&placement, "no_shared_network", rows[i].detail);
        if (rows[i].remedy)
            assert_non_null(strstr(placement.hindrance.remedy, rows[i].remedy));
        else
            assert_null(placement.hindrance.remedy);
        placement_fini(&placement);
        vantage_fini(&vantage);
        container_free(container);
    }
}

static void test_why_there(void **state)
{
    static const struct {
        enum stand where;
        struct want want;
        const char *address_from, *port_from;
    } rows[] = {
        {INSIDE,
         {.networks = "web=10.0.0.2 zoo=10.9.0.2"},
         "its network web, which lb is on too",
         "the only TCP port that it exposes"},
        {HOST,
         {.networks = "a=10.0.0.2 b=10.1.0.2 bridge=10.2.0.2"},
         "its network a, the first by name of the 3 that the host reaches: a, b, bridge (Docker's "
         "own "
         "bridge comes last)",
         "the only TCP port that it exposes"},
        {HOST,
         {.labels = "{\"lb.network\":\"b\",\"lb.port\":\"9\"}",
          .networks = "a=10.0.0.2 b=10.1.0.2"},
         "its network b, as the label lb.network says",
         "the label lb.port"},
        {HOST,
         {.labels = "{\"lb.address\":\"10.7.7.7\",\"SERVICE_PORT\":\"9\"}",
          .networks = "a=10.0.0.2"},
         "the label lb.address",
         "SERVICE_PORT"},
        {INSIDE,
         {.mode = "host", .networks = "host="},
         "it uses the host's network, which lb reaches by way of the gateway of its container",
         "the only TCP port that it exposes"},
        {INSIDE,
         {.networks = "b=10.0.0.2", .ports = PUBLISHED("0.0.0.0")},
         "the host, where its port is published on 0.0.0.0, by way of the gateway of lb's "
         "container",
         "where its port 80 is published: the only TCP port that it exposes"},
        {HOST,
         {.networks = "none=", .ports = PUBLISHED("127.0.0.1")},
         "the host, where its port is published on 127.0.0.1",
         "where its port 80 is published: the only TCP port that it exposes"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct vantage vantage;
        struct placement placement;
        struct container *container = make(&rows[i].want, '1');
        stand(&vantage, rows[i].where);
        place(container, container, &vantage, &placement);
        assert_true(placement.is_usable);
        assert_string_equal(placement.address_from, rows[i].address_from);
        assert_string_equal(placement.port_from, rows[i].port_from);
        placement_fini(&placement);
        vantage_fini(&vantage);
        container_free(container);
    }
}

/* A container's other offers go their own ways: one port is published, the other is not. */
static void test_each_offer_by_itself(void **state)
{
    struct container *container =
        make(&(struct want){.networks = "b=10.0.0.2", .ports = PUBLISHED("0.0.0.0")}, '1');
    struct offer other = container->offers.items[0];
    struct vantage vantage;
    struct placement placement;
    (void)state;
    other.port = 81;
    stand(&vantage, INSIDE);
    placement_find(&container->offers.items[0], container, container, &vantage, &placement);
    check(&placement, "172.18.0.1:8080", NULL);
    placement_fini(&placement);
    placement_find(&other, container, container, &vantage, &placement);
    check(&placement, "no_shared_network", "it is on: b");
    assert_int_equal(placement.port, 81);
    placement_fini(&placement);
    vantage_fini(&vantage);
    container_free(container);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_remedies),
        cmocka_unit_test(test_why_there),
        cmocka_unit_test(test_shared_networks),
        cmocka_unit_test(test_each_offer_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
