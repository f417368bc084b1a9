/* Each test is a row of the table of Traefik's services, and is called as the row is. */
#include "tests/unit/discovery/dialect/traefik_given.h"

#define SERVED "host=test rank=12 > s@docker:80"

/* It is served all the same, and the remark has the word. */
static void check_told(const char *option, const char *word)
{
    char text[128], remark[128];
    snprintf(text, sizeof(text), SERVICE "s.loadbalancer.%s", option);
    snprintf(remark, sizeof(remark), "the service s: loadbalancer.%s is not supported", word);
    TOLD(text, SERVED, remark);
}

static void T60_pass_host_header(void **state)
{
    (void)state;
    check_told("passhostheader=false", "passhostheader=false");
    ROUTES(SERVICE "s.loadbalancer.passhostheader=true", SERVED);
}

static void T61_strategy(void **state)
{
    (void)state;
    ROUTES(SERVICE "s.loadbalancer.strategy=wrr", SERVED " balance=round-robin");
    ROUTES(SERVICE "s.loadbalancer.strategy=p2c", SERVED " balance=least-requests");
    ROUTES(SERVICE "s.loadbalancer.strategy=hrw", SERVED " balance=hash client");
    TOLD(SERVICE "s.loadbalancer.strategy=leasttime", SERVED " balance=least-requests",
         "least-requests is what is nearest");
    TOLD(SERVICE "s.loadbalancer.strategy=rr", SERVED, "wrr, p2c, hrw or leasttime");
}

static void T62_weight_of_the_server(void **state)
{
    struct statement said;
    (void)state;
    read_given(&(struct given){.labels = SERVICE "s.loadbalancer.server.weight=7"}, &said);
    assert_int_equal(said.options.weight, 7);
    statement_fini(&said);
    TOLD(SERVICE "s.loadbalancer.server.weight=-1", "host=test rank=12 > s@docker:80", "weight");
    TOLD(SERVICE "s.loadbalancer.servers[0].url=http://a", "host=test rank=12 > s@docker",
         "is not supported");
    TOLD(ROUTER "r.rule=Host(`a`)\n" SERVICE "s.weighted.services[0].name=x",
         "host=a rank=9 > s@docker", "weighted. is not supported");
}

#define COOKIE SERVICE "s.loadbalancer.sticky.cookie"

static void T63_sticky(void **state)
{
    (void)state;
    ROUTES(COOKIE "=true", SERVED " balance=sticky");
    ROUTES(COOKIE "=false", SERVED);
    ROUTES(COOKIE ".name=x\n" SERVICE "s.loadbalancer.strategy=p2c",
           SERVED " balance=sticky least-requests sticky=name=x");
    ROUTES(COOKIE ".secure=true\n" COOKIE ".httponly=true\n" COOKIE ".samesite=none\n" COOKIE
                  ".maxage=60\n" COOKIE ".domain=a.test\n" COOKIE ".path=/x",
           SERVED " balance=sticky "
                  "sticky=secure samesite=none max-age=60s domain=a.test path=/x");
    ROUTES(COOKIE ".maxage=0", SERVED " balance=sticky");
    TOLD(COOKIE ".maxage=-1", SERVED " balance=sticky", "0 to 3456000");
    TOLD(COOKIE ".samesite=some", SERVED " balance=sticky", "its service goes without");
    TOLD(COOKIE ".httponly=false", SERVED " balance=sticky", "always HttpOnly");
    TOLD(SERVICE "s.loadbalancer.sticky=true", SERVED,
         "does nothing without loadbalancer.sticky.cookie");
}

static void T64_health_check(void **state)
{
    struct statement said;
    (void)state;
    read_given(&(struct given){.labels = SERVICE "s.loadbalancer.healthcheck.path=/h\n" SERVICE
                                                 "s.loadbalancer.healthcheck.interval=10\n" SERVICE
                                                 "s.loadbalancer.healthcheck.timeout=3s\n" SERVICE
                                                 "s.loadbalancer.healthcheck.port=81\n" SERVICE
                                                 "s.loadbalancer.healthcheck.hostname=h\n" SERVICE
                                                 "s.loadbalancer.healthcheck.method=HEAD\n" SERVICE
                                                 "s.loadbalancer.healthcheck.status=204"},
               &said);
    assert_true(said.has_options && said.options.has_check);
    assert_string_equal(said.options.check.path, "/h");
    assert_int_equal(said.options.check.interval_ms, 10000);
    assert_int_equal(said.options.check.timeout_ms, 3000);
    assert_int_equal(said.options.check.port, 81);
    assert_string_equal(said.options.check.host, "h");
    assert_string_equal(said.options.check.method, "HEAD");
    assert_int_equal(said.options.check.statuses[0].low, 204);
    statement_fini(&said);
    read_given(&(struct given){.labels = SERVICE "s.loadbalancer.healthcheck.interval=10s"}, &said);
    assert_false(said.options.has_check);
    statement_fini(&said);
    TOLD(SERVICE "s.loadbalancer.healthcheck.path=/h\n" SERVICE
                 "s.loadbalancer.healthcheck.interval=soon",
         "host=test rank=12 > s@docker:80", "interval");
}

static void T65_passive_health_check(void **state)
{
    (void)state;
    check_told("passivehealthcheck=true", "passivehealthcheck");
    check_told("passivehealthcheck.failurewindow=1s", "passivehealthcheck");
}

static void T66_response_forwarding(void **state)
{
    (void)state;
    check_told("responseforwarding.flushinterval=1s", "responseforwarding");
}

static void T67_servers_transport(void **state)
{
    (void)state;
    TOLD(SERVICE "s.loadbalancer.serverstransport=mine@file", SERVED,
         "loadbalancer.serverstransport is not followed; lb.backend-verify");
}

static void test_other_options_are_told(void **state)
{
    (void)state;
    TOLD(SERVICE "s.loadbalancer.healthcheck.mode=grpc", SERVED, "healthcheck.mode");
    TOLD(SERVICE "s.loadbalancer.server.preservepath=true", SERVED, "preservepath");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(T60_pass_host_header),
        cmocka_unit_test(T61_strategy),
        cmocka_unit_test(T62_weight_of_the_server),
        cmocka_unit_test(T63_sticky),
        cmocka_unit_test(T64_health_check),
        cmocka_unit_test(T65_passive_health_check),
        cmocka_unit_test(T66_response_forwarding),
        cmocka_unit_test(T67_servers_transport),
        cmocka_unit_test(test_other_options_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
