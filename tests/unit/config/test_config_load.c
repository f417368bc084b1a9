/* Flags, environment and file together: which wins, and what they give. */
#include "tests/unit/config/load_case.h"

static void test_defaults(void **state)
{
    struct output out = load((struct input){.args = ""});
    const struct config *config = &out.config;
    (void)state;
    assert_true(out.is_good);
    assert_int_equal(out.action, CONFIG_RUN);
    assert_int_equal(config->listen_count, 1);
    check_address(&config->listens[0], "0.0.0.0:8000");
    check_address(&config->admin, "127.0.0.1:8001");
    assert_true(config->admin_enabled);
    assert_int_equal(config->worker_count, 0);
    assert_int_equal(config->sources, CONFIG_SOURCE_DOCKER);
    assert_int_equal(config->backend_count, 0);
    assert_null(config->docker_endpoint);
    assert_null(config->file_path);
    assert_null(config->service);
    assert_null(config->discovery_program);
    assert_null(config->config_path);
    assert_int_equal(config->log_level, LOG_LEVEL_INFO);
    assert_int_equal(config->log_format, LOG_FORMAT_AUTO);
    assert_int_equal(config->head_timeout_ms, 10000);
    assert_int_equal(config->idle_timeout_ms, 75000);
    assert_int_equal(config->policy.connect_timeout_ms, 300);
    assert_int_equal(config->policy.response_timeout_ms, 60000);
    assert_int_equal(config->policy.body_timeout_ms, 30000);
    assert_int_equal(config->policy.upstream_idle_timeout_ms, 60000);
    assert_int_equal(config->shutdown_grace_ms, 7000);
    assert_int_equal(config->max_head_bytes, 16384);
    assert_int_equal(config->max_header_count, 100);
    assert_int_equal(config->max_body_bytes, 0);
    assert_int_equal(config->max_connection_count, 0);
    output_fini(&out);
}

/* What an image says besides is forgotten by whoever says where to listen, wherever that is said; but
 * not by who says both, as --print-config does. */
