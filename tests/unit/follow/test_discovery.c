/* lb-discovery as the configuration wants it: which program, for which source, and what of the
 * environment it is given. */
#include "lb/follow/discovery.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static struct helper_plan plan_of(const struct config *config)
{
    struct helper_plan plan;
    discovery_describe(config, &(struct discovery_places){0}, &plan);
    return plan;
}

static char *word(const char *text)
{
    return (char *)(uintptr_t)text;
}

static void assert_arguments(const struct helper_plan *plan, const char *want)
{
    struct text all = TEXT_INIT;
    text_append_str(&all, "");
    for (size_t i = 0; i < plan->arguments.count; i++)
        text_appendf(&all, "%s%s", i > 0 ? " " : "", plan->arguments.list[i]);
    assert_string_equal(text_str(&all), want);
    text_fini(&all);
}

static void test_program_and_sources(void **state)
{
    static const struct {
        unsigned sources;
        const char *program, *docker, *file, *consul;
        const char *want_program, *want_arguments;
    } rows[] = {
        /* beside this test there is none */
        {CONFIG_SOURCE_DOCKER, NULL, NULL, NULL, NULL, "lb-discovery", "--docker"},
        {CONFIG_SOURCE_DOCKER, "/x/own", NULL, NULL, NULL, "/x/own", "--docker"},
        {CONFIG_SOURCE_DOCKER, NULL, "tcp://a:1", NULL, NULL, "lb-discovery", "--docker=tcp://a:1"},
        {CONFIG_SOURCE_FILE, NULL, "tcp://a:1", "/a b", NULL, "lb-discovery", "--file=/a b"},
        {CONFIG_SOURCE_FILE | CONFIG_SOURCE_DOCKER, NULL, "tcp://a:1", "/f", NULL, "lb-discovery",
         "--file=/f --docker=tcp://a:1"},
        {CONFIG_SOURCE_CONSUL, NULL, NULL, NULL, "", "lb-discovery", "--consul"},
        {CONFIG_SOURCE_CONSUL | CONFIG_SOURCE_SWARM | CONFIG_SOURCE_FILE, NULL, NULL, "/f", "c:1",
         "lb-discovery", "--file=/f --swarm --consul=c:1"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct config config = {.sources = rows[i].sources,
                                .discovery_program = word(rows[i].program),
                                .docker_endpoint = word(rows[i].docker),
                                .file_path = word(rows[i].file),
                                .catalog.consul = word(rows[i].consul)};
        struct helper_plan plan = plan_of(&config);
        assert_string_equal(plan.program, rows[i].want_program);
        assert_arguments(&plan, rows[i].want_arguments);
        helper_plan_fini(&plan);
    }
}

static void test_what_it_is_told_of_consul(void **state)
{
    char *ports[] = {word("web=80"), word("db=5432")};
    struct config config = {.sources = CONFIG_SOURCE_CONSUL,
                            .catalog = {.ports = ports,
                                        .port_count = 2,
                                        .address_key = word("wan"),
                                        .node = word("n1"),
                                        .ttl_ms = 2000,
                                        .own_name = word("proxy")}};
    (void)state;
    struct helper_plan plan = plan_of(&config);
    assert_arguments(&plan, "--consul --consul-port=web=80 --consul-port=db=5432 "
                            "--consul-address=wan --consul-node=n1");
    helper_plan_fini(&plan);
    config.sources = CONFIG_SOURCE_DOCKER;
    config.catalog.registrar = word("");
    plan = plan_of(&config);
    assert_arguments(&plan, "--docker --register --register-name=proxy --register-ttl=3s "
                            "--deregister-after=off");
    helper_plan_fini(&plan);
    config.catalog = (struct config_catalog){.registrar = word("c:1"),
                                             .advertise = word("192.0.2.1"),
                                             .tags = word("a,b"),
                                             .own_name = word("none"),
                                             .host_name = word("h1"),
                                             .is_internal = 1,
                                             .is_explicit = 1,
                                             .cleans_up = 1,
                                             .only_on_success = 1,
                                             .ttl_ms = 30001,
                                             .deregister_after_ms = 600000};
    plan = plan_of(&config);
    assert_arguments(&plan, "--docker --register=c:1 --advertise=192.0.2.1 --register-tags=a,b "
                            "--register-name=none --host-name=h1 --register-internal "
                            "--register-explicit --register-cleanup --deregister=on-success "
                            "--register-ttl=31s --deregister-after=600s");
    helper_plan_fini(&plan);
}

static bool has(const struct helper_plan *plan, const char *entry)
{
    for (size_t i = 0; i < plan->environment.count; i++)
        if (strcmp(plan->environment.list[i], entry) == 0)
            return true;
    return false;
}

/* Not the token, nor whatever else lb was given. */
static void test_what_of_the_environment_it_gets(void **state)
{
    static const struct {
        const char *name;
        bool is_given;
    } rows[] = {
        {"DOCKER_HOST", false}, /* the master adds its secrets */
        {"LB_DISCOVERY_TIMEOUT", true},
        {"LC_ALL", true},
        {"https_proxy", true},
        {"NO_PROXY", true},
        {"SSL_CERT_FILE", true},
        {"LB_CONTAINER_ID", true},
        {"DEFAULT_HOST", true},
        {"NETWORK_ACCESS", true},
        {"CONSUL_HTTP_TOKEN", false},
        {"LB_ADMIN_TOKEN", false},
        {"LB_ADMIN", false},
        {"SECRET", false},
        {"XDOCKER_HOST", false},
        {"PATHS", false},
        {"AWS_SECRET_ACCESS_KEY", false},
    };
    struct config config = {.log_level = LOG_LEVEL_DEBUG, .log_format = LOG_FORMAT_JSON};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        setenv(rows[i].name, "value", 1);
    struct helper_plan plan = plan_of(&config);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char entry[80];
        snprintf(entry, sizeof(entry), "%s=value", rows[i].name);
        if (has(&plan, entry) != rows[i].is_given)
            fail_msg("%s", rows[i].name);
    }
    assert_true(has(&plan, "LB_DISCOVERY_PARENT=1"));
    assert_true(has(&plan, "GNUTLS_NO_IMPLICIT_INIT=1"));
    assert_true(has(&plan, "LB_LOG_LEVEL=debug"));
    assert_true(has(&plan, "LB_LOG_FORMAT=json"));
    helper_plan_fini(&plan);
}

