/* Flags, environment and file together: which wins, what excludes what, what a refusal says. */
#include "lb/config/config_load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define WORDS_MAX    24

struct input {
    const char *args; /* split at blanks */
    const char *env;  /* split at blanks */
    const char *file; /* JSON; NULL: no file, else "@" in args or env stands for its path */
};

struct output {
    bool is_good;
    struct config config;
    enum config_action action;
    struct text problem; /* the path of the file is written as "@" */
};

static char file_path[] = "/tmp/test_config_load.XXXXXX";

/* Splits at blanks, "@" at the end of a word becomes the path of the file. Gives the words. */
static void split(const char *text, char *words[WORDS_MAX + 1], int count)
{
    struct view rest = view_str(text);
    while (rest.len > 0) {
        struct view word = view_cut(&rest, ' ');
        struct text whole = TEXT_INIT;
        bool is_path = word.len > 0 && word.ptr[word.len - 1] == '@';
        text_append(&whole, view_of(word.ptr, word.len - is_path));
        text_append_str(&whole, is_path ? file_path : "");
        assert_true(count < WORDS_MAX);
        words[count++] = whole.bytes;
    }
    words[count] = NULL;
}

static void free_words(char **words)
{
    for (; *words; words++)
        free(*words);
}

/* Lines and columns, which test_config_file looks at. */
static void forget_places(struct text *text)
{
    struct text out = TEXT_INIT;
    unsigned line, column;
    int used;
    for (const char *at = text_str(text); *at; at++) {
        if (sscanf(at, "line %u, column %u: %n", &line, &column, &used) == 2 &&
            !strstr(at, "give one JSON object"))
            at += used;
        text_append_char(&out, *at);
    }
    text_fini(text);
    *text = out;
}

static void replace_path(struct text *text)
{
    struct text changed = TEXT_INIT;
    const char *at = text_str(text), *found;
    for (; (found = strstr(at, file_path)); at = found + strlen(file_path)) {
        text_append(&changed, view_of(at, (size_t)(found - at)));
        text_append_char(&changed, '@');
    }
    text_append_str(&changed, at);
    text_fini(text);
    *text = changed;
}

static struct output load(struct input input)
{
    struct output out = {.action = CONFIG_RUN};
    char *args[WORDS_MAX + 1] = {NULL}, *env[WORDS_MAX + 1] = {NULL};
    char program[] = "lb";
    if (input.file) {
        FILE *file = fopen(file_path, "w");
        assert_non_null(file);
        fputs(input.file, file);
        fclose(file);
    }
    args[0] = program;
    split(input.args, args, 1);
    split(input.env, env, 0);
    int argc = 0;
    while (args[argc])
        argc++;
    out.is_good = config_load(argc, args, env, &out.config, &out.action, &out.problem);
    replace_path(&out.problem);
    forget_places(&out.problem);
    free_words(args + 1);
    free_words(env);
    return out;
}

static void output_fini(struct output *out)
{
    config_fini(&out->config);
    text_fini(&out->problem);
}

static void check_address(const struct address *address, const char *expected)
{
    char text[ADDRESS_TEXT_BYTES];
    assert_string_equal(address_format(address, text), expected);
}

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
    assert_int_equal(config->source, CONFIG_SOURCE_DOCKER);
    assert_int_equal(config->backend_count, 0);
    assert_null(config->docker_endpoint);
    assert_null(config->file_path);
    assert_string_equal(config->service, "appserver");
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
    assert_int_equal(config->source, CONFIG_SOURCE_STATIC);
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
    assert_int_equal(config->source, CONFIG_SOURCE_FILE);
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
        enum config_source source;
        const char *value; /* endpoint, path or first backend */
    } rows[] = {
        {{"--docker", "", NULL}, CONFIG_SOURCE_DOCKER, NULL},
        {{"--docker=tcp://h:1", "", NULL}, CONFIG_SOURCE_DOCKER, "tcp://h:1"},
        {{"--docker=tcp://h:1 --docker", "", NULL}, CONFIG_SOURCE_DOCKER, NULL},
        {{"", "LB_DOCKER=true", NULL}, CONFIG_SOURCE_DOCKER, NULL},
        {{"", "LB_DOCKER=tcp://h:1", NULL}, CONFIG_SOURCE_DOCKER, "tcp://h:1"},
        {{"", "LB_FILE=f", NULL}, CONFIG_SOURCE_FILE, "f"},
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
        assert_int_equal(config->source, rows[i].source);
        const char *values[] = {config->docker_endpoint, config->file_path,
                                config->backend_count ? config->backends[0].host : NULL};
        for (size_t k = 0; k < COUNT(values); k++) {
            if (k == rows[i].source && rows[i].value)
                assert_string_equal(values[k], rows[i].value);
            else
                assert_null(values[k]);
        }
        assert_int_equal(config->backend_count, rows[i].source == CONFIG_SOURCE_STATIC);
        output_fini(&out);
    }
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
        assert_string_equal(out.config.service, "appserver");
        output_fini(&out);
    }
}

