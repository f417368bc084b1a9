#include "discovery/options.h"

#include "lb/base/yes_no.h"
#include "discovery/engine_id.h"
#include "discovery/docker/locator.h"
#include "lb/base/edits.h"
#include "lb/base/shown.h"

#define DEFAULT_ENDPOINT "unix:///var/run/docker.sock"
#define DEFAULT_RESYNC_S 60
#define MAX_RESYNC_S     86400
#define QUOTED_MAX_BYTES 100

static const char help[] =
    "lb-discovery: watches Docker, or a file, and prints which endpoints serve what.\n"
    "\n"
    "Usage: lb-discovery [--docker[=ENGINE]] [--file PATH] [FLAGS]\n"
    "\n"
    "It prints one JSON object a line on standard output; each line is the whole state, and a\n"
    "new one comes whenever something changed. lb reads these lines; so can you:\n"
    "  lb-discovery --docker | jq .\n"
    "\n"
    "Where to look:\n"
    "  --docker[=ENGINE]    the Docker engine (this is the default). ENGINE is unix:///path,\n"
    "                       tcp://host:port or http://host:port; without it DOCKER_HOST is\n"
    "                       taken, else unix:///var/run/docker.sock or, where that is no socket,\n"
    "                       unix:///tmp/docker.sock\n"
    "  --file PATH          a JSON file of services and routes, read again when it changes; with\n"
    "                       --docker as well, its routes stand before those of containers\n"
    "\n"
    "How:\n"
    "  --once               print one line and exit; exit 1 if that takes more than 5 seconds\n"
    "  --resync SECONDS     list all containers again every so often, 1 to 86400 (default 60)\n"
    "  --self ID            lb runs in the container with this id (12 to 64 hexadecimal digits),\n"
    "                       or \"none\": on the host. Default: LB_CONTAINER_ID, else found out\n"
    "  --dialects LIST      whose words count, with commas between: lb, nginx-proxy, traefik,\n"
    "                       registrator, fabio, or all (the default)\n"
    "  --require-label[=on|off]  leave out containers that have no word of these (default off)\n"
    "  --traefik-exposed on|off  off: traefik.enable=true is needed (default on)\n"
    "  --traefik-default-rule RULE  of containers without a rule, as Traefik's defaultRule\n"
    "  --log-level LEVEL    debug, info, warn or error on standard error (default info)\n"
    "  --log-format FORMAT  plain, json, or auto: plain on a terminal, else json (default auto)\n"
    "  --print-schema       print the JSON Schema of the file, and exit\n"
    "  --help, --version\n"
    "\n"
    "What a container can say about itself, by labels:\n"
    "  lb.service=NAME      the service it belongs to (else SERVICE_<port>_NAME or SERVICE_NAME "
    "as\n"
    "                       label or environment variable, else the name of its image)\n"
    "  lb.port=PORT         its port (else SERVICE_PORT, else the lowest TCP port it exposes)\n"
    "  lb.tcp=LISTENER[:PORT]  a TCP listener of lb's that leads to it; lb.udp=... of UDP\n"
    "  lb.network=NAME      the network to reach it by     lb.address=IP  its address\n"
    "  lb.weight=0..256     its share                      lb.enable=false  leave it out\n"
    "\n"
    "Example: lb-discovery --docker --once | jq '.services[].name'\n";

const char *options_help(void)
{
    return help;
}

/* Walks the arguments, so that "--flag value" and "--flag=value" are the same. */
struct walk {
    int argc;
    char *const *argv;
    int next;
    struct view flag;  /* the name, without the value */
    const char *value; /* after '=', or NULL */
    struct text *problem;
};

static bool complain(struct walk *walk, const char *what, const char *accepted)
{
    text_appendf(walk->problem, "%.*s: %s; %s", (int)walk->flag.len, walk->flag.ptr, what,
                 accepted);
    return false;
}

static bool take_value(struct walk *walk, const char *accepted)
{
    if (!walk->value && walk->next < walk->argc)
        walk->value = walk->argv[walk->next++];
    if (!walk->value || walk->value[0] == '\0')
        return complain(walk, "the value is missing", accepted);
    return true;
}

/* Appends foreign text, which may be of any length and do anything to a terminal. */
static void append_quoted(struct view foreign, struct text *out)
{
    text_append_char(out, '"');
    shown_append(
        out, view_of(foreign.ptr, foreign.len < QUOTED_MAX_BYTES ? foreign.len : QUOTED_MAX_BYTES));
    text_append_char(out, '"');
}

static bool complain_value(struct walk *walk, const char *what, const char *accepted)
{
    text_appendf(walk->problem, "%.*s: ", (int)walk->flag.len, walk->flag.ptr);
    append_quoted(view_str(walk->value), walk->problem);
    text_appendf(walk->problem, " cannot be used: %s; %s", what, accepted);
    return false;
}

static bool take_server(struct walk *walk, struct server_url *out)
{
    const char *problem;
    if (server_url_parse(walk->value, out, &problem))
        return true;
    return complain_value(walk, problem, SERVER_URL_ACCEPTED " is accepted");
}

