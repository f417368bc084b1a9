/* Labels of Traefik for TCP and UDP; T56 is called as its row is. */
#include "discovery/dialect/traefik_streams.h"

#include "tests/unit/discovery/dialect/listening_case.h"
#include "tests/unit/discovery/dialect/traefik_given.h"

#define TCP_ROUTER  "traefik.tcp.routers.r."
#define TCP_SERVICE "traefik.tcp.services.s."
#define ANY         TCP_ROUTER "rule=HostSNI(`*`)\n"
#define ON_DB       TCP_ROUTER "entrypoints=db\n"
#define PORT        TCP_SERVICE "loadbalancer.server.port=5432"
#define PASS        TCP_ROUTER "tls.passthrough=true\n"

static void test_router_from_a_named_listener(void **state)
{
    (void)state;
    IS(ANY ON_DB PORT, "80/tcp", "s@docker:5432 tcp; tcp db > s@docker");
    IS(ANY TCP_ROUTER "entrypoints=db,5433\n" PORT, "",
       "s@docker:5432 tcp; tcp db > s@docker; tcp 5433 > s@docker");
    IS(ANY TCP_ROUTER "entrypoints[0]=db\n" PORT, "", "s@docker:5432 tcp; tcp db > s@docker");
    TELLS(ANY PORT, "80/tcp", "s@docker:5432 tcp", "names no entry point");
    TELLS(TCP_ROUTER "entrypoints=db\n" PORT, "", "s@docker:5432 tcp", "it has no rule");
}

static void T56_no_http_beside_tcp_or_udp(void **state)
{
    (void)state;
    IS(ANY ON_DB, "5432/tcp 9000/tcp", "c1@docker:5432 tcp; tcp db > c1@docker");
    IS("traefik.enable=true\n" ANY ON_DB, "5432/tcp", "c1@docker:5432 tcp; tcp db > c1@docker");
    IS("traefik.udp.routers.r.entrypoints=dns", "80/tcp 53/udp",
       "c1@docker:53 udp; udp dns > c1@docker");
    IS("traefik.udp.routers.r.entrypoints=dns\ntraefik.udp.services.s.loadbalancer.server.port="
       "5353",
       "80/tcp", "s@docker:5353 udp; udp dns > s@docker");
    IS(PORT, "80/tcp", "s@docker:5432 tcp");
    IS(ANY ON_DB PORT "\ntraefik.http.routers.w.rule=Host(`a`)", "80/tcp",
       "c1@docker:80 http, s@docker:5432 tcp; tcp db > s@docker");
    TELLS("traefik.udp.routers.r.entrypoints=dns", "80/tcp", "bad_label",
          "the UDP service c1 has no port");
    TELLS("traefik.enable=true\n" TCP_ROUTER "rule=x", "80/tcp", "c1@docker:80 tcp",
          "its rule cannot be used");
}

static void test_names_of_servers(void **state)
{
    (void)state;
    IS(TCP_ROUTER "rule=HostSNI(`a.test`)\n" PASS ON_DB PORT, "",
       "s@docker:5432 tcp; tcp db for a.test > s@docker");
    IS(TCP_ROUTER "rule=HostSNI(`a.test`,`b.test`)\n" PASS ON_DB PORT, "",
       "s@docker:5432 tcp; tcp db for a.test > s@docker; tcp db for b.test > s@docker");
    IS(TCP_ROUTER "rule=HostSNI(`A.test`) || HostSNI(`b.test`) && ALPN(`h2`)\n" PASS ON_DB PORT, "",
       "s@docker:5432 tcp; tcp db for a.test > s@docker; tcp db for b.test, h2 > s@docker");
    IS(TCP_ROUTER "rule=HostSNI(`*`) && (ALPN(`h2`) || ALPN(`http/1.1`))\n" PASS ON_DB PORT, "",
       "s@docker:5432 tcp; tcp db for h2 > s@docker; tcp db for http/1.1 > s@docker");
    TELLS(TCP_ROUTER "rule=HostSNI(`*.a.test`)\n" PASS ON_DB PORT, "",
          "s@docker:5432 tcp; tcp db for *.a.test > s@docker", "any number of names");
}

#define REFUSED(rule, told) TELLS(rule ON_DB PORT, "", "s@docker:5432 tcp", told)

static void test_what_lb_does_not_have_is_refused(void **state)
{
    (void)state;
    REFUSED(TCP_ROUTER "rule=HostSNI(`a.test`)\n", "only TLS says names");
    REFUSED(ANY TCP_ROUTER "tls=true\n", "lb ends TLS for HTTP alone");
    REFUSED(ANY TCP_ROUTER "tls.certresolver=x\n", "lb ends TLS for HTTP alone");
    REFUSED(ANY TCP_ROUTER "tls.passthrough=false\n", "lb ends TLS for HTTP alone");
    REFUSED(TCP_ROUTER "rule=HostSNIRegexp(`^a`)\n" PASS, "HostSNIRegexp is not supported");
    REFUSED(TCP_ROUTER "rule=ClientIP(`10.0.0.0/8`)\n" PASS, "ClientIP is not supported");
    REFUSED(TCP_ROUTER "rule=Host(`a`)\n" PASS, "of a connection HostSNI");
    REFUSED(TCP_ROUTER "rule=!HostSNI(`a.test`)\n" PASS, "more than lb has listeners for");
    REFUSED(TCP_ROUTER "rule=HostSNI(`a.test`) && HostSNI(`b.test`)\n" PASS, "more than lb has");
    REFUSED(TCP_ROUTER "rule=HostSNI(`1.2.3.4`)\n" PASS, "is no name that a TLS client asks for");
    REFUSED(ANY TCP_ROUTER "rulesyntax=v2\n", "only the syntax v3");
    REFUSED(ANY TCP_ROUTER "middlewares=m\n", "nothing is served without the middleware m");
    REFUSED(ANY TCP_ROUTER "middlewares=m\n"
                           "traefik.tcp.middlewares.m.ipallowlist.sourcerange=10.0.0.0/8\n",
            "nothing is served without the middleware m");
    REFUSED(ANY TCP_ROUTER "service=none\n", "defines its service none");
    REFUSED(ANY TCP_ROUTER "service=s@file\n", "not of Docker");
    REFUSED(ANY "traefik.tcp.services.t.loadbalancer.proxyprotocol=false\n", "names none of");
}

