/* lb-report's command line. Pure. */
#ifndef LB_REPORT_OPTIONS_H
#define LB_REPORT_OPTIONS_H

#include <stdbool.h>

#include "lb/base/log.h"
#include "lb/base/text.h"
#include "lb/gelf/gelf_compress.h"
#include "lb/gelf/gelf_url.h"
#include "lb/jail/jail.h"

#define OPTIONS_RELEASE_DEFAULT     "lb@" LB_VERSION
#define OPTIONS_ENVIRONMENT_DEFAULT "production"

enum options_action { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_VERSION };

/* Texts are borrowed from argv; NULL: not given. */
struct options {
    enum options_action action;
    bool has_gelf;
    struct gelf_url gelf;
    enum gelf_compression gelf_compression;
    const char *gelf_host;
    const char *sentry_environment, *release, *server_name;
    bool has_queries; /* query strings are sent as well */
    enum jail_mode jail;
    enum log_level log_level;
    enum log_format log_format;
};

/* Fails: false, and `problem` gets a sentence with what is accepted. */
bool options_parse(int argc, char *const argv[], struct options *out, struct text *problem);

const char *options_help(void);

#endif
