#include "lb/run/site.h"

#include "lb/run/pages.h"
#include "lb/run/verbs.h"

static const struct route routes[] = {
    {"GET", "/", true, pages_front},
    {"GET", "/events", false, pages_events},
    {"GET", "/healthz", true, pages_health},
    {"GET", "/readyz", true, pages_ready},
    {"GET", "/pool", false, pages_pool},
    {"GET", "/metrics", false, pages_metrics},
    {"GET", "/explain", false, pages_explain},
    {"GET", "/explain/*", false, pages_explain},
    {"GET", "/config", false, pages_config},
    {"POST", "/endpoints/*/drain", false, verbs_drain},
    {"POST", "/endpoints/*/undrain", false, verbs_undrain},
    {"POST", "/endpoints/*/disable", false, verbs_disable},
    {"POST", "/endpoints/*/enable", false, verbs_enable},
    {"POST", "/endpoints/*/weight", false, verbs_weight},
    {"POST", "/log-level", false, verbs_log_level},
    {NULL, NULL, false, NULL},
};

void site_respond(void *owner, const struct head *head, struct admin_answer *answer)
{
    const struct pages *pages = owner;
    routes_respond(routes, pages->config->admin_secret, owner, head, answer);
}