#define LISTEN_HELP "give IP:PORT, for example 0.0.0.0:8000"
#define ONE_SOURCE  "; name one source of backends: docker, file or backend"

#define TOKEN_WANTED "give 16 to 256 letters, digits or any of -._~+/="

static void test_problems(void **state)
{
    static const struct {
        struct input input;
        const char *problem;
    } rows[] = {
        {{"--listen 0.0.0.0:99999", "", NULL},
         "--listen: \"0.0.0.0:99999\" has a port above 65535; " LISTEN_HELP},
        {{"", "LB_LISTEN=80,x:1", NULL},
         "LB_LISTEN: \"x:1\" has a host that is no IP address; " LISTEN_HELP},
        {{"", "LB_LISTEN=80,", NULL}, "LB_LISTEN: \"\" is empty; " LISTEN_HELP},
        {{"--config @", "", "{\"listen\":[\"80\",\"x\"]}"},
         "@: listen[1]: \"x\" has no port; " LISTEN_HELP},
        {{"--config @ --listen 80", "", "{\"listen\":[\"x\"]}"}, /* also below a good flag */
         "@: listen[0]: \"x\" has no port; " LISTEN_HELP},
        {{"--config @", "", "{\"head-timeout\":10}"},
         "@: head-timeout: \"10\" has no unit; add a unit, for example 10s"},
        {{"--config @", "", "{\"wokers\":1}"},
         "@: \"wokers\" is not known; the nearest known word is \"workers\"; see lb --help"},
        {{"--lisen 80", "", NULL},
         "\"--lisen\": unknown flag; the nearest known one is --listen; see lb --help"},
        {{"--lisen=80", "", NULL},
         "\"--lisen\": unknown flag; the nearest known one is --listen; see lb --help"},
        {{"--=80", "", NULL}, "\"--\": unknown flag; see lb --help"},
        {{"--foo", "", NULL}, "\"--foo\": unknown flag; see lb --help"},
        {{"--colour=red", "", NULL}, "\"--colour\": unknown flag; see lb --help"},
        {{"--x", "", NULL}, "\"--x\": unknown flag; see lb --help"},
        {{"--config @", "", "{\"listen\":65536}"},
         "@: listen: \"65536\" has a port above 65535; " LISTEN_HELP},
        {{"--config @", "", "{\"check-port\":0}"},
         "@: check-port: \"0\" cannot be used; give a port from 1 to 65535"},
        {{"80", "", NULL}, "\"80\": is no flag, and lb takes nothing else; see lb --help"},
        {{"--", "", NULL}, "\"--\": is no flag, and lb takes nothing else; see lb --help"},
        {{"-x", "", NULL}, "\"-x\": is no flag, and lb takes nothing else; see lb --help"},
        {{"--docker unix:///x", "", NULL},
         "--docker: takes its value after '=', as in --docker=unix:///var/run/docker.sock"},
        {{"--workers", "", NULL}, "--workers: has no value; give a number from 0 to 1024"},
        {{"--workers --check", "", NULL}, "--workers: has no value; give a number from 0 to 1024"},
        {{"--service=", "", NULL},
         "--service: \"\" is empty; give letters, digits, '.', '_' or "
         "'-', for example appserver"},
        {{"--check=yes", "", NULL}, "--check: takes no value; give the flag alone"},
        {{"--check --print-config", "", NULL},
         "--check: cannot be used together with --print-config, which checks too; "
         "give one of them"},
        {{"--file f --backend a:1", "", NULL},
         "--backend: cannot be used together with --file" ONE_SOURCE},
        {{"--docker --file f", "", NULL},
         "--file: cannot be used together with --docker" ONE_SOURCE},
        {{"", "LB_DOCKER=true LB_FILE=f", NULL},
         "LB_FILE: cannot be used together with LB_DOCKER" ONE_SOURCE},
        {{"--config @", "", "{\"backend\":[\"a:1\"],\"docker\":true}"},
         "@: docker: cannot be used together with @: backend[0]" ONE_SOURCE},
        {{"", "LB_DOCKER=1", NULL},
         "LB_DOCKER: \"1\" is no address of a Docker engine; give unix:///PATH, "
         "tcp://HOST:PORT or http://HOST:PORT, for example unix:///var/run/docker.sock"},
        {{"--backend a:1 --backend A:1", "", NULL},
         "--backend: \"A:1\" is given twice; give each address once"},
        {{"--listen 80 --listen 0.0.0.0:80", "", NULL},
         "--listen: \"0.0.0.0:80\" is given twice; give each address once"},
        {{"--admin 0.0.0.0:8000", "", NULL},
         "--admin: \"0.0.0.0:8000\" is also an address of --listen; give it another port\n"
         "--admin: \"0.0.0.0:8000\" can be reached from other machines; name a token with "
         "--admin-token-file FILE, or say --admin-open if something else protects it"},
        {{"--admin none", "", NULL},
         "--admin: \"none\" has no port; give IP:PORT, for example 127.0.0.1:8001, or off"},
        {{"--admin 0.0.0.0:1", "", NULL},
         "--admin: \"0.0.0.0:1\" can be reached from other machines; name a token with "
         "--admin-token-file FILE, or say --admin-open if something else protects it"},
        {{"--admin [::]:1 --check --admin-open off", "", NULL},
         "--admin: \"[::]:1\" can be reached from other machines; name a token with "
         "--admin-token-file FILE, or say --admin-open if something else protects it"},
        {{"--admin-token 0123456789abcde", "", NULL},
         "--admin-token: \"the token\" is shorter than 16 characters; " TOKEN_WANTED},
        {{"", "LB_ADMIN_TOKEN=0123456789abcdef(", NULL},
         "LB_ADMIN_TOKEN: \"the token\" has a character that is not allowed; " TOKEN_WANTED},
        {{"--admin-token 0123456789abcdef --admin-token-file f", "", NULL},
         "--admin-token: cannot be used together with --admin-token-file; give one of them"},
        {{"--admin-token-file /nonexistent", "", NULL},
         "--admin-token-file: \"/nonexistent\": No such file or directory; give a file with a "
         "token and nothing else, for example from \"openssl rand -hex 32\""},
        {{"--admin-token-file=@", "", "short\n"},
         "--admin-token-file: \"@\": \"the token\" is shorter than 16 characters; " TOKEN_WANTED
         "; give a file with a token and nothing else, for example from "
         "\"openssl rand -hex 32\""},
        {{"drain", "", NULL},
         "\"drain\": is no flag, and lb takes nothing else; "
         "did you mean lb ctl drain? see lb --help"},
        {{"explian", "", NULL},
         "\"explian\": is no flag, and lb takes nothing else; "
         "did you mean lb explain? see lb --help"},
        {{"workers", "", NULL},
         "\"workers\": is no flag, and lb takes nothing else; "
         "did you mean --workers? see lb --help"},
        {{"--lisen 80 --workers x --max-head=1 ctl", "LB_SERVICE=(", "{}"},
         "\"--lisen\": unknown flag; the nearest known one is --listen; see lb --help\n"
         "LB_SERVICE: \"(\" has a character that is not allowed; give letters, digits, '.', '_' or "
         "'-', for example appserver\n"
         "--workers: \"x\" is no whole number; give a number from 0 to 1024\n"
         "--max-head: \"1\" is too small; give a size from 1k to 64k, for example 16k"},
        {{"ctl a b c d e", "", NULL},
         "\"e\": is no flag, and lb takes nothing else; see lb --help"},
        {{"explain -x", "", NULL}, "\"-x\": is no flag, and lb takes nothing else; see lb --help"},
        {{"--config=", "", NULL},
         "--config: \"\": No such file or directory; "
         "give a JSON file of at most 1 MiB that lb may read\n"
         "--config: \"\" is empty; give a path"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct output out = load(rows[i].input);
        assert_string_equal(text_str(&out.problem), rows[i].problem);
        assert_false(out.is_good);
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

/* `count` addresses in one variable, on ports 1, 2, … */
static struct output load_many(const char *variable, const char *host, unsigned count)
{
    struct output out = {.action = CONFIG_RUN};
    struct text value = TEXT_INIT;
    char program[] = "lb";
    char *args[] = {program, NULL};
    text_appendf(&value, "%s=", variable);
    for (unsigned i = 1; i <= count; i++)
        text_appendf(&value, "%s%s:%u", i > 1 ? "," : "", host, i);
    char *env[] = {value.bytes, NULL};
    out.is_good = config_load(1, args, env, &out.config, &out.action, &out.problem);
    text_fini(&value);
    return out;
}

static void test_too_many(void **state)
{
    static const struct {
        const char *variable, *host, *problem;
        unsigned max;
    } rows[] = {
        {"LB_LISTEN", "1.2.3.4", "LB_LISTEN: more than 16 addresses; give fewer",
         CONFIG_LISTEN_MAX},
        {"LB_BACKEND", "host", "LB_BACKEND: more than 1024 backends; give fewer",
         CONFIG_BACKEND_MAX},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct output out = load_many(rows[i].variable, rows[i].host, rows[i].max);
        assert_true(out.is_good);
        output_fini(&out);
        out = load_many(rows[i].variable, rows[i].host, rows[i].max + 1);
        assert_false(out.is_good);
        assert_string_equal(text_str(&out.problem), rows[i].problem);
        output_fini(&out);
    }
}

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(file_path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(file_path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults), cmocka_unit_test(test_flags),
        cmocka_unit_test(test_layers),   cmocka_unit_test(test_lists_are_replaced),
        cmocka_unit_test(test_sources),  cmocka_unit_test(test_actions),
        cmocka_unit_test(test_problems), cmocka_unit_test(test_token),
        cmocka_unit_test(test_words),    cmocka_unit_test(test_any_port),
        cmocka_unit_test(test_too_many),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
