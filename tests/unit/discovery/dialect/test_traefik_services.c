/* Each test is a row of the table of Traefik's services, and is called as the row is. */
#include "tests/unit/discovery/dialect/traefik_given.h"

static void T60_T61_T63_T65_T66_T67_options_that_are_not_supported_are_told(void **state)
{
    static const char *const options[] = {
        "passhostheader=false",
        "strategy=p2c",
        "sticky=true",
        "sticky.cookie.name=x",
        "passivehealthcheck=true",
        "passivehealthcheck.failurewindow=1s",
        "serverstransport=mine@file",
        "responseforwarding.flushinterval=1s",
        "healthcheck.mode=grpc",
        "server.preservepath=true",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(options); i++) {
        char text[128];
        snprintf(text, sizeof(text), SERVICE "s.loadbalancer.%s", options[i]);
        TOLD(text, "host=test rank=12 > s@docker:80", "is not supported");
    }
    ROUTES(SERVICE "s.loadbalancer.passhostheader=true\n" SERVICE "s.loadbalancer.strategy=wrr",
           "host=test rank=12 > s@docker:80");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(T60_T61_T63_T65_T66_T67_options_that_are_not_supported_are_told),
        cmocka_unit_test(T62_weight_of_the_server),
        cmocka_unit_test(T64_health_check),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
