/* The file, the state, logs, and flags that are no settings. */
#include "lb/config/settings.h"

#include "lb/config/config.h"
#include "lb/config/config_kind.h"

#define FIELD(name) CONFIG_FIELD(struct config, name)

/* In the order of enum log_level and enum log_format. */
static const char *const log_levels[] = {"debug", "info", "warn", "error", NULL};
static const char *const log_formats[] = {"auto", "plain", "json", NULL};

/* What lb/observe/access_format.h knows besides templates. */
static const char *const access_formats[] = {"auto",       "short",   "json", "combined",
                                             "logstalgia", "haproxy", NULL};

/* Instead of a path: standard output, and nowhere. */
static const char *const access_places[] = {"-", "off", NULL};

static const char *const off_on[] = {"off", "on", NULL};

/* clang-format off */
static const struct config_setting settings[] = {
    {.word = "config", .kind = &kind_path, .group = CONFIG_GROUP_OTHER,
     .value_name = "FILE", FIELD(config_path), .flag_only = true,
     .help = "read settings from this JSON file",
     .manual = "Read settings from this file: see\n"
               ".Xr lb.json 5 .\n"},
    {.word = "state", .kind = &kind_path, .group = CONFIG_GROUP_OTHER,
     .value_name = "FILE", FIELD(state_path), .needs_restart = true,
     .help = "keeps orders (drain, disable, weight) for when lb is started again",
     .manual = "Keep orders (drain, undrain, disable, enable, weight) in this file, so that\n"
               "they hold when\n"
               ".Nm\n"
               "is started again.\n"
               "A link is followed; what is no regular file is left alone.\n"
               "It is replaced as a whole at each order, in a folder where\n"
               ".Nm\n"
               "must be able to write.\n"
               "One that cannot be read is said on standard error, and\n"
               ".Nm\n"
               "goes on without it.\n"
               "Without this flag orders end with\n"
               ".Nm .\n"},
    {.word = "metrics-compat", .kind = &kind_word, .group = CONFIG_GROUP_OTHER,
     .value_name = "on|off", .words = off_on, .default_text = "off", FIELD(metrics_compat),
     .help = "show connections under the nginx exporter's names too",
     .manual = "Show connections in\n"
               ".Pa /metrics\n"
               "under the names of the nginx exporter too.\n"},
    {.word = "log-level", .kind = &kind_word, .group = CONFIG_GROUP_OTHER,
     .value_name = "LEVEL", .words = log_levels, .default_text = "info", FIELD(log_level),
     .help = "debug, info, warn or error",
     .manual = "What is said on standard error:\n"
               ".Sy debug , info , warn\n"
               "or\n"
               ".Sy error .\n"},
    {.word = "log-format", .kind = &kind_word, .group = CONFIG_GROUP_OTHER,
     .value_name = "FORMAT", .words = log_formats, .default_text = "auto", FIELD(log_format),
     .help = "plain, json, or auto: plain on a terminal, else json",
     .manual = ".Sy plain ,\n"
               ".Sy json ,\n"
               "or\n"
               ".Sy auto :\n"
               "plain on a terminal, else json.\n"},
    {.word = "access-log", .kind = &kind_path, .group = CONFIG_GROUP_OTHER,
     .value_name = "PATH|-|off", .default_text = "-", FIELD(access_log), .words = access_places,
     .needs_restart = true,
     .help = "a line for each request; -: standard output; SIGUSR1 reopens it",
     .manual = "Write a line for each request to this file.\n"
               ".Sq -\n"
               "is standard output.\n"},
    {.word = "access-log-format", .kind = &kind_template, .group = CONFIG_GROUP_OTHER,
     .value_name = "FORMAT", .words = access_formats, .default_text = "auto",
     FIELD(access_log_format), .needs_restart = true,
     .help = "auto, short, json, combined, logstalgia, haproxy, %{NAME}s",
     .manual = ".Sy auto :\n"
               "short on a terminal, else json;\n"
               ".Sy short ,\n"
               "for people: time, status, duration, what was asked, who answered, who asked, and what went wrong,\n"
               "with colours on a terminal (not with\n"
               ".Ev NO_COLOR\n"
               "or\n"
               ".Ev TERM Ns = Ns dumb ) ;\n"
               ".Sy json ,\n"
               "with the names of the Elastic Common Schema;\n"
               ".Sy combined ,\n"
               "as Apache and nginx;\n"
               ".Sy haproxy ;\n"
               ".Sy logstalgia ;\n"
               "or a text with\n"
               ".Li %{NAME} ,\n"
               "see\n"
               ".Sx ACCESS LOG .\n"},
    {.word = "check", .kind = &kind_action, .group = CONFIG_GROUP_OTHER,
     .action = CONFIG_CHECK, .flag_only = true,
     .help = "say whether the settings are right, and exit",
     .manual = "Say whether the settings are right, and exit.\n"
               "All that is wrong is told, also of this machine: ports that others have,\n"
               "backends without an address, files and folders that are\n"
               "not there.\n"},
    {.word = "print-config", .kind = &kind_action, .group = CONFIG_GROUP_OTHER,
     .action = CONFIG_PRINT, .flag_only = true,
     .help = "print all settings as JSON for --config, and exit",
     .manual = "Print all settings in the form that\n"
               ".Fl Fl config\n"
               "reads, and exit.\n"},
    {.word = "print-schema", .kind = &kind_action, .group = CONFIG_GROUP_OTHER,
     .action = CONFIG_SCHEMA, .flag_only = true,
     .help = "print the JSON Schema of this file, and exit",
     .manual = "Print a JSON Schema of that form, and exit.\n"},
    {.word = "healthcheck", .kind = &kind_action, .group = CONFIG_GROUP_OTHER,
     .action = CONFIG_HEALTHCHECK, .flag_only = true,
     .help = "ask the running lb, and exit 0 if it is healthy",
     .manual = "Ask\n"
               ".Pa /healthz\n"
               "of the running\n"
               ".Nm ,\n"
               "and exit 0 if it is well.\n"
               "Like\n"
               ".Cm explain\n"
               "and\n"
               ".Cm ctl\n"
               "it asks the\n"
               ".Fl Fl admin\n"
               "address that it is given, else that of the\n"
               ".Nm\n"
               "of this user that runs here, with its token if it can be read; where that has\n"
               ".Fl Fl admin Cm off ,\n"
               "it is well while its listeners take connections.\n"},
    {.word = "version", .kind = &kind_action, .group = CONFIG_GROUP_OTHER,
     .action = CONFIG_VERSION, .flag_only = true,
     .help = "print the versions of lb and its libraries, and exit",
     .manual = "Print the versions of\n"
               ".Nm\n"
               "and its libraries, and exit.\n"},
    {.word = "help", .kind = &kind_action, .group = CONFIG_GROUP_OTHER,
     .action = CONFIG_HELP, .flag_only = true,
     .help = "print this, and exit",
     .manual = "Print all flags, and exit.\n"},
};
/* clang-format on */

const struct config_table settings_other = CONFIG_TABLE(struct config, settings);
