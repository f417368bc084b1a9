#include "lb/admin/site.h"

#include "lb/admin/pages.h"
#include "lb/admin/service_verbs.h"
#include "lb/admin/verbs.h"

static const struct path paths[] = {
    {"GET", "/", PATH_EMPTY, pages_front},
    {"GET", "/events", PATH_GUARDED, pages_events},
    {"GET", "/healthz", PATH_HEALTH, pages_health},
    {"GET", "/readyz", PATH_HEALTH, pages_ready},
    {"GET", "/pool", PATH_GUARDED, pages_pool},
    {"GET", "/process", PATH_GUARDED, pages_process},
    {"GET", "/metrics", PATH_GUARDED, pages_metrics},
    {"GET", "/explain", PATH_GUARDED, pages_explain},
    {"GET", "/explain/*", PATH_GUARDED, pages_explain},
    {"GET", "/routes", PATH_GUARDED, pages_routes},
    {"GET", "/listeners", PATH_GUARDED, pages_listeners},
    {"GET", "/certificates", PATH_GUARDED, pages_certificates},
    {"GET", "/history", PATH_GUARDED, pages_history},
    {"GET", "/requests", PATH_GUARDED, pages_requests},
    {"GET", "/config", PATH_GUARDED, pages_config},
    {"POST", "/endpoints/*/drain", PATH_GUARDED, verbs_drain},
    {"POST", "/endpoints/*/undrain", PATH_GUARDED, verbs_undrain},
    {"POST", "/endpoints/*/disable", PATH_GUARDED, verbs_disable},
    {"POST", "/endpoints/*/enable", PATH_GUARDED, verbs_enable},
    {"POST", "/endpoints/*/weight", PATH_GUARDED, verbs_weight},
    {"POST", "/services/*/pause", PATH_GUARDED, service_verbs_pause},
    {"POST", "/services/*/resume", PATH_GUARDED, service_verbs_resume},
    {"POST", "/services/*/share", PATH_GUARDED, service_verbs_share},
    {"POST", "/log-level", PATH_GUARDED, verbs_log_level},
    {"POST", "/upgrade", PATH_GUARDED, verbs_upgrade},
    {NULL, NULL, PATH_GUARDED, NULL},
};

void site_respond(void *owner, const struct head *head, struct admin_answer *answer)
{
    const struct pages *pages = owner;
    const struct config *config = pages->config;
    struct admin_rules rules = {.secret = config->admin_secret,
                                .host = config->admin_host,
                                .is_behind_proxy = config->admin_behind_proxy,
                                .is_read_only = config->admin_open == CONFIG_ADMIN_OPEN_READ,
                                .is_from_here = answer->is_asked_from_here};
    paths_respond(paths, &rules, owner, head, answer);
}
