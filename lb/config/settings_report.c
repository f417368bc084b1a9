/* Where log lines and incidents go besides the log, by lb-report. */
#include "lb/config/settings.h"

#include "lb/config/config.h"
#include "lb/config/config_kind.h"

#define FIELD(name) CONFIG_FIELD(struct config, report.name)

static const char *const off_on[] = {"off", "on", NULL};

/* In the order of enum config_compress. */
static const char *const compress[] = {"gzip", "zlib", "none", NULL};

/* clang-format off */
static const struct config_setting settings[] = {
    {.word = "gelf", .kind = &kind_gelf, .group = CONFIG_GROUP_REPORT,
     .value_name = "URL", FIELD(gelf),
     .help = "udp:// or tcp://HOST:PORT, where lines of both logs go too",
     .manual = "Send each line of the access log and of the log on standard error there too, as a\n"
               "GELF message: to Logstash, Graylog, Fluentd and others.\n"
               "The URL is\n"
               ".Li udp://HOST:PORT\n"
               "or\n"
               ".Li tcp://HOST:PORT ,\n"
               "where the port is 12201 if it is left out.\n"
               "Names are asked for again while\n"
               ".Nm\n"
               "runs.\n"
               "What is sent of a request has the fields of\n"
               ".Fl Fl access-log-format Cm json ,\n"
               "whatever that says for the file, and also where\n"
               ".Fl Fl access-log\n"
               "is off.\n"
               ".Xr lb-report 8\n"
               "sends; neither requests nor the log's file wait for it.\n"
               "What could not be sent is lost, and counted in\n"
               ".Pa /metrics .\n"},
    {.word = "gelf-compress", .kind = &kind_word, .group = CONFIG_GROUP_REPORT,
     .value_name = "HOW", .words = compress, .default_text = "gzip", FIELD(compress),
     .help = "gzip, zlib or none, over UDP",
     .manual = "How messages are compressed over UDP:\n"
               ".Sy gzip , zlib\n"
               "or\n"
               ".Sy none .\n"
               "Over TCP they never are, as GELF has it.\n"},
    {.word = "gelf-host", .kind = &kind_name, .group = CONFIG_GROUP_REPORT,
     .value_name = "NAME", FIELD(gelf_host),
     .help = "what they have as their host [this host's name]",
     .manual = "The field\n"
               ".Li host\n"
               "of GELF messages.\n"
               "Without it, it is the name of this host or container.\n"},
    {.word = "sentry-dsn", .kind = &kind_dsn, .group = CONFIG_GROUP_REPORT,
     .value_name = "DSN", FIELD(dsn),
     .help = "of a Sentry project, for incidents; better in a file",
     .manual = "Send incidents to this project of Sentry, or of a server that speaks its protocol,\n"
               "such as GlitchTip: a service whose last backend went, backends that were taken out,\n"
               "panic, containers that crash again and again, discovery that is lost, and a crash of\n"
               ".Xr lb-proxy 8 ;\n"
               "and that it is over.\n"
               "What an operator ordered is none.\n"
               "Each has what changed before it.\n"
               "The DSN is\n"
               ".Li https://KEY@HOST/PROJECT ,\n"
               "as the project's settings show it.\n"
               "Others can see the flags of a process: a file or the variable\n"
               ".Ev LB_SENTRY_DSN\n"
               "is better.\n"
               ".Xr lb-report 8\n"
               "sends; requests never wait for it.\n"},
    {.word = "sentry-dsn-file", .kind = &kind_path, .group = CONFIG_GROUP_REPORT,
     .value_name = "FILE", FIELD(dsn_file),
     .help = "that has this DSN and nothing else",
     .manual = "A file that has this DSN and nothing else.\n"
               "It is warned about if others than its owner may read it.\n"},
    {.word = "sentry-environment", .kind = &kind_name, .group = CONFIG_GROUP_REPORT,
     .value_name = "NAME", .default_text = "production", FIELD(environment),
     .help = "which of your environments this is",
     .manual = "The environment of incidents in Sentry.\n"},
    {.word = "sentry-queries", .kind = &kind_word, .group = CONFIG_GROUP_REPORT,
     .value_name = "on|off", .words = off_on, .default_text = "off", FIELD(sends_queries),
     .help = "send URLs with their query strings",
     .manual = "Send URLs with their query strings, which may have secrets of clients.\n"
               "Else they end before them.\n"},
};
/* clang-format on */

const struct config_table settings_report = CONFIG_TABLE(struct config, settings);
