#include "lb/run/control.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "lb/admin/live.h"
#include "lb/admin/pages.h"
#include "lb/admin/site.h"
#include "lb/base/clock.h"
#include "lb/base/list.h"
#include "lb/base/log.h"
#include "lb/crew/access_log.h"
#include "lb/crew/crew.h"
#include "lb/crew/librarian.h"
#include "lb/follow/discovery.h"
#include "lb/follow/publisher.h"
#include "lb/follow/resolver.h"
#include "lb/run/danger.h"
#include "lb/run/departure.h"
#include "lb/run/port_keeper.h"
#include "lb/run/ports.h"
#include "lb/run/reload.h"
#include "lb/run/shortfall.h"
#include "lb/run/signals.h"

struct control {
    struct loop loop;
    struct ports ports;
    struct port_keeper port_keeper; /* of TCP and UDP */
    struct crew crew;
    struct publisher publisher;
    struct access_log access_log;
    struct settings *first_settings; /* what the access log borrows from; one reference */
    struct child *child;             /* NULL with static backends */
    struct pages pages;
    struct admin admin;
    struct live live;
    uv_async_t worker_done;
    struct resolver resolver; /* of static backends */
    struct reload reload;
    struct departure departure;
    struct librarian librarian;
    struct shortfall shortfall;
    struct signals signals;
    bool has_admin;
};

static const struct config *config_of(const struct control *control)
{
    return &control->crew.settings->config;
}

static struct descriptors descriptors_of(const struct control *control)
{
    return settings_descriptors(config_of(control), crew_wanted_count(&control->crew));
}

/* ---- discovery ------------------------------------------------------------------------------- */

static bool on_line(void *owner, struct view line)
{
    struct control *control = owner;
    enum membership_news news = publisher_take_line(&control->publisher, line);
    if (news == MEMBERSHIP_ALIVE)
        child_watch(control->child);
    return news != MEMBERSHIP_REFUSED;
}

/* What discovery itself said before its end is more than that it ended. */
static void on_trouble(void *owner, const char *what, const char *remedy)
{
    struct control *control = owner;
    struct sign_of_life *life = &control->publisher.membership.life;
    log_warn("%s%s%s", what, remedy[0] ? ". " : "", remedy);
    life->is_connected = false;
    uint64_t since_ns = life->obstacle.since_ns;
    if (!life->is_obstacle_told)
        obstacle_set(&life->obstacle, what, remedy, since_ns ? since_ns : clock_wall_ns());
}

/* ---- what is published ------------------------------------------------------------------------ */

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

