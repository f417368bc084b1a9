#include "lb/report/options.h"

#include "lb/base/shown.h"

#define SHOWN_BYTES_MAX 100u

struct walk {
    int argc, next;
    char *const *argv;
    struct view flag;
    const char *value; /* behind '=', or NULL */
    struct text *problem;
};

static bool complain(struct walk *walk, const char *what, const char *accepted)
{
    struct view flag = walk->flag;
    flag.len = flag.len < SHOWN_BYTES_MAX ? flag.len : SHOWN_BYTES_MAX;
    shown_append(walk->problem, flag);
    text_appendf(walk->problem, ": %s; %s", what, accepted);
    return false;
}

static bool complain_value(struct walk *walk, const char *accepted)
{
    struct text what = TEXT_INIT;
    struct view value = view_str(walk->value);
    value.len = value.len < SHOWN_BYTES_MAX ? value.len : SHOWN_BYTES_MAX;
    text_append_char(&what, '"');
    shown_append(&what, value);
    text_append_str(&what, "\" cannot be used");
    complain(walk, text_str(&what), accepted);
    text_fini(&what);
    return false;
}

static bool take_value(struct walk *walk, const char *accepted)
{
    if (!walk->value && walk->next < walk->argc)
        walk->value = walk->argv[walk->next++];
    return (walk->value && walk->value[0] != '\0') ||
           complain(walk, "the value is missing", accepted);
}

static bool take_text(struct walk *walk, const char **out, const char *accepted)
{
    if (!take_value(walk, accepted))
        return false;
    *out = walk->value;
    return true;
}

static bool take_jail(struct walk *walk, struct options *out)
{
    static const char accepted[] = "strict, log or off is accepted";
    return take_value(walk, accepted) &&
           (jail_parse_mode(walk->value, &out->jail) || complain_value(walk, accepted));
}

static bool take_level(struct walk *walk, struct options *out)
{
    static const char accepted[] = "debug, info, warn or error is accepted";
    return take_value(walk, accepted) &&
           (log_parse_level(walk->value, &out->log_level) || complain_value(walk, accepted));
}

static bool take_format(struct walk *walk, struct options *out)
{
    static const char accepted[] = "auto, plain or json is accepted";
    return take_value(walk, accepted) &&
           (log_parse_format(walk->value, &out->log_format) || complain_value(walk, accepted));
}

static bool take_gelf(struct walk *walk, struct options *out)
{
    static const char accepted[] = GELF_URL_ACCEPTED " is accepted";
    const char *problem;
    out->has_gelf = true;
    return take_value(walk, accepted) &&
           (gelf_url_parse(walk->value, &out->gelf, &problem) || complain(walk, problem, accepted));
}

static bool take_compress(struct walk *walk, struct options *out)
{
    static const char accepted[] = "gzip, zlib or none is accepted";
    return take_value(walk, accepted) &&
           (gelf_compress_parse(walk->value, &out->gelf_compression) ||
            complain_value(walk, accepted));
}

static bool take_host(struct walk *walk, struct options *out)
{
    return take_text(walk, &out->gelf_host, "a name is accepted");
}

static bool take_environment(struct walk *walk, struct options *out)
{
    return take_text(walk, &out->sentry_environment, "a name, such as staging, is accepted");
}

static bool take_release(struct walk *walk, struct options *out)
{
    return take_text(walk, &out->release, "a version is accepted");
}

static bool take_server(struct walk *walk, struct options *out)
{
    return take_text(walk, &out->server_name, "a name is accepted");
}

static bool take_switch(struct walk *walk)
{
    return !walk->value || complain(walk, "it takes no value", "write it alone");
}

static bool take_queries(struct walk *walk, struct options *out)
{
    out->has_queries = true;
    return take_switch(walk);
}

static bool take_help(struct walk *walk, struct options *out)
{
    out->action = OPTIONS_HELP;
    return take_switch(walk);
}

static bool take_version(struct walk *walk, struct options *out)
{
    out->action = OPTIONS_VERSION;
    return take_switch(walk);
}

static const struct flag {
    const char *word;
    bool (*take)(struct walk *walk, struct options *out);
} flags[] = {
    {"--gelf", take_gelf},
    {"--gelf-compress", take_compress},
    {"--gelf-host", take_host},
    {"--sentry-environment", take_environment},
    {"--sentry-queries", take_queries},
    {"--release", take_release},
    {"--server-name", take_server},
    {"--jail", take_jail},
    {"--log-level", take_level},
    {"--log-format", take_format},
    {"--help", take_help},
    {"--version", take_version},
};

static bool take_flag(struct walk *walk, struct options *out)
{
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        if (view_eq(walk->flag, view_str(flags[i].word)))
            return flags[i].take(walk, out);
    return complain(walk, "that is no flag", "see lb-report --help");
}

bool options_parse(int argc, char *const argv[], struct options *out, struct text *problem)
{
    struct walk walk = {.argc = argc, .next = 1, .argv = argv, .problem = problem};
    *out = (struct options){.sentry_environment = OPTIONS_ENVIRONMENT_DEFAULT,
                            .release = OPTIONS_RELEASE_DEFAULT,
                            .jail = jail_default_mode(),
                            .log_level = LOG_LEVEL_INFO};
    while (walk.next < walk.argc) {
        struct view rest = view_str(walk.argv[walk.next++]);
        walk.flag = view_cut(&rest, '=');
        walk.value = rest.ptr;
        if (!take_flag(&walk, out))
            return false;
    }
    return true;
}

static const char help[] =
    "lb-report: delivers what lb tells: lines of its logs by GELF, incidents to Sentry.\n"
    "\n"
    "Usage: lb-report [FLAGS]\n"
    "\n"
    "lb starts it where --gelf or --sentry-dsn says where to; it is told by lb through a socket, "
    "its\n"
    "descriptor 3, and can come and go at any time.\n"
    "\n"
    "  --gelf URL           where lines of logs go: udp://HOST[:PORT] or tcp://HOST[:PORT]\n"
    "  --gelf-compress WORD gzip, zlib or none, over UDP (default gzip)\n"
    "  --gelf-host NAME     who says it (default: the name of this host)\n"
    "  --sentry-environment NAME  (default " OPTIONS_ENVIRONMENT_DEFAULT ")\n"
    "  --sentry-queries     URLs keep their query strings\n"
    "  --release VERSION    which lb it is (default " OPTIONS_RELEASE_DEFAULT ")\n"
    "  --server-name NAME   which host it is (default: its name)\n"
    "  --jail strict|log|off  give up, before the first message is read, all that is not needed;\n"
    "                       log: only tell the kernel's audit log (default strict)\n"
    "  --log-level LEVEL    debug, info, warn or error on standard error (default info)\n"
    "  --log-format FORMAT  plain, json, or auto: plain on a terminal, else json (default auto)\n"
    "  --help, --version\n"
    "\n"
    "LB_SENTRY_DSN in the environment is where incidents go: https://KEY@HOST/PROJECT.\n";

const char *options_help(void)
{
    return help;
}
