#include "lb/run/reload.h"

#include <unistd.h>

#include "lb/base/log.h"
#include "lb/config/config_change.h"
#include "lb/config/config_faults.h"
#include "lb/config/config_load.h"

void reload_init(struct reload *reload, const struct reload_options *options)
{
    *reload = (struct reload){.options = *options};
}

static void end(struct reload *reload)
{
    config_fini(&reload->next);
    text_fini(&reload->problem);
}

static void refuse(const struct text *faults)
{
    struct view rest = text_view(faults), fault;
    while ((fault = config_faults_next(&rest)).ptr)
        log_error("SIGHUP: refused, the settings in force stay: %.*s", (int)fault.len, fault.ptr);
}

void reload_begin(struct reload *reload)
{
    const struct reload_options *options = &reload->options;
    enum config_action action;
    if (reload->is_closed)
        log_warn("SIGHUP: too late, lb is leaving");
    else if (!config_load(options->argc, options->argv, environ, &reload->next, &action,
                          &reload->problem) ||
             !config_change_check(options->in_force(options->owner), &reload->next,
                                  &reload->problem))
        refuse(&reload->problem);
    else
        options->apply(options->owner, &reload->next);
    end(reload);
}

void reload_close(struct reload *reload)
{
    reload->is_closed = true;
}