/* Whatever the process was given before: the configuration says. */
static void test_it_knows_where_files_of_users_lie(void **state)
{
    struct config config = {.htpasswd_dir = word("/etc/users")};
    (void)state;
    struct helper_plan plan = plan_of(&config);
    assert_true(has(&plan, "LB_HTPASSWD_DIR=/etc/users"));
    helper_plan_fini(&plan);
    config.htpasswd_dir = NULL;
    plan = plan_of(&config);
    assert_false(has(&plan, "LB_HTPASSWD_DIR=/etc/users"));
    helper_plan_fini(&plan);
}

/* The services that lb leads to by itself, and where it is. */
static void test_what_it_is_told_of_lb(void **state)
{
    char *services[] = {word("db"), word("web")};
    struct config_listener tcp[] = {{.rule.service = VIEW("mail")}, {.rule.service = VIEW("web")}};
    struct config config = {.sources = CONFIG_SOURCE_CONSUL | CONFIG_SOURCE_DOCKER,
                            .tcp = tcp,
                            .tcp_count = 2,
                            .catalog = {.services = services, .service_count = 2}};
    struct address listen, admin;
    (void)state;
    assert_true(address_parse(VIEW("0.0.0.0:8080"), &listen));
    assert_true(address_parse(VIEW("0.0.0.0:8001"), &admin));
    struct discovery_places places = {.listen = &listen, .admin = &admin, .service = "shop"};
    struct helper_plan plan;
    discovery_describe(&config, &places, &plan);
    assert_true(has(&plan, "LB_CONSUL_SERVICES=db,web,shop,mail"));
    assert_true(has(&plan, "LB_DISCOVERY_LISTEN=0.0.0.0:8080"));
    assert_true(has(&plan, "LB_DISCOVERY_READY=http://127.0.0.1:8001/readyz"));
    helper_plan_fini(&plan);
    assert_true(address_parse(VIEW("[fd00::1]:8001"), &admin));
    config.sources = CONFIG_SOURCE_DOCKER;
    discovery_describe(&config, &places, &plan);
    assert_true(has(&plan, "LB_DISCOVERY_READY=http://[fd00::1]:8001/readyz"));
    assert_false(has(&plan, "LB_CONSUL_SERVICES=db,web,shop,mail"));
    helper_plan_fini(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_program_and_sources),
        cmocka_unit_test(test_what_it_is_told_of_consul),
        cmocka_unit_test(test_what_it_is_told_of_lb),
        cmocka_unit_test(test_what_of_the_environment_it_gets),
        cmocka_unit_test(test_it_knows_where_files_of_users_lie),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
