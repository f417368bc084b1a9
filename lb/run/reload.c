#include "lb/run/reload.h"

#include <unistd.h>

#include "lb/base/list.h"
#include "lb/base/log.h"
#include "lb/config/config_change.h"
#include "lb/config/config_load.h"

void reload_init(struct reload *reload, const struct reload_options *options)
{
    *reload = (struct reload){.options = *options};
}

static void end(struct reload *reload)
{
    config_fini(&reload->next);
    backends_fini(&reload->backends);
    text_fini(&reload->problem);
}

static void refuse(struct reload *reload)
{
    log_error("SIGHUP: refused, the settings in force stay: %s", text_str(&reload->problem));
    end(reload);
}

static void apply(struct reload *reload, const struct backends *backends)
{
    reload->options.apply(reload->options.owner, &reload->next, backends);
    end(reload);
}

static void on_uv_resolve(uv_work_t *work)
{
    struct reload *reload = list_entry(work, struct reload, resolving);
    backends_resolve(&reload->next, &reload->backends, &reload->problem);
}

static void on_uv_resolved(uv_work_t *work, int status)
{
    struct reload *reload = list_entry(work, struct reload, resolving);
    bool is_asked_again = reload->is_asked_again;
    reload->is_resolving = false;
    reload->is_asked_again = false;
    if (reload->is_closed || is_asked_again || status < 0)
        end(reload);
    else if (reload->problem.len > 0)
        refuse(reload);
    else
        apply(reload, &reload->backends);
    if (is_asked_again)
        reload_begin(reload);
}

void reload_begin(struct reload *reload)
{
    const struct reload_options *options = &reload->options;
    enum config_action action;
    if (reload->is_closed) {
        log_warn("SIGHUP: too late, lb is leaving");
        return;
    }
    if (reload->is_resolving) {
        reload->is_asked_again = true;
        return;
    }
    if (!config_load(options->argc, options->argv, environ, &reload->next, &action,
                     &reload->problem) ||
        !config_change_check(options->in_force(options->owner), &reload->next, &reload->problem)) {
        refuse(reload);
    } else if (reload->next.source != CONFIG_SOURCE_STATIC) {
        apply(reload, NULL);
    } else {
        reload->is_resolving = true;
        uv_queue_work(options->loop, &reload->resolving, on_uv_resolve, on_uv_resolved);
    }
}

void reload_close(struct reload *reload)
{
    reload->is_closed = true;
    if (reload->is_resolving)
        uv_cancel((uv_req_t *)&reload->resolving);
}