static struct publisher_options publisher_options_of(struct control *control,
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

/* ---- opening --------------------------------------------------------------------------------- */

/* A file is the operator's own word; labels are those of whoever made an image. */
static void guard_addresses(struct control *control, const struct config *config)
{
    _Static_assert(CONFIG_TRUSTED_MAX <= REACH_ALLOWED_MAX, "room for all of them");
    struct reach *reach = &control->publisher.membership.reach;
    reach->is_guarded = config->source != CONFIG_SOURCE_FILE;
    reach->trusts_files = config->source == CONFIG_SOURCE_FILE_AND_DOCKER;
    reach->allowed_count = config->allowed_count;
    for (unsigned i = 0; i < config->allowed_count; i++)
        reach->allowed[i] = config->allowed[i];
}

/* Labels of containers never lead to lb itself. */
static void know_own_addresses(struct control *control)
{
    const struct ports *ports = &control->ports;
    const struct port_keeper *keeper = &control->port_keeper;
    struct reach *reach = &control->publisher.membership.reach;
    reach_forget_own(reach);
    for (unsigned i = 0; i < ports->listen_count; i++)
        reach_add_own(reach, &ports->listens[i].at);
    if (ports->admin.at.socket.any.sa_family != 0)
        reach_add_own(reach, &ports->admin.at);
    for (unsigned i = 0; i < keeper->rules.count; i++)
        reach_add_own(reach, &keeper->rules.all[i].at);
    reach->dynamic = keeper->dynamic;
}

/* The operator's rules are known only now: port 0 has become one. */
static bool open_ports(struct control *control)
{
    const struct config *config = config_of(control);
    unsigned worker_count = crew_wanted_count(&control->crew);
    if (!ports_open(&control->ports, config, worker_count) ||
        !port_keeper_open(&control->port_keeper, config, worker_count,
                          descriptors_of(control).dynamic_max))
        return false;
    know_own_addresses(control);
    struct publisher_options options = publisher_options_of(control, config);
    publisher_configure(&control->publisher, &options);
    return true;
}

static void on_files(void *owner, struct library *library)
{
    struct control *control = owner;
    shortfall_take_library(&control->shortfall, library);
    control->pages.library = control->shortfall.library;
    crew_lend(&control->crew, library);
}

static bool open_workers(struct control *control)
{
    struct ports *ports = &control->ports;
    if (!crew_open(&control->crew, ports->listens, ports->listen_count, &control->worker_done))
        return false;
    struct descriptors descriptors = descriptors_of(control);
    publisher_serve(&control->publisher,
                    &(struct publisher_audience){.worker_count = control->crew.worker_count,
                                                 .offer = crew_offer,
                                                 .ring = crew_ring,
                                                 .owner = &control->crew});
    port_keeper_start(&control->port_keeper);
    librarian_open(&control->librarian, &control->loop, config_of(control), on_files, control);
    crew_on_suspect(&control->crew, publisher_note_suspect, &control->publisher);
    health_admit(&control->publisher.health, &control->crew.office);
    health_limit(&control->publisher.health, descriptors.check_max, descriptors.probe_max);
    return access_log_open(&control->access_log, config_of(control), control->crew.workers,
                           control->crew.worker_count);
}

static void warn_of_token(const struct config *config)
{
    if (config->admin_token_is_exposed)
        log_warn("--admin-token-file: others than its owner may read %s; chmod 600, or 400",
                 config->admin_token_file);
}

static bool open_admin(struct control *control)
{
    struct listening *listening = &control->ports.admin;
    char text[ADDRESS_TEXT_BYTES];
    if (!config_of(control)->admin_enabled)
        return true;
    struct admin_options options = {.loop = &control->loop,
                                    .respond = site_respond,
                                    .owner = &control->pages,
                                    .connection_max = descriptors_of(control).admin_max};
    int rc = admin_open(&control->admin, &options, listening_lend(listening, 0));
    control->has_admin = true;
    if (rc < 0)
        log_error("the admin listener cannot accept: %s", uv_strerror(rc));
    else
        log_info("admin on %s: / /healthz /readyz /pool /metrics /explain /routes /config",
                 address_format(&listening->at, text));
    return rc == 0;
}

static void on_resolved(void *owner, bool is_replaced)
{
    struct control *control = owner;
    struct backends backends = {0};
    resolver_describe(&control->resolver, &backends);
    publisher_take_backends(&control->publisher, &backends, is_replaced);
}

static void on_published(void *owner)
{
    struct control *control = owner;
    resolver_judge(&control->resolver, control->publisher.pool,
                   control->publisher.membership.service);
    shortfall_take_routes(&control->shortfall, control->publisher.pool->routes.table);
    port_keeper_follow(&control->port_keeper, control->publisher.pool->listeners.table);
}

static bool open_source(struct control *control)
{
    const struct config *config = config_of(control);
    if (config->source == CONFIG_SOURCE_STATIC) {
        resolver_follow(&control->resolver, config);
        return true;
    }
    control->child =
        discovery_start(config, &control->loop,
                        &(struct discovery_options){
                            .on_line = on_line, .on_trouble = on_trouble, .owner = control});
    control->pages.child = control->child;
    return true;
}

/* ---- SIGHUP ---------------------------------------------------------------------------------- */

static const struct config *config_in_force(void *owner)
{
    return config_of(owner);
}

static bool has_same_token(const struct config *a, const struct config *b)
{
    return view_eq(view_str(a->admin_secret), view_str(b->admin_secret));
}

/* The publisher goes first, because it borrows from the settings that go. */
static void on_reload(void *owner, struct config *next)
{
    struct control *control = owner;
    port_keeper_configure(&control->port_keeper, next,
                          settings_descriptors(next, control->crew.worker_count).dynamic_max);
    struct publisher_options options = publisher_options_of(control, next);
    if (control->has_admin && !has_same_token(config_of(control), next))
        admin_drop_followers(&control->admin);
    log_change(next->log_level, next->log_format);
    guard_addresses(control, next);
    know_own_addresses(control);
    warn_of_token(next);
    publisher_configure(&control->publisher, &options);
    if (control->child)
        control->child->options.silence_ms = next->discovery_timeout_ms;
    crew_configure(&control->crew, next);
    port_keeper_give(&control->port_keeper);
    librarian_configure(&control->librarian, config_of(control));
    control->pages.config = config_of(control);
    if (!control->child)
        resolver_follow(&control->resolver, config_of(control));
    log_info("SIGHUP: the settings were read again and are in force");
}

static void on_give(void *owner, struct listener_set *set)
{
    struct control *control = owner;
    crew_give(&control->crew, set);
}

/* A listener has ended, and what it led to may go. */
static void on_rules(void *owner)
{
    struct control *control = owner;
    struct publisher_options options = publisher_options_of(control, config_of(control));
    publisher_configure(&control->publisher, &options);
}

static void on_reload_signal(void *owner)
{
    struct control *control = owner;
    reload_begin(&control->reload);
}

/* ---- the end --------------------------------------------------------------------------------- */

static void close_all(struct control *control)
{
    signals_close(&control->signals);
    if (control->has_admin)
        admin_close(&control->admin);
    live_close(&control->live);
    if (control->child && !control->child->is_stopping)
        child_stop(control->child);
    publisher_close(&control->publisher);
    port_keeper_close(&control->port_keeper);
    access_log_close(&control->access_log);
    librarian_close(&control->librarian);
    resolver_close(&control->resolver);
    departure_close(&control->departure);
    if (!uv_is_closing((uv_handle_t *)&control->worker_done))
        uv_close((uv_handle_t *)&control->worker_done, NULL);
}

static void on_uv_worker_done(uv_async_t *handle)
{
    struct control *control = list_entry(handle, struct control, worker_done);
    if (crew_is_done(&control->crew))
        close_all(control);
}

static void on_phase(void *owner, enum departure_phase phase)
{
    static const enum worker_command commands[] = {
        [DEPARTURE_NONE] = WORKER_RUN,
        [DEPARTURE_LEAVING] = WORKER_LEAVING,
        [DEPARTURE_DRAINING] = WORKER_DRAIN,
        [DEPARTURE_CLOSING] = WORKER_CLOSE,
    };
    struct control *control = owner;
    control->pages.is_shutting_down = true;
    control->pages.is_draining = phase >= DEPARTURE_DRAINING;
    reload_close(&control->reload);
    if (phase >= DEPARTURE_DRAINING)
        port_keeper_close(&control->port_keeper);
    control->publisher.is_frozen = phase == DEPARTURE_CLOSING; /* until then requests may wait */
    crew_tell(&control->crew, commands[phase]);
}

/* Who presses Ctrl-C sits in front of it: nobody polls /readyz then. */
static void on_end_signal(void *owner, int number, const char *name)
{
    struct control *control = owner;
    const struct config *config = config_of(control);
    departure_begin(&control->departure, name, number == SIGINT ? 0 : config->shutdown_delay_ms,
                    config->shutdown_grace_ms);
}

static void on_reopen_signal(void *owner)
{
    struct control *control = owner;
    access_log_reopen(&control->access_log);
}

static void init(struct control *control, int argc, char **argv)
{
    uv_loop_t *uv = &control->loop.uv;
    port_keeper_init(&control->port_keeper,
                     &(struct port_keeper_options){
                         .uv = uv, .give = on_give, .on_rules = on_rules, .owner = control});
    struct publisher_options options = publisher_options_of(control, config_of(control));
    publisher_init(&control->publisher, &options);
    control->publisher.on_published = on_published;
    control->publisher.published_owner = control;
    resolver_init(&control->resolver, &control->loop, on_resolved, control);
    guard_addresses(control, config_of(control));
    warn_of_token(config_of(control));
    control->pages = (struct pages){.config = config_of(control),
                                    .listeners = &control->port_keeper.standings,
                                    .publisher = &control->publisher,
                                    .crew = &control->crew,
                                    .access_log = &control->access_log,
                                    .live = &control->live};
    live_init(&control->live, &(struct live_options){.loop = &control->loop,
                                                     .admin = &control->admin,
                                                     .recent = &control->publisher.recent,
                                                     .describe = pages_describe,
                                                     .owner = &control->pages});
    access_log_init(&control->access_log, uv);
    reload_init(&control->reload, &(struct reload_options){.argc = argc,
                                                           .argv = argv,
                                                           .in_force = config_in_force,
                                                           .apply = on_reload,
                                                           .owner = control});
    departure_init(&control->departure, uv, on_phase, control);
    uv_async_init(uv, &control->worker_done, on_uv_worker_done);
    signals_init(&control->signals, &(struct signals_options){.uv = uv,
                                                              .on_end = on_end_signal,
                                                              .on_reload = on_reload_signal,
                                                              .on_reopen = on_reopen_signal,
                                                              .owner = control});
}

static void fini(struct control *control)
{
    ports_close(&control->ports);
    crew_fini(&control->crew);
    port_keeper_fini(&control->port_keeper);
    access_log_fini(&control->access_log);
    settings_unref(control->first_settings);
    loop_fini(&control->loop);
    resolver_fini(&control->resolver);
    publisher_fini(&control->publisher);
    shortfall_fini(&control->shortfall);
    if (control->child)
        child_fini(control->child);
    free(control->child);
}

int control_run(struct config *config, int argc, char **argv)
{
    struct control control = {0};
    int rc = loop_init(&control.loop);
    if (rc < 0) {
        log_error("no event loop: %s", uv_strerror(rc));
        return 1;
    }
    descriptors_raise();
    crew_init(&control.crew, config);
    control.first_settings = settings_ref(control.crew.settings);
    init(&control, argc, argv);
    bool is_open = open_ports(&control) && open_workers(&control) && open_admin(&control) &&
                   open_source(&control) && crew_start(&control.crew);
    if (is_open) {
        danger_tell(config_of(&control));
        uv_run(&control.loop.uv, UV_RUN_DEFAULT);
    } else {
        crew_tell(&control.crew, WORKER_CLOSE);
        close_all(&control);
    }
    fini(&control);
    log_close();
    if (is_open)
        log_info("stopped");
    return is_open ? 0 : 1;
}
