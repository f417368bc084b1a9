#include <stdio.h>
#include <sys/prctl.h>

#include "lb/admin/healthcheck.h"
#include "lb/admin/version.h"
#include "lb/base/log.h"
#include "lb/config/config_env.h"
#include "lb/config/config_faults.h"
#include "lb/config/config_load.h"
#include "lb/config/config_print.h"
#include "lb/config/config_schema.h"
#include "lb/console/ctl.h"
#include "lb/crew/access_log.h"
#include "lb/run/control.h"
#include "lb/run/danger.h"
#include "lb/run/default_rule.h"
#include "lb/run/link.h"
#include "lb/run/preflight.h"

#define EXIT_BAD_SETTING 2

extern char **environ;

/* What nobody reads is said, but no reason not to start: the one who sees it may not be the one who
 * can change it. */
static void warn_of_environment(enum config_action action)
{
    struct text unknown = TEXT_INIT;
    config_env_find_unknown(environ, &unknown);
    for (struct view rest = text_view(&unknown), line; rest.len > 0;) {
        line = view_cut(&rest, '\n');
        if (action == CONFIG_RUN)
            log_warn("%.*s", (int)line.len, line.ptr);
        else
            fprintf(stderr, "lb: %.*s\n", (int)line.len, line.ptr);
    }
    text_fini(&unknown);
}

static int print(struct text *text)
{
    fputs(text_str(text), stdout);
    text_fini(text);
    return 0;
}

/* Good, and what is to be known of the machine. */
static void print_check(const struct text *notes)
{
    printf("the settings are good");
    if (notes->len > 0)
        printf(" (%s)", text_str(notes));
    putchar('\n');
}

static void print_dangers(const struct config *config)
{
    struct text lines = TEXT_INIT;
    danger_append(config, &lines);
    danger_append_exposed(config, &lines);
    for (struct view rest = text_view(&lines), line; rest.len > 0;) {
        line = view_cut(&rest, '\n');
        fprintf(stderr, "lb: %.*s\n", (int)line.len, line.ptr);
    }
    text_fini(&lines);
}

/* Nobody starts it by hand. */
static int serve(struct config *config, int argc, char **argv, int master_fd)
{
    if (master_fd < 0) {
        fputs("lb-proxy: it is started by lb; run lb\n", stderr);
        return EXIT_BAD_SETTING;
    }
    prctl(PR_SET_NAME, "lb-proxy"); /* it may have been started by a descriptor */
    log_open("lb", config->log_level, config->log_format);
    warn_of_environment(CONFIG_RUN);
    return control_run(config, argc, argv, master_fd);
}

static int act(struct config *config, enum config_action action, const struct text *notes, int argc,
               char **argv, int master_fd)
{
    struct text out = TEXT_INIT;
    switch (action) {
    case CONFIG_HELP:
        config_print_help(&out);
        return print(&out);
    case CONFIG_VERSION:
        version_append(&out);
        return print(&out);
    case CONFIG_SCHEMA:
        config_schema_print(&out);
        return print(&out);
    case CONFIG_PRINT:
        config_print_json(config, &out);
        return print(&out);
    case CONFIG_CHECK:
        warn_of_environment(action);
        print_dangers(config);
        print_check(notes);
        return 0;
    case CONFIG_EXPLAIN_HELP:
    case CONFIG_CTL_HELP:
    case CONFIG_TOP_HELP:
        ctl_print_help(action);
        return 0;
    case CONFIG_HEALTHCHECK:
        return healthcheck_run(config);
    case CONFIG_EXPLAIN:
    case CONFIG_CTL:
    case CONFIG_TOP:
        return ctl_run(config, action);
    case CONFIG_RUN:
        break;
    }
    return serve(config, argc, argv, master_fd);
}

static void print_faults(const struct text *faults)
{
    struct view rest = text_view(faults), line;
    while ((line = config_faults_next(&rest)).ptr)
        fprintf(stderr, "lb: %.*s\n", (int)line.len, line.ptr);
}

/* All that is wrong, also what the settings alone do not tell when that is asked for. */
static bool load(int argc, char **argv, struct config *config, enum config_action *action,
                 struct text *notes, struct text *faults)
{
    struct text problem = TEXT_INIT;
    bool is_good = config_load(argc, argv, environ, config, action, faults);
    if (!access_log_check(config, &problem))
        is_good = config_faults_add(faults, &problem);
    if ((*action == CONFIG_CHECK || *action == CONFIG_RUN) && !default_rule_check(config, &problem))
        is_good = config_faults_add(faults, &problem);
    if (*action == CONFIG_CHECK)
        is_good = preflight_check(config, notes, faults) && is_good;
    text_fini(&problem);
    return is_good;
}

int main(int argc, char **argv)
{
    struct config config;
    enum config_action action;
    struct text notes = TEXT_INIT, faults = TEXT_INIT;
    int status = EXIT_BAD_SETTING, master_fd = link_find();
    if (load(argc, argv, &config, &action, &notes, &faults))
        status = act(&config, action, &notes, argc, argv, master_fd);
    else
        print_faults(&faults);
    config_fini(&config);
    text_fini(&notes);
    text_fini(&faults);
    return status;
}
