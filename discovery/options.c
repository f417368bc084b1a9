#include "discovery/options.h"

#include "discovery/dialer.h"
#include "discovery/option_walk.h"
#include "discovery/options_consul.h"
#include "discovery/options_dialect.h"
#include "discovery/options_engine.h"
#include "discovery/options_register.h"
#include "lb/base/edits.h"

#define DEFAULT_RESYNC_S 60

static bool take_file(struct option_walk *walk, struct options *out)
{
    bool is_given = option_walk_value(walk, "the path of a JSON file is accepted");
    out->file_path = walk->value;
    return is_given;
}

static bool take_level(struct option_walk *walk, struct options *out)
{
    static const char accepted[] = "debug, info, warn or error is accepted";
    return option_walk_value(walk, accepted) &&
           (log_parse_level(walk->value, &out->log_level) ||
            option_walk_complain_value(walk, "it is no level", accepted));
}

static bool take_format(struct option_walk *walk, struct options *out)
{
    static const char accepted[] = "plain, json or auto is accepted";
    return option_walk_value(walk, accepted) &&
           (log_parse_format(walk->value, &out->log_format) ||
            option_walk_complain_value(walk, "it is no format", accepted));
}

static bool take_jail(struct option_walk *walk, struct options *out)
{
    static const char accepted[] = "strict, log or off is accepted";
    return option_walk_value(walk, accepted) &&
           (jail_parse_mode(walk->value, &out->jail) ||
            option_walk_complain_value(walk, "it is no way to be jailed", accepted));
}

/* Before the flag, which wins. */
static bool take_jail_variable(const struct options_environment *environment, struct options *out,
                               struct text *problem)
{
    struct option_walk walk = option_walk_variable("LB_DISCOVERY_JAIL", environment->jail, problem);
    out->jail = jail_default_mode();
    return !option_walk_is_given(environment->jail) || take_jail(&walk, out);
}

static bool take_once(struct option_walk *walk, struct options *out)
{
    out->is_once = true;
    return option_walk_no_value(walk);
}

static bool take_help(struct option_walk *walk, struct options *out)
{
    out->action = OPTIONS_HELP;
    return option_walk_no_value(walk);
}

static bool take_version(struct option_walk *walk, struct options *out)
{
    out->action = OPTIONS_VERSION;
    return option_walk_no_value(walk);
}

static bool take_schema(struct option_walk *walk, struct options *out)
{
    out->action = OPTIONS_SCHEMA;
    return option_walk_no_value(walk);
}

static bool take_check(struct option_walk *walk, struct options *out)
{
    out->action = OPTIONS_CHECK;
    return option_walk_no_value(walk);
}

/* unix:PATH, where unix:///PATH is the same. */
static bool take_to(struct option_walk *walk, struct options *out)
{
    static const char accepted[] = "unix:PATH is accepted, of the socket where lb --discovery "
                                   "unix:PATH listens";
    const struct view scheme = VIEW("unix:");
    if (!option_walk_value(walk, accepted))
        return false;
    struct view value = view_str(walk->value);
    if (!view_starts_with(value, scheme) || value.len == scheme.len)
        return option_walk_complain_value(walk, "it is no place to tell lb", accepted);
    if (value.len - scheme.len >= DIALER_PATH_BYTES)
        return option_walk_complain_value(
            walk, "its path is longer than the system takes for a socket",
            "at most 107 bytes are accepted; name a shorter one to lb, too");
    out->to_path = walk->value + scheme.len;
    return true;
}

/* The variable, unless the flag is given. Who was started by lb is read by it. */
static bool take_to_variable(const struct options_environment *environment, struct options *out,
                             struct text *problem)
{
    struct option_walk walk = option_walk_variable("LB_DISCOVERY_TO", environment->to, problem);
    return out->to_path || !option_walk_is_given(environment->to) ||
           option_walk_is_given(environment->parent) || take_to(&walk, out);
}

/* What a flag says something of, which has to be there. */
enum concern { CONCERN_NONE, CONCERN_CONSUL, CONCERN_REGISTER };

