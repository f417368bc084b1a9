/* lb-acme's command line. Reads the file of the EAB key, and nothing else. */
#ifndef ACME_OPTIONS_H
#define ACME_OPTIONS_H

#include <stdbool.h>

#include "acme/challenge.h"
#include "acme/private_key.h"
#include "lb/base/log.h"
#include "lb/jail/jail.h"

#define OPTIONS_FOLDER_DEFAULT "/var/lib/lb/acme"

enum options_action {
    OPTIONS_RUN,
    OPTIONS_DRY_RUN,
    OPTIONS_LIST,
    OPTIONS_ROLLOVER,
    OPTIONS_HELP,
    OPTIONS_VERSION
};

/* Texts are borrowed from argv. */
struct options {
    enum options_action action;
    const char *folder, *email;
    const char *directory; /* a URL */
    enum challenge_kind challenge;
    bool checks;
    unsigned check_port;
    const char *binding_kid; /* NULL: none */
    struct text binding_secret;
    const char *ca_file; /* NULL: the system's authorities */
    enum private_key_kind key_kind;
    const char *consul;    /* URL of an agent, "": the default; NULL: none */
    int64_t clock_ahead_s; /* for trials */
    enum jail_mode jail;
    enum log_level log_level;
    enum log_format log_format;
};

/* Fails: false, and `problem` gets a sentence with what is accepted. options_fini in either case. */
bool options_parse(int argc, char *const argv[], struct options *out, struct text *problem);
void options_fini(struct options *options);

const char *options_help(void);

#endif
