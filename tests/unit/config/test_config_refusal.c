/* Flags, environment and file together: what excludes what, and what a refusal says. */
#include "tests/unit/config/load_case.h"

#define LISTEN_HELP "give IP:PORT, for example 0.0.0.0:8000"
#define AGENT(place, value)                                                                        \
    place ": \"" value "\" is no address of a Consul agent; give http://HOST:PORT, "               \
          "https://HOST:PORT, consul://HOST:PORT, consul-tls://HOST:PORT, unix:///PATH or "        \
          "HOST:PORT, for example consul://127.0.0.1:8500"
#define DIRECTORY_HELP                                                                             \
    "give production or staging, which are Let's Encrypt's, or a URL, for example "                \
    "https://ca.internal/directory"
#define ONE_SOURCE "; name any of docker, swarm, consul and file, or backend"

#define DSN          "give that of a Sentry project, https://KEY@HOST/PROJECT"
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
         "@: \"wokers\" is not known; did you mean \"workers\"? see lb --help"},
        {{"--lisen 80", "", NULL},
         "\"--lisen\": unknown flag; did you mean --listen? see lb --help"},
        {{"--lisen=80", "", NULL},
         "\"--lisen\": unknown flag; did you mean --listen? see lb --help"},
        {{"--=80", "", NULL}, "\"--\": unknown flag; see lb --help"},
        {{"--foo", "", NULL}, "\"--foo\": unknown flag; see lb --help"},
        {{"--jumble=red", "", NULL}, "\"--jumble\": unknown flag; see lb --help"},
        {{"--x", "", NULL}, "\"--x\": unknown flag; see lb --help"},
        {{"--config @", "", "{\"listen\":65536}"},
         "@: listen: \"65536\" has a port above 65535; " LISTEN_HELP},
        {{"--config @", "", "{\"check-port\":0}"},
         "@: check-port: \"0\" cannot be used; give a port from 1 to 65535"},
        {{"80", "", NULL}, "\"80\": is no flag, and lb takes nothing else; see lb --help"},
        {{"--", "", NULL}, "\"--\": is no flag, and lb takes nothing else; see lb --help"},
        {{"-x", "", NULL}, "\"-x\": is no flag, and lb takes nothing else; see lb --help"},
        {{"--acme x", "", NULL},
         "--acme: \"x\" is no address of mail; give an address of mail, for example "
         "admin@example.com"},
        {{"--tls-listen 443", "", NULL},
         "\"--tls-listen\": unknown flag; did you mean --listen-tls? see lb --help"},
        {{"--listen-tls 443x", "", NULL},
         "--listen-tls: \"443x\" has no port; give IP:PORT, for example 0.0.0.0:8443"},
        {{"--acme-directory stagin", "", NULL},
         "--acme-directory: \"stagin\" is neither a URL of https nor production or "
         "staging; " DIRECTORY_HELP},
        {{"--acme-directory http://x/", "", NULL},
         "--acme-directory: \"http://x/\" is no URL that can be trusted, as http is for this "
         "machine alone; " DIRECTORY_HELP},
        {{"--acme a@b.test --acme-eab-kid a", "", NULL},
         "--acme-eab-kid: is of no use without --acme-eab-key-file; give both, as the authority "
         "says"},
        {{"--acme a@b.test --acme-eab-key-file /a", "", NULL},
         "--acme-eab-key-file: is of no use without --acme-eab-kid; give both, as the authority "
         "says"},
        {{"--docker unix:///x", "", NULL},
         "--docker: takes its value after '=', as in --docker=unix:///var/run/docker.sock"},
        {{"--consul c:1", "", NULL},
         "--consul: takes its value after '=', as in --consul=consul://127.0.0.1:8500"},
        {{"--register c:1", "", NULL},
         "--register: takes its value after '=', as in --register=consul://127.0.0.1:8500"},
        {{"--consul=ftp://c", "", NULL}, AGENT("--consul", "ftp://c")},
        {{"--consul=http://c:0", "", NULL}, AGENT("--consul", "http://c:0")},
        {{"--consul=http://c:8500/v1", "", NULL}, AGENT("--consul", "http://c:8500/v1")},
        {{"--consul=[::1", "", NULL}, AGENT("--consul", "[::1")},
        {{"--consul=unix://c", "", NULL}, AGENT("--consul", "unix://c")},
        {{"", "LB_REGISTER=c:x", NULL}, AGENT("LB_REGISTER", "c:x")},
        {{"--consul --consul-port web", "", NULL},
         "--consul-port: \"web\" has no port from 1 to 65535 behind '='; give NAME=PORT, for "
         "example web=8080"},
        {{"--consul --consul-port =1", "", NULL},
         "--consul-port: \"=1\" has no name of a service before '='; give NAME=PORT, for example "
         "web=8080"},
        {{"--consul --consul-service a,,b", "", NULL},
         "--consul-service: \"\" is empty; give names of services: letters, digits, '.', '_' or "
         "'-', with commas between, for example web,db"},
        {{"--register --advertise h1", "", NULL},
         "--advertise: \"h1\" is no IP address; give an IP address, for example 192.0.2.10"},
        {{"--register --advertise ::", "", NULL},
         "--advertise: \"::\" is the address of no host; give an IP address, for example "
         "192.0.2.10"},
        {{"--consul-port web=1", "", NULL},
         "--consul-port: it says something of Consul's catalog, which is not followed; give "
         "--consul as well, or leave it out"},
        {{"--docker", "LB_CONSUL_NODE=n", NULL},
         "--consul-node: it says something of Consul's catalog, which is not followed; give "
         "--consul as well, or leave it out"},
        {{"--advertise 192.0.2.1", "", NULL},
         "--advertise: it says how containers are registered, which they are not; give --register "
         "as well, or leave it out"},
        {{"--backend 192.0.2.1:80 --register", "", NULL},
         "--register: cannot be used together with --backend, as no lb-discovery runs that could "
         "register; remove it, and run lb-discovery --register beside lb"},
        {{"--discovery unix:/run/x --docker", "", NULL},
         "--docker: has no effect with --discovery unix:PATH, as that lb-discovery is started "
         "elsewhere; leave it out, and give it there"},
        {{"--dialects lb", "LB_DISCOVERY=unix:/run/x", NULL},
         "--dialects: has no effect with --discovery unix:PATH, as that lb-discovery is started "
         "elsewhere; leave it out, and give it there"},
        {{"--discovery unix:/run/x --backend 192.0.2.1:80", "", NULL},
         "--backend: cannot be used together with --discovery unix:PATH; leave out one of them"},
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
        {{"--docker --file f --backend a:1", "", NULL},
         "--backend: cannot be used together with --docker" ONE_SOURCE},
        {{"", "LB_BACKEND=a:1 LB_FILE=f", NULL},
         "LB_BACKEND: cannot be used together with LB_FILE" ONE_SOURCE},
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
        {{"--gelf logs:1", "", NULL},
         "--gelf: \"logs:1\" begins neither with udp:// nor with tcp://; give udp://HOST:PORT or "
         "tcp://HOST:PORT, for example udp://logstash:12201"},
        {{"--gelf udp://logs:0", "", NULL},
         "--gelf: \"udp://logs:0\" has no host, or a wrong port; give udp://HOST:PORT or "
         "tcp://HOST:PORT, for example udp://logstash:12201"},
        {{"--gelf-host a", "LB_SENTRY_QUERIES=on", NULL},
         "--gelf-host: it says how lines go by GELF, which they do not; give --gelf as well, or "
         "leave it out\n"
         "--sentry-queries: it says what Sentry is told, which is told nothing; give "
         "--sentry-dsn-file as well, or leave it out"},
        {{"", "LB_SENTRY_DSN=https://b.test/7", NULL},
         "LB_SENTRY_DSN: \"the DSN\" has no public key of letters and digits before an "
         "\"@\"; " DSN},
        {{"--sentry-dsn https://secret@b.test/x", "", NULL},
         "--sentry-dsn: \"the DSN\" does not end with \"/\" and the number of a project; " DSN},
        {{"--sentry-dsn https://secret@b.test:x/1", "", NULL},
         "--sentry-dsn: \"the DSN\" has no host after its \"@\", or a wrong port; " DSN},
        {{"--sentry-dsn https://secret@b.test//1", "", NULL},
         "--sentry-dsn: \"the DSN\" has a path that is not allowed; " DSN},
        {{"--sentry-dsn https://a@b.test/1 --sentry-dsn-file f", "", NULL},
         "--sentry-dsn: cannot be used together with --sentry-dsn-file; give one of them"},
        {{"--sentry-dsn-file=@", "", "secret\n"},
         "--sentry-dsn-file: \"@\": \"the DSN\" begins neither with https:// nor with http://; " DSN
         "; give a file with the DSN of a Sentry project and nothing else"},
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
         "\"--lisen\": unknown flag; did you mean --listen? see lb --help\n"
         "LB_SERVICE: \"(\" has a character that is not allowed; give letters, digits, '.', '_' or "
         "'-', for example appserver\n"
         "--workers: \"x\" is no whole number; give a number from 0 to 1024\n"
         "--max-head: \"1\" is too small; give a size from 1k to 64k, for example 16k"},
        {{"ctl a b c d e", "", NULL}, "\"e\": is a word too many; see lb ctl --help"},
        {{"explain -x", "", NULL}, "\"-x\": is no flag; see lb explain --help"},
        {{"ctl drain x --admni 1", "", NULL},
         "\"--admni\": unknown flag; did you mean --admin? see lb --help"},
        {{"-listen=80", "", NULL},
         "\"-listen=80\": is no flag, and lb takes nothing else; "
         "did you mean --listen? see lb --help"},
        {{"--LISTEN=80 --head_timeout=1s", "", NULL},
         "\"--LISTEN\": unknown flag; did you mean --listen? see lb --help\n"
         "\"--head_timeout\": unknown flag; did you mean --head-timeout? see lb --help"},
        {{"--l\033[2Jisten", "", NULL},
         "\"--l\\x1b[2Jisten\": unknown flag; did you mean --listen? see lb --help"},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_problems),
        cmocka_unit_test(test_too_many),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