static void test_what_is_told_and_followed_all_the_same(void **state)
{
#define SERVED "s@docker:5432 tcp; tcp db > s@docker"
    (void)state;
    TELLS(ANY ON_DB TCP_ROUTER "priority=5\n" PORT, "", SERVED, "priority of the TCP router r");
    TELLS(ANY ON_DB TCP_SERVICE "loadbalancer.terminationdelay=100\n" PORT, "", SERVED,
          "loadbalancer.terminationdelay is not supported");
    TELLS(ANY ON_DB TCP_ROUTER
          "middlewares=m\ntraefik.tcp.middlewares.m.inflightconn.amount=5\n" PORT,
          "", SERVED, "inflightconn");
    TELLS(ANY ON_DB TCP_SERVICE "loadbalancer.server.tls=true\n" PORT, "80/tcp", "bad_label",
          "loadbalancer.server.tls is not supported");
    TELLS(ANY ON_DB TCP_SERVICE "weighted.services[0].name=x", "80/tcp", "bad_label", "weighted.");
    TELLS(ANY ON_DB TCP_SERVICE "loadbalancer.server.port=x", "80/tcp", "bad_label",
          "takes 1 to 65535");
    TELLS(TCP_ROUTER "rul=HostSNI(`*`)\n" ON_DB PORT, "80/tcp", "bad_label",
          "none of its labels for Traefik counts");
    TELLS("traefik.tcp.serverstransports.x.tls=1", "80/tcp", "image:80 http", "is not supported");
}

static void test_proxy_protocol(void **state)
{
    static const struct {
        const char *labels, *value;
    } cases[] = {{"", ""},
                 {"\n" TCP_SERVICE "loadbalancer.proxyprotocol=true", "v2"},
                 {"\n" TCP_SERVICE "loadbalancer.proxyprotocol=false", ""},
                 {"\n" TCP_SERVICE "loadbalancer.proxyprotocol.version=1", "v1"},
                 {"\n" TCP_SERVICE "loadbalancer.proxyprotocol.version=2", "v2"},
                 {"\n" TCP_SERVICE "loadbalancer.proxyprotocol.version=3", ""}};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char labels[400];
        struct statement said;
        snprintf(labels, sizeof(labels), ANY ON_DB PORT "%s", cases[i].labels);
        read_given(&(struct given){.labels = labels}, &said);
        struct claim_wish *wish = claims_find_wish(&said.claims, VIEW("s@docker"));
        assert_true(
            view_eq(wish->options.values[SERVICE_OPTION_PROXY_PROTOCOL], view_str(cases[i].value)));
        statement_fini(&said);
    }
}

/* Each of several containers serves, and one of them has the router. */
static void test_service_of_another_container(void **state)
{
    struct statement said;
    (void)state;
    read_given(&(struct given){.labels = ANY ON_DB TCP_ROUTER "service=other",
                               .older = {"traefik.tcp.services.other.loadbalancer.server.port=1"}},
               &said);
    assert_int_equal(said.claims.listener_count, 1);
    assert_true(view_eq(said.claims.listeners[0].rule.service, VIEW("other@docker")));
    statement_fini(&said);
    read_given(&(struct given){.labels = ANY ON_DB, .older = {ANY TCP_ROUTER "entrypoints=x"}},
               &said);
    assert_int_equal(said.claims.listener_count, 0);
    char *told = claims_take_remark(&said.claims);
    assert_non_null(strstr(told, "an older container defines it otherwise"));
    free(told);
    statement_fini(&said);
}

static void test_only_what_is_exposed(void **state)
{
    struct statement said;
    (void)state;
    read_given(&(struct given){.labels = ANY ON_DB PORT, .settings = {.requires_enable = true}},
               &said);
    assert_int_equal(said.claims.listener_count + said.claims.server_count, 0);
    assert_false(said.claims.asks_listener);
    statement_fini(&said);
    read_given(&(struct given){.labels = "traefik.enable=true\n" ANY ON_DB PORT
                                         "\ntraefik.docker.network=net2",
                               .settings = {.requires_enable = true}},
               &said);
    assert_int_equal(said.claims.listener_count, 1);
    assert_string_equal(said.options.network, "net2");
    statement_fini(&said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_router_from_a_named_listener),
        cmocka_unit_test(T56_no_http_beside_tcp_or_udp),
        cmocka_unit_test(test_names_of_servers),
        cmocka_unit_test(test_what_lb_does_not_have_is_refused),
        cmocka_unit_test(test_what_is_told_and_followed_all_the_same),
        cmocka_unit_test(test_proxy_protocol),
        cmocka_unit_test(test_service_of_another_container),
        cmocka_unit_test(test_only_what_is_exposed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
