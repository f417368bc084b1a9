#include <signal.h>
#include <stdio.h>

#include <llhttp.h>
#include <uv.h>

#include "appserver/healthcheck.h"
#include "appserver/server.h"
#include "appserver/settings.h"
#include "lb/base/log.h"

static int print_version(void)
{
    printf("appserver %s (libuv %s, llhttp %d.%d.%d)\n", LB_VERSION, uv_version_string(),
           LLHTTP_VERSION_MAJOR, LLHTTP_VERSION_MINOR, LLHTTP_VERSION_PATCH);
    return 0;
}

static int check_health(const struct settings *settings)
{
    struct text why = TEXT_INIT;
    bool healthy = healthcheck_run(&settings->listen, settings->healthcheck_path, &why);
    if (!healthy)
        fprintf(stderr, "appserver: unhealthy: %s\n", text_str(&why));
    text_fini(&why);
    return healthy ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct settings settings;
    struct text error = TEXT_INIT;
    if (!settings_parse(argc, argv, &settings, &error)) {
        fprintf(stderr, "appserver: %s\n", text_str(&error));
        text_fini(&error);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    log_open("appserver", LOG_LEVEL_INFO, LOG_FORMAT_AUTO);
    switch (settings.action) {
    case SETTINGS_HELP:
        fputs(settings_help, stdout);
        return 0;
    case SETTINGS_VERSION:
        return print_version();
    case SETTINGS_HEALTHCHECK:
        return check_health(&settings);
    case SETTINGS_SERVE:
        break;
    }
    if (settings.ignored)
        log_warn("%s in the environment is what Docker or Kubernetes tell of a neighbour with this "
                 "name; it is passed over",
                 settings.ignored);
    return server_run(&settings);
}