static void test_listen_also_counts_unless_listen_is_given_without_it(void **state)
{
    static const char listen[] = "{\"listen\": 9000}";
    static const char both[] = "{\"listen\": 9000, \"listen-also\": 81}";
    static const struct {
        struct input input;
        const char *also; /* NULL: none */
    } rows[] = {
        {{.args = "--listen-also 80"}, "0.0.0.0:80"},
        {{.args = "--listen-also 80 --listen 9000"}, "0.0.0.0:80"},
        {{.args = "--listen 9000", .env = "LB_LISTEN_ALSO=80"}, NULL},
        {{.args = "--config @", .env = "LB_LISTEN_ALSO=80", .file = listen}, NULL},
        {{.args = "--config @", .file = both}, "0.0.0.0:81"},
        {{.args = "--config @", .env = "LB_LISTEN_ALSO=80", .file = both}, "0.0.0.0:80"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct output out = load(rows[i].input);
        assert_string_equal(text_str(&out.problem), "");
        assert_int_equal(out.config.also_count, rows[i].also != NULL);
        if (rows[i].also)
            check_address(&out.config.also[0], rows[i].also);
        output_fini(&out);
    }
}

/* The image's directory of certificates counts where it is there, and its port of TLS where there is something to show. */
static void test_certificates_also_count_where_they_are_there(void **state)
{
    static const struct {
        struct input input;
        unsigned directory_count, tls_count;
    } rows[] = {
        {{.args = "--listen-tls-also 8443"}, 0, 0},
        {{.args = "", .env = "LB_LISTEN_TLS_ALSO=8443 LB_CERTIFICATES_ALSO=/nowhere/certificates"},
         0,
         0},
        {{.args = "", .env = "LB_LISTEN_TLS_ALSO=8443 LB_CERTIFICATES_ALSO=/etc/passwd"}, 0, 0},
        {{.args = "", .env = "LB_LISTEN_TLS_ALSO=8443 LB_CERTIFICATES_ALSO=/tmp"}, 1, 1},
        {{.args = "--certificates /usr",
          .env = "LB_LISTEN_TLS_ALSO=8443 LB_CERTIFICATES_ALSO=/tmp"},
         1,
         1},
        {{.args = "--certificates /usr --certificates-also /tmp"}, 2, 0},
        {{.args = "--certificates /tmp --certificates-also /tmp"}, 1, 0},
        {{.args = "--listen-tls 9443", .env = "LB_LISTEN_TLS_ALSO=8443 LB_CERTIFICATES_ALSO=/tmp"},
         1,
         0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct output out = load(rows[i].input);
        assert_string_equal(text_str(&out.problem), "");
        assert_int_equal(out.config.certificate_dir_count, rows[i].directory_count);
        assert_int_equal(out.config.tls.also_count, rows[i].tls_count);
        output_fini(&out);
    }
}

/* Each flag reaches its own field, in both forms. */
static void test_flags(void **state)
{
    struct output out = load((struct input){
        .args = "--listen 80 --listen=[::]:81 --admin off --workers=3 --backend a:1 --backend b:2 "
                "--service shop --discovery=/opt/x --log-level debug --log-format=json"});
    const struct config *config = &out.config;
    (void)state;
    assert_string_equal(text_str(&out.problem), "");
    assert_int_equal(config->listen_count, 2);
    check_address(&config->listens[0], "0.0.0.0:80");
    check_address(&config->listens[1], "[::]:81");
    assert_false(config->admin_enabled);
    assert_int_equal(config->worker_count, 3);
    assert_int_equal(config->sources, CONFIG_SOURCE_STATIC);
    assert_int_equal(config->backend_count, 2);
    assert_string_equal(config->backends[0].host, "a");
    assert_int_equal(config->backends[1].port, 2);
    assert_string_equal(config->service, "shop");
    assert_string_equal(config->discovery_program, "/opt/x");
    assert_int_equal(config->log_level, LOG_LEVEL_DEBUG);
    assert_int_equal(config->log_format, LOG_FORMAT_JSON);
    output_fini(&out);
    out = load((struct input){
        .args = "--head-timeout 1s --idle-timeout 2s --connect-timeout 3s --response-timeout 4s "
                "--body-timeout 5s --upstream-idle-timeout 6s --shutdown-grace 7s"});
    assert_string_equal(text_str(&out.problem), "");
    assert_int_equal(config->head_timeout_ms, 1000);
    assert_int_equal(config->idle_timeout_ms, 2000);
    assert_int_equal(config->policy.connect_timeout_ms, 3000);
    assert_int_equal(config->policy.response_timeout_ms, 4000);
    assert_int_equal(config->policy.body_timeout_ms, 5000);
    assert_int_equal(config->policy.upstream_idle_timeout_ms, 6000);
    assert_int_equal(config->shutdown_grace_ms, 7000);
    output_fini(&out);
    out = load((struct input){
        .args = "--max-head 8k --max-headers 50 --max-body 3g --max-connections 12 --file s.json"});
    assert_string_equal(text_str(&out.problem), "");
    assert_int_equal(config->max_head_bytes, 8192);
    assert_int_equal(config->max_header_count, 50);
    assert_int_equal(config->max_body_bytes, UINT64_C(3) << 30);
    assert_int_equal(config->max_connection_count, 12);
    assert_int_equal(config->sources, CONFIG_SOURCE_FILE);
    assert_string_equal(config->file_path, "s.json");
    output_fini(&out);
}

static void test_layers(void **state)
{
    static const struct {
        struct input input;
        unsigned worker_count;
    } rows[] = {
        {{"", "", NULL}, 0},
        {{"--config @", "", "{\"workers\":1}"}, 1},
        {{"--config=@", "LB_WORKERS=2", "{\"workers\":1}"}, 2},
        {{"--config @ --workers 3", "LB_WORKERS=2", "{\"workers\":1}"}, 3},
        {{"--workers 3 --workers 4", "LB_WORKERS=2", NULL}, 4}, /* the last of two flags */
        {{"", "LB_CONFIG=@", "{\"workers\":1}"}, 1},
        {{"--config @", "LB_CONFIG=/nonexistent", "{\"workers\":1}"}, 1},
        {{"--config /nonexistent --config @", "", "{\"workers\":1}"}, 1},
        {{"", "LB_WORKERS=", NULL}, 0}, /* empty counts as not set */
        {{"", "LB_WORKER=7 XLB_WORKERS=8 LB_WORKERS_=9 LB_PORT=tcp://1.2.3.4:80", NULL}, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct output out = load(rows[i].input);
        assert_string_equal(text_str(&out.problem), "");
        assert_true(out.is_good);
        assert_int_equal(out.config.worker_count, rows[i].worker_count);
        output_fini(&out);
    }
}

static void test_lists_are_replaced(void **state)
{
    struct output out = load((struct input){"--config @ --listen 4", "LB_LISTEN=2,3",
                                            "{\"listen\":[\"1\"],\"backend\":[\"a:1\"]}"});
    (void)state;
    assert_string_equal(text_str(&out.problem), "");
    assert_int_equal(out.config.listen_count, 1);
    check_address(&out.config.listens[0], "0.0.0.0:4");
    assert_int_equal(out.config.backend_count, 1);
    assert_string_equal(out.config.config_path, file_path);
    output_fini(&out);
    out = load((struct input){"", "LB_LISTEN=2,[::]:3 LB_BACKEND=a:1,b:2", NULL});
    assert_int_equal(out.config.listen_count, 2);
    check_address(&out.config.listens[1], "[::]:3");
    assert_int_equal(out.config.backend_count, 2);
    output_fini(&out);
}

static void test_sources(void **state)
{
    static const struct {
        struct input input;
        unsigned source;
        const char *value; /* endpoint, path or first backend */
    } rows[] = {
        {{"--docker", "", NULL}, CONFIG_SOURCE_DOCKER, NULL},
        {{"--docker=tcp://h:1", "", NULL}, CONFIG_SOURCE_DOCKER, "tcp://h:1"},
        {{"--docker=tcp://h:1 --docker", "", NULL}, CONFIG_SOURCE_DOCKER, NULL},
        {{"", "LB_DOCKER=true", NULL}, CONFIG_SOURCE_DOCKER, NULL},
        {{"", "LB_DOCKER=tcp://h:1", NULL}, CONFIG_SOURCE_DOCKER, "tcp://h:1"},
        {{"", "LB_FILE=f", NULL}, CONFIG_SOURCE_FILE, "f"},
        {{"--consul", "LB_FILE=f", NULL}, CONFIG_SOURCE_CONSUL, ""},
        {{"--consul=unix:///c.sock", "", NULL}, CONFIG_SOURCE_CONSUL, "unix:///c.sock"},
        {{"", "LB_CONSUL=true", NULL}, CONFIG_SOURCE_CONSUL, ""},
        {{"--config @", "", "{\"consul\":\"consul://h:8500\"}"},
         CONFIG_SOURCE_CONSUL,
         "consul://h:8500"},
        {{"--swarm", "", NULL}, CONFIG_SOURCE_SWARM, NULL},
        {{"--swarm=tcp://h:1", "LB_CONSUL=c:1", NULL}, CONFIG_SOURCE_SWARM, "tcp://h:1"},
        {{"--file f", "LB_BACKEND=a:1", NULL}, CONFIG_SOURCE_FILE, "f"},
        {{"--docker", "LB_FILE=f", NULL}, CONFIG_SOURCE_DOCKER, NULL},
        {{"--docker", "LB_DOCKER=tcp://h:1", NULL}, CONFIG_SOURCE_DOCKER, NULL},
        {{"--config @", "LB_FILE=f", "{\"docker\":\"tcp://h:1\"}"}, CONFIG_SOURCE_FILE, "f"},
        {{"--config @ --backend a:1", "LB_FILE=f", "{\"docker\":true}"}, CONFIG_SOURCE_STATIC, "a"},
        {{"--config @", "LB_BACKEND=a:1", "{\"backend\":[\"x:1\",\"y:2\"]}"},
         CONFIG_SOURCE_STATIC,
         "a"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct output out = load(rows[i].input);
        const struct config *config = &out.config;
        assert_string_equal(text_str(&out.problem), "");
        assert_int_equal(config->sources, rows[i].source);
        const struct {
            unsigned source;
            const char *value;
        } values[] = {
            {CONFIG_SOURCE_DOCKER, config->docker_endpoint},
            {CONFIG_SOURCE_FILE, config->file_path},
            {CONFIG_SOURCE_SWARM, config->swarm_endpoint},
            {CONFIG_SOURCE_CONSUL, config->catalog.consul},
            {CONFIG_SOURCE_STATIC, config->backend_count ? config->backends[0].host : NULL}};
        for (size_t k = 0; k < COUNT(values); k++) {
            if (values[k].source == rows[i].source && rows[i].value)
                assert_string_equal(values[k].value, rows[i].value);
            else
                assert_null(values[k].value);
        }
        assert_int_equal(config->backend_count, rows[i].source == CONFIG_SOURCE_STATIC);
        output_fini(&out);
    }
}

/* In one place; one that is named in a higher place takes the place of all. */
static void test_sources_beside_each_other(void **state)
{
    static const struct {
        struct input input;
        unsigned source;
        const char *engine, *file;
    } rows[] = {
        {{"--docker --file f", "", NULL}, CONFIG_SOURCE_FILE | CONFIG_SOURCE_DOCKER, NULL, "f"},
        {{"--file f --docker=tcp://h:1", "", NULL},
         CONFIG_SOURCE_FILE | CONFIG_SOURCE_DOCKER,
         "tcp://h:1",
         "f"},
        {{"--file f --docker --file g", "", NULL},
         CONFIG_SOURCE_FILE | CONFIG_SOURCE_DOCKER,
         NULL,
         "g"},
        {{"", "LB_DOCKER=tcp://h:1 LB_FILE=f", NULL},
         CONFIG_SOURCE_FILE | CONFIG_SOURCE_DOCKER,
         "tcp://h:1",
         "f"},
        {{"--config @", "", "{\"docker\":true,\"file\":\"f\"}"},
         CONFIG_SOURCE_FILE | CONFIG_SOURCE_DOCKER,
         NULL,
         "f"},
        {{"--file g", "LB_DOCKER=tcp://h:1 LB_FILE=f", NULL}, CONFIG_SOURCE_FILE, NULL, "g"},
        {{"--docker", "LB_DOCKER=tcp://h:1 LB_FILE=f", NULL}, CONFIG_SOURCE_DOCKER, NULL, NULL},
        {{"--consul --file f --swarm --docker=tcp://h:1", "", NULL},
         CONFIG_SOURCE_FILE | CONFIG_SOURCE_SWARM | CONFIG_SOURCE_DOCKER | CONFIG_SOURCE_CONSUL,
         "tcp://h:1",
         "f"},
        {{"--consul", "LB_DOCKER=tcp://h:1 LB_FILE=f", NULL}, CONFIG_SOURCE_CONSUL, NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct output out = load(rows[i].input);
        assert_string_equal(text_str(&out.problem), "");
        assert_int_equal(out.config.sources, rows[i].source);
        assert_string_equal(out.config.docker_endpoint ? out.config.docker_endpoint : "",
                            rows[i].engine ? rows[i].engine : "");
        assert_string_equal(out.config.file_path ? out.config.file_path : "",
                            rows[i].file ? rows[i].file : "");
        output_fini(&out);
    }
}

static void test_what_is_registered(void **state)
{
    (void)state;
    struct output out = load((struct input){"", "", NULL});
    assert_null(out.config.catalog.registrar);
    assert_string_equal(out.config.catalog.own_name, "proxy");
    assert_int_equal(out.config.catalog.deregister_after_ms, 600000);
    output_fini(&out);
    out = load((struct input){"--register --advertise 192.0.2.1 --register-internal "
                              "--deregister-after never --register-ttl 30s --host-name h "
                              "--register-tags a,b --deregister on-success --register-cleanup",
                              "LB_REGISTER_EXPLICIT=on LB_REGISTER_NAME=none", NULL});
    const struct config_catalog *catalog = &out.config.catalog;
    assert_string_equal(text_str(&out.problem), "");
    assert_string_equal(catalog->registrar, "");
    assert_string_equal(catalog->advertise, "192.0.2.1");
    assert_true(catalog->is_internal && catalog->is_explicit && catalog->cleans_up &&
                catalog->only_on_success);
    assert_int_equal(catalog->deregister_after_ms, 0);
    assert_int_equal(catalog->ttl_ms, 30000);
    assert_string_equal(catalog->own_name, "none");
    assert_string_equal(catalog->tags, "a,b");
    assert_string_equal(catalog->host_name, "h");
    assert_int_equal(out.config.sources, CONFIG_SOURCE_DOCKER);
    output_fini(&out);
}

static void test_what_of_the_catalog_counts(void **state)
{
    (void)state;
    struct output out = load((struct input){"--consul --consul-port web=80,db=5432 --consul-node n",
                                            "LB_CONSUL_SERVICE=a,b,a LB_CONSUL_ADDRESS=wan", NULL});
    const struct config_catalog *catalog = &out.config.catalog;
    assert_string_equal(text_str(&out.problem), "");
    assert_int_equal(catalog->port_count, 2);
    assert_string_equal(catalog->ports[1], "db=5432");
    assert_int_equal(catalog->service_count, 3);
    assert_string_equal(catalog->services[1], "b");
    assert_string_equal(catalog->address_key, "wan");
    assert_string_equal(catalog->node, "n");
    output_fini(&out);
}

static void test_actions(void **state)
{
    static const struct {
        const char *args;
        enum config_action action;
    } rows[] = {
        {"", CONFIG_RUN},
        {"--check", CONFIG_CHECK},
        {"--check --check", CONFIG_CHECK},
        {"--print-config --workers 2", CONFIG_PRINT},
        {"--version", CONFIG_VERSION},
        {"--help", CONFIG_HELP},
        {"-h", CONFIG_HELP},
        {"--check --help", CONFIG_HELP},
        {"--workers bogus --help", CONFIG_HELP}, /* help comes whatever else is wrong */
        {"--config /nonexistent --version --bogus", CONFIG_VERSION},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct output out = load((struct input){.args = rows[i].args, .env = "LB_WORKERS=1"});
        assert_string_equal(text_str(&out.problem), "");
        assert_int_equal(out.action, rows[i].action);
        assert_null(out.config.service);
        output_fini(&out);
    }
}

/* Given itself, by a variable, or in a file with a newline at its end. */
static void test_token(void **state)
{
    static const struct input rows[] = {
        {"--admin 0.0.0.0:1 --admin-token 0123456789abcdef", "", NULL},
        {"--admin 0.0.0.0:1", "LB_ADMIN_TOKEN=0123456789abcdef", NULL},
        {"--admin 0.0.0.0:1 --admin-token-file=@", "", "0123456789abcdef \r\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct output out = load(rows[i]);
        assert_string_equal(text_str(&out.problem), "");
        assert_string_equal(out.config.admin_secret, "0123456789abcdef");
        output_fini(&out);
    }
}

static void test_dsn(void **state)
{
    static const struct input rows[] = {
        {"--sentry-dsn https://a1@b.test:8443/x/7", "", NULL},
        {"", "LB_SENTRY_DSN=https://a1@b.test:8443/x/7", NULL},
        {"--sentry-dsn-file=@", "", "https://a1@b.test:8443/x/7\n"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct output out = load(rows[i]);
        assert_string_equal(text_str(&out.problem), "");
        assert_string_equal(out.config.report.dsn_secret, "https://a1@b.test:8443/x/7");
        assert_string_equal(out.config.report.environment, "production");
        assert_false(out.config.report.sends_queries);
        output_fini(&out);
    }
}

static void test_gelf(void **state)
{
    static const char *const urls[] = {"udp://logs", "tcp://10.0.0.1:1", "udp://[::1]:65535"};
    (void)state;
    for (size_t i = 0; i < COUNT(urls); i++) {
        char args[80];
        snprintf(args, sizeof(args), "--gelf %s --gelf-compress none", urls[i]);
        struct output out = load((struct input){.args = args});
        assert_string_equal(text_str(&out.problem), "");
        assert_string_equal(out.config.report.gelf, urls[i]);
        assert_int_equal(out.config.report.compress, CONFIG_COMPRESS_NONE);
        assert_null(out.config.report.gelf_host);
        assert_null(out.config.report.dsn_secret);
        output_fini(&out);
    }
}

/* Who only asks may name an lb anywhere. */
static void test_words(void **state)
{
    struct output out =
        load((struct input){.args = "--admin 10.0.0.2:1 ctl weight app1 --log-level warn 5"});
    (void)state;
    assert_string_equal(text_str(&out.problem), "");
    assert_int_equal(out.action, CONFIG_CTL);
    assert_int_equal(out.config.words.count, 3);
    assert_int_equal(out.config.log_level, LOG_LEVEL_WARN);
    output_fini(&out);
    out = load((struct input){.args = "explain"});
    assert_int_equal(out.action, CONFIG_EXPLAIN);
    assert_int_equal(out.config.words.count, 0);
    output_fini(&out);
}

/* Port 0 is another port each time. */
static void test_any_port(void **state)
{
    struct output out = load((struct input){
        .args = "--listen 0 --listen 0 --listen [::]:0 --admin 0.0.0.0:0 --admin-open"});
    (void)state;
    assert_string_equal(text_str(&out.problem), "");
    assert_int_equal(out.config.listen_count, 3);
    check_address(&out.config.admin, "0.0.0.0:0");
    output_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_flags),
        cmocka_unit_test(test_layers),
        cmocka_unit_test(test_lists_are_replaced),
        cmocka_unit_test(test_sources),
        cmocka_unit_test(test_sources_beside_each_other),
        cmocka_unit_test(test_what_is_registered),
        cmocka_unit_test(test_what_of_the_catalog_counts),
        cmocka_unit_test(test_actions),
        cmocka_unit_test(test_token),
        cmocka_unit_test(test_dsn),
        cmocka_unit_test(test_gelf),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_any_port),
        cmocka_unit_test(test_certificates_also_count_where_they_are_there),
        cmocka_unit_test(test_listen_also_counts_unless_listen_is_given_without_it),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