static bool take_resync(struct walk *walk, struct options *out)
{
    static const char accepted[] = "a number of seconds from 1 to 86400 is accepted";
    uint64_t seconds;
    if (!take_value(walk, accepted))
        return false;
    if (!view_parse_u64(view_str(walk->value), UINT64_MAX, &seconds))
        return complain_value(walk, "it is no whole number of seconds", accepted);
    if (seconds == 0 || seconds > MAX_RESYNC_S)
        return complain_value(walk, seconds == 0 ? "it is too short" : "it is too long", accepted);
    out->resync_s = (uint32_t)seconds;
    return true;
}

static bool take_self(struct walk *walk, struct options *out)
{
    static const char accepted[] =
        "a container id (12 to 64 lower-case hexadecimal digits) or \"none\" is accepted";
    if (!take_value(walk, accepted))
        return false;
    if (strcmp(walk->value, LOCATOR_NONE) != 0 && !engine_id_is_prefix(view_str(walk->value), 12))
        return complain_value(walk, "it is no id", accepted);
    out->self = walk->value;
    return true;
}

static bool take_level(struct walk *walk, struct options *out)
{
    static const char accepted[] = "debug, info, warn or error is accepted";
    return take_value(walk, accepted) && (log_parse_level(walk->value, &out->log_level) ||
                                          complain_value(walk, "it is no level", accepted));
}

static bool take_format(struct walk *walk, struct options *out)
{
    static const char accepted[] = "plain, json or auto is accepted";
    return take_value(walk, accepted) && (log_parse_format(walk->value, &out->log_format) ||
                                          complain_value(walk, "it is no format", accepted));
}

static bool take_docker(struct walk *walk, struct options *out)
{
    out->follows_docker = true;
    return !walk->value || take_server(walk, &out->docker);
}

static bool take_file(struct walk *walk, struct options *out)
{
    bool is_given = take_value(walk, "the path of a JSON file is accepted");
    out->file_path = walk->value;
    return is_given;
}

static bool take_dialects(struct walk *walk, struct options *out)
{
    static const char accepted[] =
        "lb, nginx-proxy, traefik, registrator, fabio, with commas between, or all is accepted";
    struct view wrong;
    return take_value(walk, accepted) &&
           (dialect_parse_list(view_str(walk->value), &out->dialects.silenced, &wrong) ||
            complain_value(walk, "it has a word that is no dialect", accepted));
}

static bool take_switch(struct walk *walk, bool *is_on)
{
    static const char accepted[] = "on or off is accepted";
    enum yes_no answer;
    if (!take_value(walk, accepted))
        return false;
    answer = yes_no_read(view_str(walk->value));
    *is_on = answer == YES_NO_YES;
    return answer != YES_NO_NEITHER || complain_value(walk, "it is neither", accepted);
}

static bool take_require_label(struct walk *walk, struct options *out)
{
    out->dialects.requires_words = true;
    return !walk->value || take_switch(walk, &out->dialects.requires_words);
}

static bool take_exposed_by_default(struct walk *walk, struct options *out)
{
    bool is_on = true, is_good = take_switch(walk, &is_on);
    out->dialects.traefik.requires_enable = !is_on;
    return is_good;
}

static bool take_default_rule(struct walk *walk, struct options *out)
{
    static const char accepted[] = "a rule of Traefik, version 3, is accepted";
    struct text problem = TEXT_INIT;
    if (!take_value(walk, accepted))
        return false;
    out->dialects.traefik.default_rule = walk->value;
    bool is_rule = dialect_check_default_rule(view_str(walk->value), &problem) ||
                   complain_value(walk, text_str(&problem), accepted);
    text_fini(&problem);
    return is_rule;
}

static bool take_alone(struct walk *walk)
{
    return !walk->value || complain(walk, "it takes no value", "write it alone");
}

static bool take_once(struct walk *walk, struct options *out)
{
    out->is_once = true;
    return take_alone(walk);
}

static bool take_help(struct walk *walk, struct options *out)
{
    out->action = OPTIONS_HELP;
    return take_alone(walk);
}

static bool take_version(struct walk *walk, struct options *out)
{
    out->action = OPTIONS_VERSION;
    return take_alone(walk);
}

static bool take_schema(struct walk *walk, struct options *out)
{
    out->action = OPTIONS_SCHEMA;
    return take_alone(walk);
}

static const struct {
    const char *word;
    bool (*take)(struct walk *walk, struct options *out);
} flags[] = {
    {"--docker", take_docker},
    {"--file", take_file},
    {"--resync", take_resync},
    {"--self", take_self},
    {"--log-level", take_level},
    {"--log-format", take_format},
    {"--once", take_once},
    {"--help", take_help},
    {"--version", take_version},
    {"--print-schema", take_schema},
    {"-h", take_help},
    {"--dialects", take_dialects},
    {"--require-label", take_require_label},
    {"--traefik-exposed", take_exposed_by_default},
    {"--traefik-default-rule", take_default_rule},
};

#define FLAG_COUNT (sizeof(flags) / sizeof(flags[0]))

static struct view without_dashes(struct view flag)
{
    while (view_starts_with(flag, VIEW("-")))
        flag = view_skip(flag, 1);
    return flag;
}

