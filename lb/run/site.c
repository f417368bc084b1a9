#include "lb/run/site.h"

#include "lb/run/pages.h"
#include "lb/run/verbs.h"

static const struct route routes[] = {
    {"GET", "/", ROUTE_EMPTY, pages_front},
    {"GET", "/events", ROUTE_GUARDED, pages_events},
    {"GET", "/healthz", ROUTE_HEALTH, pages_health},
    {"GET", "/readyz", ROUTE_HEALTH, pages_ready},
    {"GET", "/pool", ROUTE_GUARDED, pages_pool},
    {"GET", "/metrics", ROUTE_GUARDED, pages_metrics},
    {"GET", "/explain", ROUTE_GUARDED, pages_explain},
    {"GET", "/explain/*", ROUTE_GUARDED, pages_explain},
    {"GET", "/config", ROUTE_GUARDED, pages_config},
    {"POST", "/endpoints/*/drain", ROUTE_GUARDED, verbs_drain},
    {"POST", "/endpoints/*/undrain", ROUTE_GUARDED, verbs_undrain},
    {"POST", "/endpoints/*/disable", ROUTE_GUARDED, verbs_disable},
    {"POST", "/endpoints/*/enable", ROUTE_GUARDED, verbs_enable},
    {"POST", "/endpoints/*/weight", ROUTE_GUARDED, verbs_weight},
    {"POST", "/log-level", ROUTE_GUARDED, verbs_log_level},
    {NULL, NULL, ROUTE_GUARDED, NULL},
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
    routes_respond(routes, &rules, owner, head, answer);
}
