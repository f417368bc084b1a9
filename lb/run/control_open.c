#include "lb/run/control_open.h"

#include "lb/admin/site.h"
#include "lb/base/clock.h"
#include "lb/base/log.h"
#include "lb/run/control_settings.h"

/* ---- ports and workers ------------------------------------------------------------------------ */

/* The operator's rules are known only now: port 0 has become one. */
static bool open_ports(struct control *control)
{
    const struct config *config = control_config(control);
    unsigned worker_count = crew_wanted_count(&control->crew);
    if (!ports_open(&control->ports, config, worker_count) ||
        !port_keeper_open(&control->port_keeper, config, worker_count,
                          control_descriptors(control).dynamic_max))
        return false;
    control_settings_know_own(control);
    struct publisher_options options = control_settings_publisher(control, config);
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
    struct descriptors descriptors = control_descriptors(control);
    publisher_serve(&control->publisher,
                    &(struct publisher_audience){.worker_count = control->crew.worker_count,
                                                 .offer = crew_offer,
                                                 .ring = crew_ring,
                                                 .owner = &control->crew});
    port_keeper_start(&control->port_keeper);
    librarian_open(&control->librarian, &control->loop, control_config(control), on_files, control);
    crew_on_suspect(&control->crew, publisher_note_suspect, &control->publisher);
    health_admit(&control->publisher.health, &control->crew.office);
    health_limit(&control->publisher.health, descriptors.check_max, descriptors.probe_max);
    return access_log_open(&control->access_log, control_config(control), control->crew.workers,
                           control->crew.worker_count);
}

/* ---- the admin listener ------------------------------------------------------------------------ */

static bool open_admin(struct control *control)
{
    struct listening *listening = &control->ports.admin;
    char text[ADDRESS_TEXT_BYTES];
    if (!control_config(control)->admin_enabled)
        return true;
    struct admin_options options = {.loop = &control->loop,
                                    .respond = site_respond,
                                    .owner = &control->pages,
                                    .connection_max = control_descriptors(control).admin_max};
    int rc = admin_open(&control->admin, &options, listening_lend(listening, 0));
    control->has_admin = true;
    if (rc < 0)
        log_error("the admin listener cannot accept: %s", uv_strerror(rc));
    else
        log_info("admin on %s: / /healthz /readyz /pool /metrics /explain /routes /config",
                 address_format(&listening->at, text));
    return rc == 0;
}

/* ---- where endpoints come from ----------------------------------------------------------------- */

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

static bool open_source(struct control *control)
{
    const struct config *config = control_config(control);
    if (config->sources & CONFIG_SOURCE_STATIC) {
        resolver_follow(&control->resolver, config);
        return true;
    }
    struct discovery_options options = {
        .on_line = on_line, .on_trouble = on_trouble, .owner = control};
    control_settings_discovery(control, config, &options);
    control->child = discovery_start(config, &control->loop, &options);
    control->pages.child = control->child;
    return true;
}

bool control_open(struct control *control)
{
    return open_ports(control) && open_workers(control) && open_admin(control) &&
           open_source(control) && crew_start(&control->crew);
}