static const struct flag {
    const char *word;
    bool (*take)(struct option_walk *walk, struct options *out);
    enum concern concern;
} flags[] = {
    {"--docker", options_engine_docker, CONCERN_NONE},
    {"--swarm", options_engine_swarm, CONCERN_NONE},
    {"--file", take_file, CONCERN_NONE},
    {"--consul", options_consul_url, CONCERN_NONE},
    {"--register", options_register_url, CONCERN_NONE},
    {"--to", take_to, CONCERN_NONE},
    {"--resync", options_engine_resync, CONCERN_NONE},
    {"--self", options_engine_self, CONCERN_NONE},
    {"--log-level", take_level, CONCERN_NONE},
    {"--log-format", take_format, CONCERN_NONE},
    {"--jail", take_jail, CONCERN_NONE},
    {"--once", take_once, CONCERN_NONE},
    {"--check", take_check, CONCERN_NONE},
    {"--help", take_help, CONCERN_NONE},
    {"--version", take_version, CONCERN_NONE},
    {"--print-schema", take_schema, CONCERN_NONE},
    {"-h", take_help, CONCERN_NONE},
    {"--dialects", options_dialect_list, CONCERN_NONE},
    {"--require-label", options_dialect_require_label, CONCERN_NONE},
    {"--traefik-exposed", options_dialect_exposed, CONCERN_NONE},
    {"--traefik-default-rule", options_dialect_default_rule, CONCERN_NONE},
    {"--consul-service", options_consul_service, CONCERN_CONSUL},
    {"--consul-port", options_consul_port, CONCERN_CONSUL},
    {"--consul-address", options_consul_address, CONCERN_CONSUL},
    {"--consul-node", options_consul_node, CONCERN_CONSUL},
    {"--advertise", options_register_advertise, CONCERN_REGISTER},
    {"--register-internal", options_register_internal, CONCERN_REGISTER},
    {"--register-explicit", options_register_explicit, CONCERN_REGISTER},
    {"--register-tags", options_register_tags, CONCERN_REGISTER},
    {"--register-ttl", options_register_ttl, CONCERN_REGISTER},
    {"--register-cleanup", options_register_cleanup, CONCERN_REGISTER},
    {"--register-name", options_register_name, CONCERN_REGISTER},
    {"--deregister-after", options_register_deregister_after, CONCERN_REGISTER},
    {"--deregister", options_register_deregister, CONCERN_REGISTER},
    {"--host-name", options_register_host_name, CONCERN_REGISTER},
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

static bool refuse_unknown(struct option_walk *walk)
{
    const char *nearest = nearest_flag(walk->flag);
    option_walk_append_quoted(walk->flag, walk->problem);
    text_append_str(walk->problem, view_starts_with(walk->flag, VIEW("--"))
                                       ? ": unknown flag; "
                                       : ": is no flag, and lb-discovery takes nothing else; ");
    if (nearest)
        text_appendf(walk->problem, "did you mean %s? ", nearest);
    text_append_str(walk->problem, "see lb-discovery --help");
    return false;
}

/* The first flag of each concern, for the complaint that there is nothing which it concerns. */
struct concerned {
    struct view of_consul, of_register;
};

static void note_concern(const struct flag *flag, struct concerned *out)
{
    if (flag->concern == CONCERN_CONSUL && out->of_consul.len == 0)
        out->of_consul = view_str(flag->word);
    if (flag->concern == CONCERN_REGISTER && out->of_register.len == 0)
        out->of_register = view_str(flag->word);
}

static bool take_flag(struct option_walk *walk, struct options *out, struct concerned *concerned)
{
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        if (!view_eq(walk->flag, view_str(flags[i].word)))
            continue;
        note_concern(&flags[i], concerned);
        return flags[i].take(walk, out);
    }
    return refuse_unknown(walk);
}

static bool has_what_it_concerns(struct option_walk *walk, const struct options *options,
                                 const struct concerned *concerned)
{
    walk->flag = concerned->of_consul;
    if (walk->flag.len > 0 && !options->follows_consul)
        return option_walk_complain(walk,
                                    "it says something of the source Consul, which is not "
                                    "followed",
                                    "add --consul, or leave it out");
    walk->flag = concerned->of_register;
    if (walk->flag.len > 0 && !options->registers)
        return option_walk_complain(walk,
                                    "it says how containers are registered, which they are "
                                    "not",
                                    "add --register, or leave it out");
    return true;
}

/* Before the flags, which win. A word that is none is lb's to refuse. */
static void take_log(const struct options_environment *environment, struct options *out)
{
    if (option_walk_is_given(environment->log_level))
        log_parse_level(environment->log_level, &out->log_level);
    if (option_walk_is_given(environment->log_format))
        log_parse_format(environment->log_format, &out->log_format);
}

bool options_parse(int argc, char *const argv[], const struct options_environment *environment,
                   struct options *out, struct text *problem)
{
    struct option_walk walk = {.argc = argc, .argv = argv, .next = 1, .problem = problem};
    struct concerned concerned = {0};
    *out = (struct options){.resync_s = DEFAULT_RESYNC_S, .log_level = LOG_LEVEL_INFO};
    take_log(environment, out);
    options_register_begin(out);
    text_clear(problem);
    if (!take_jail_variable(environment, out, problem) ||
        !options_dialect_begin(environment, out, problem))
        return false;
    while (option_walk_next(&walk))
        if (!take_flag(&walk, out, &concerned))
            return false;
    if (out->action != OPTIONS_RUN && out->action != OPTIONS_CHECK)
        return true;
    if (!take_to_variable(environment, out, problem) ||
        !has_what_it_concerns(&walk, out, &concerned) ||
        !options_register_finish(environment, out, problem))
        return false;
    if (!out->file_path && !out->follows_swarm && !out->follows_consul)
        out->follows_docker = true;
    return options_engine_finish(environment, out, problem) &&
           options_consul_finish(environment, out, problem);
}
