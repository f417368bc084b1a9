#include "lb/run/control_settings.h"

#include <string.h>

#include "lb/base/log.h"
#include "lb/base/log_about.h"
#include "lb/config/config_change.h"
#include "lb/follow/acme_plan.h"
#include "lb/follow/report_plan.h"
#include "lb/run/danger.h"

static enum membership_unrouted unrouted_of(const struct config *config)
{
    const char *route = config->default_route;
    if (strcmp(route, "404") == 0)
        return MEMBERSHIP_NOT_FOUND;
    if (strcmp(route, "503") == 0)
        return MEMBERSHIP_UNAVAILABLE;
    return strcmp(route, "auto") == 0 && !config->service ? MEMBERSHIP_BY_ROUTES
                                                          : MEMBERSHIP_TO_DEFAULT;
}

struct publisher_options control_settings_publisher(struct control *control,
                                                    const struct config *config)
{
    return (struct publisher_options){
        .loop = &control->loop,
        .service = settings_service(config),
        .unrouted = unrouted_of(config),
        .state_path = config->state_path,
        .sticky_secret = config->sticky_secret,
        .policy = settings_policy(config),
        .listeners = control->port_keeper.rules.all,
        .listener_count = control->port_keeper.rules.count,
        .dynamic = config->dynamic,
    };
}

/* A file is the operator's own word; labels are those of whoever made an image. */
void control_settings_guard(struct control *control, const struct config *config)
{
    _Static_assert(CONFIG_TRUSTED_MAX <= REACH_ALLOWED_MAX, "room for all of them");
    struct reach *reach = &control->publisher.membership.reach;
    reach->is_guarded = config->sources != CONFIG_SOURCE_FILE;
    reach->allowed_count = config->allowed_count;
    for (unsigned i = 0; i < config->allowed_count; i++)
        reach->allowed[i] = config->allowed[i];
}

/* Labels of containers never lead to lb itself. */
void control_settings_know_own(struct control *control)
{
    const struct ports *ports = &control->ports;
    const struct port_keeper *keeper = &control->port_keeper;
    struct reach *reach = &control->publisher.membership.reach;
    reach_forget_own(reach);
    for (unsigned i = 0; i < ports->listen_count; i++)
        reach_add_own(reach, &ports->listens[i].at);
    for (unsigned i = 0; i < ports->tls_listen_count; i++)
        reach_add_own(reach, &ports->tls_listens[i].at);
    if (ports->admin.at.socket.any.sa_family != 0)
        reach_add_own(reach, &ports->admin.at);
    for (unsigned i = 0; i < keeper->rules.count; i++)
        reach_add_own(reach, &keeper->rules.all[i].at);
    reach->dynamic = keeper->dynamic;
}

void control_settings_warn(const struct config *config)
{
    struct text lines = TEXT_INIT;
    danger_append_exposed(config, &lines);
    for (struct view rest = text_view(&lines), line; rest.len > 0;) {
        line = view_cut(&rest, '\n');
        log_warn("%.*s", (int)line.len, line.ptr);
    }
    text_fini(&lines);
}

static bool has_same_token(const struct config *a, const struct config *b)
{
    return view_eq(view_str(a->admin_secret), view_str(b->admin_secret));
}

/* The one that is not reached by this machine alone, if there is any. */
static const struct address *entrance_of(const struct ports *ports)
{
    for (unsigned i = 0; i < ports->listen_count; i++)
        if (!address_is_loopback(&ports->listens[i].at))
            return &ports->listens[i].at;
    return ports->listen_count > 0 ? &ports->listens[0].at : NULL;
}

struct discovery_places control_settings_places(const struct control *control,
                                                const struct config *config)
{
    return (struct discovery_places){.listen = entrance_of(&control->ports),
                                     .admin =
                                         config->admin_enabled ? &control->ports.admin.at : NULL,
                                     .service = settings_service(config)};
}

static bool needs_other_discovery(const struct control *control, const struct config *next)
{
    struct discovery_places places = control_settings_places(control, next);
    struct helper_plan plan;
    if (!control->child)
        return false;
    discovery_describe(next, &places, &plan);
    bool is_same = helper_plan_is_same(&control->plan, &plan);
    helper_plan_fini(&plan);
    return !is_same;
}

static bool needs_other_report(const struct control *control, const struct config *next)
{
    struct helper_plan plan;
    report_plan_describe(next, LB_VERSION, &plan);
    bool is_same = helper_plan_is_same(&control->report_plan, &plan);
    helper_plan_fini(&plan);
    return !is_same;
}

static bool needs_other_acme(const struct control *control, const struct config *next)
{
    struct helper_plan plan;
    acme_plan_describe(next, &plan);
    bool is_same = helper_plan_is_same(&control->acme_plan, &plan);
    helper_plan_fini(&plan);
    return !is_same;
}

/* The first of these reasons is enough. */
bool control_settings_need_renewal(void *owner, const struct config *next, struct text *why)
{
    const struct control *control = owner;
    uint16_t port = port_keeper_lacks(&control->port_keeper, next);
    if (config_change_needs_renewal(control_config(control), next, why) ||
        !confine_covers(&control->confine, next, why))
        return true;
    if (port > 0)
        text_appendf(why, "port %u is kept for root", port);
    else if (needs_other_discovery(control, next))
        text_append_str(why, "lb-discovery is to be told something else");
    else if (needs_other_report(control, next))
        text_append_str(why, "lb-report is to be told something else");
    else if (needs_other_acme(control, next))
        text_append_str(why, "lb-acme is to be told something else");
    return why->len > 0;
}

/* The publisher goes first, because it borrows from the settings that go. */
void control_settings_apply(void *owner, struct config *next)
{
    struct control *control = owner;
    port_keeper_configure(&control->port_keeper, next,
                          settings_descriptors(next, control->crew.worker_count).dynamic_max);
    struct publisher_options options = control_settings_publisher(control, next);
    if (control->has_admin && !has_same_token(control_config(control), next))
        admin_drop_followers(&control->admin);
    log_change(next->log_level, next->log_format);
    control_settings_guard(control, next);
    control_settings_know_own(control);
    control_settings_warn(next);
    librarian_configure(&control->librarian, next); /* before who needs its files */
    publisher_configure(&control->publisher, &options);
    if (control->child)
        control->child->options.silence_ms = next->discovery_timeout_ms;
    certificates_configure(&control->certificates, next);
    crew_configure(&control->crew, next);
    port_keeper_give(&control->port_keeper);
    control->pages.config = control_config(control);
    if (!control->child)
        resolver_follow(&control->resolver, control_config(control));
    settings_facts_note_taken(&control->pages.settings);
    log_say(LOG_LEVEL_INFO, &(struct log_about){.action = "settings-reload", .outcome = "success"},
            "SIGHUP: the settings were read again and are in force");
}