/* The flag that may have been meant, or NULL: it is like none. */
static const char *nearest_flag(struct view flag)
{
    const char *best = NULL;
    size_t best_edits = SIZE_MAX;
    struct view word = without_dashes(flag);
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        size_t edits = edits_between(word, without_dashes(view_str(flags[i].word)));
        if (edits < best_edits) {
            best = flags[i].word;
            best_edits = edits;
        }
    }
    return edits_are_near(best_edits, word) ? best : NULL;
}

static bool refuse_unknown(struct walk *walk)
{
    const char *nearest = nearest_flag(walk->flag);
    append_quoted(walk->flag, walk->problem);
    text_append_str(walk->problem, view_starts_with(walk->flag, VIEW("--"))
                                       ? ": unknown flag; "
                                       : ": is no flag, and lb-discovery takes nothing else; ");
    if (nearest)
        text_appendf(walk->problem, "did you mean %s? ", nearest);
    text_append_str(walk->problem, "see lb-discovery --help");
    return false;
}

static bool take_flag(struct walk *walk, struct options *out)
{
    for (size_t i = 0; i < FLAG_COUNT; i++)
        if (view_eq(walk->flag, view_str(flags[i].word)))
            return flags[i].take(walk, out);
    return refuse_unknown(walk);
}

/* A value from the environment, treated and named like that of a flag. */
static struct walk walk_variable(const char *name, const char *value, struct text *problem)
{
    return (struct walk){.flag = view_str(name), .value = value, .problem = problem};
}

static bool is_given(const char *value)
{
    return value && value[0] != '\0';
}

static bool take_environment(const struct options_environment *environment, struct options *out,
                             struct text *problem)
{
    if (out->follows_docker && out->docker.text[0] == '\0') {
        struct walk walk = walk_variable("DOCKER_HOST", environment->docker_host, problem);
        if (!is_given(walk.value))
            walk.value = environment->docker_found ? environment->docker_found : DEFAULT_ENDPOINT;
        if (!take_server(&walk, &out->docker))
            return false;
    }
    if (out->follows_docker && out->docker.socket_path[0] == '\0' &&
        is_given(environment->docker_tls_verify)) {
        text_append_str(problem, "DOCKER_TLS_VERIFY: TLS to the engine is not supported; unset it, "
                                 "or use unix:///path (a tunnel to a remote engine, for example)");
        return false;
    }
    struct walk walk = walk_variable("LB_CONTAINER_ID", environment->container_id, problem);
    return out->self || !is_given(walk.value) || take_self(&walk, out);
}

/* Before the flags, which win. */
static bool take_dialect_variables(const struct options_environment *environment,
                                   struct options *out, struct text *problem)
{
    const struct {
        const char *name, *value;
        bool (*take)(struct walk *walk, struct options *out);
    } variables[] = {
        {"LB_DIALECTS", environment->dialects, take_dialects},
        {"LB_REQUIRE_LABEL", environment->require_label, take_require_label},
        {"LB_TRAEFIK_EXPOSED", environment->exposed_by_default, take_exposed_by_default},
        {"LB_TRAEFIK_DEFAULT_RULE", environment->default_rule, take_default_rule},
    };
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
        struct walk walk = walk_variable(variables[i].name, variables[i].value, problem);
        if (is_given(walk.value) && !variables[i].take(&walk, out))
            return false;
    }
    return true;
}

/* What nginx-proxy's users say of the proxy itself stands in its environment, and only there. */
static void take_nginx_proxy(const struct options_environment *environment, struct options *out)
{
    if (is_given(environment->default_host))
        out->dialects.nginx_proxy.default_host = environment->default_host;
    if (is_given(environment->network_access))
        out->dialects.nginx_proxy.network_access = environment->network_access;
    out->dialects.nginx_proxy.has_htpasswd = is_given(environment->htpasswd_dir);
}

/* Before the flags, which win. A word that is none is lb's to refuse. */
static void take_log(const struct options_environment *environment, struct options *out)
{
    if (is_given(environment->log_level))
        log_parse_level(environment->log_level, &out->log_level);
    if (is_given(environment->log_format))
        log_parse_format(environment->log_format, &out->log_format);
}

bool options_parse(int argc, char *const argv[], const struct options_environment *environment,
                   struct options *out, struct text *problem)
{
    struct walk walk = {.argc = argc, .argv = argv, .next = 1, .problem = problem};
    *out = (struct options){.resync_s = DEFAULT_RESYNC_S, .log_level = LOG_LEVEL_INFO};
    take_log(environment, out);
    take_nginx_proxy(environment, out);
    text_clear(problem);
    if (!take_dialect_variables(environment, out, problem))
        return false;
    while (walk.next < argc) {
        const char *argument = argv[walk.next++];
        struct view rest = view_str(argument);
        walk.flag = view_cut(&rest, '=');
        walk.value = rest.ptr;
        if (!take_flag(&walk, out))
            return false;
    }
    if (out->action != OPTIONS_RUN)
        return true;
    out->follows_docker = out->follows_docker || !out->file_path;
    return take_environment(environment, out, problem);
}
