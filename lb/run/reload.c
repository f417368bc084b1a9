#include "lb/run/reload.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lb/base/log.h"
#include "lb/base/log_about.h"
#include "lb/config/config_faults.h"
#include "lb/config/config_load.h"
#include "lb/run/preflight.h"

void reload_init(struct reload *reload, const struct reload_options *options)
{
    *reload = (struct reload){.options = *options};
}

static void end(struct reload *reload)
{
    config_fini(&reload->next);
    text_fini(&reload->problem);
    text_fini(&reload->why);
}

static int refuse(const struct text *faults)
{
    struct view rest = text_view(faults), fault;
    while ((fault = config_faults_next(&rest)).ptr)
        log_say(LOG_LEVEL_ERROR,
                &(struct log_about){.action = "settings-reload", .outcome = "failure"},
                "SIGHUP: refused, the settings in force stay: %.*s", (int)fault.len, fault.ptr);
    return -EINVAL;
}

static int renew(const struct reload *reload)
{
    log_info("SIGHUP: %s: lb-proxy is started anew beside this one", text_str(&reload->why));
    reload->options.renew(reload->options.owner, text_str(&reload->why));
    return 0;
}

/* In its jail it may not read what another one, which is not in it yet, may. */
static bool is_kept_out(struct reload *reload)
{
    if (!strstr(text_str(&reload->problem), strerror(EACCES)))
        return false;
    struct view fault = view_str(text_str(&reload->problem));
    text_append(&reload->why, view_cut(&fault, '\n'));
    return true;
}

static int read_again(struct reload *reload)
{
    const struct reload_options *options = &reload->options;
    enum config_action action;
    if (!config_load(options->argc, options->argv, environ, &reload->next, &action,
                     &reload->problem))
        return is_kept_out(reload) ? renew(reload) : refuse(&reload->problem);
    if (!preflight_check_running(&reload->next, &reload->problem))
        return refuse(&reload->problem);
    if (options->needs_renewal(options->owner, &reload->next, &reload->why))
        return renew(reload);
    options->apply(options->owner, &reload->next);
    return 0;
}

void reload_begin(struct reload *reload)
{
    int status = -EINVAL;
    if (reload->is_closed)
        log_warn("SIGHUP: too late, lb is leaving");
    else
        status = read_again(reload);
    end(reload);
    reload->options.settle(reload->options.owner, status);
}

void reload_close(struct reload *reload)
{
    reload->is_closed = true;
}
