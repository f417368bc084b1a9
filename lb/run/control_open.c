#include "lb/run/control_open.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lb/base/clock.h"
#include "lb/base/log.h"
#include "lb/base/memory.h"
#include "lb/config/config_socket.h"
#include "lb/follow/acme_plan.h"
#include "lb/follow/report_plan.h"
#include "lb/run/acme_folder.h"
#include "lb/run/control_settings.h"
#include "lb/run/gauges.h"
#include "lb/run/privilege.h"
#include "lb/run/turns.h"

/* For an lb that was killed to have left its ports. */
#define PATIENCE_MS 3000u

/* ---- ports and workers ------------------------------------------------------------------------ */

static void note_tls(struct control *control)
{
    for (unsigned i = 0; i < control->ports.tls_listen_count; i++)
        port_keeper_note_tls(&control->port_keeper, &control->ports.tls_listens[i].at);
}

static void note_doors(struct control *control)
{
    const struct ports *ports = &control->ports;
    for (unsigned i = 0; i < ports->listen_count; i++)
        pages_note_door(&control->pages, "http", &ports->listens[i].at);
    for (unsigned i = 0; i < ports->tls_listen_count; i++)
        pages_note_door(&control->pages, "https", &ports->tls_listens[i].at);
    if (ports->admin.at.socket.any.sa_family != 0)
        pages_note_door(&control->pages, "admin", &ports->admin.at);
}

/* The operator's rules are known only now: port 0 has become one. */
static bool open_ports(struct control *control)
{
    const struct config *config = control_config(control);
    unsigned worker_count = crew_wanted_count(&control->crew);
    struct lender lender = patient_lender_as_lender(&control->lender),
                  also_lender = link_lender(&control->link);
    bool is_first = control->link.start == CHANNEL_FIRST;
    patient_lender_wait(&control->lender, is_first ? PATIENCE_MS : 0);
    bool are_open = ports_open(&control->ports, config, &lender, &also_lender, worker_count);
    note_tls(control);
    note_doors(control);
    are_open = are_open && port_keeper_open(&control->port_keeper, config, worker_count,
                                            control_descriptors(control).dynamic_max);
    patient_lender_wait(&control->lender, 0);
    if (!are_open)
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
    health_take_library(&control->publisher.health, library);
    crew_lend(&control->crew, library);
}

/* What may fail by the settings, while that is still a reason for lb not to start. */
static bool open_crew(struct control *control)
{
    struct ports *ports = &control->ports;
    return crew_open(&control->crew, ports->listens, ports->listen_count, &control->worker_done) &&
           crew_listen_tls(&control->crew, ports->tls_listens, ports->tls_listen_count) &&
           access_log_open(&control->access_log, control_config(control), control->outbox.socket,
                           control->crew.workers, control->crew.worker_count);
}

static void prepare_workers(struct control *control)
{
    struct descriptors descriptors = control_descriptors(control);
    if (control->gauges)
        crew_count_at(&control->crew, control->gauges);
    publisher_serve(&control->publisher,
                    &(struct publisher_audience){.worker_count = control->crew.worker_count,
                                                 .offer = crew_offer,
                                                 .ring = crew_ring,
                                                 .owner = &control->crew});
    librarian_open(&control->librarian, &control->loop, control_config(control), on_files, control);
    certificates_open(&control->certificates,
                      &(struct certificates_audience){.loop = &control->loop,
                                                      .crew = &control->crew,
                                                      .pages = &control->pages,
                                                      .incidents = &control->incidents,
                                                      .is_serving = &control->is_serving},
                      control_config(control));
    crew_on_suspect(&control->crew, publisher_note_suspect, &control->publisher);
    health_admit(&control->publisher.health, &control->crew.office);
    health_limit(&control->publisher.health, descriptors.check_max, descriptors.probe_max);
}

_Static_assert((int)LOG_COPY_KIND == (int)REPORT_LOG, "a copy of the log is such a message");

/* ---- what the master is told ------------------------------------------------------------------- */

static void set_path(char out[CHANNEL_PATH_BYTES], const char *path)
{
    snprintf(out, CHANNEL_PATH_BYTES, "%s", path ? path : "");
}

/* A line each. */
static void warn_of(struct text *notes)
{
    struct view rest = text_view(notes);
    while (rest.len > 0) {
        struct view line = view_cut(&rest, '\n');
        log_warn("%.*s", (int)line.len, line.ptr);
    }
    text_fini(notes);
}

static bool place(struct control *control)
{
    const struct config *config = control_config(control);
    struct channel_place place = {.upgrade_timeout_ms = config->upgrade_timeout_ms,
                                  .handover_grace_ms = config->handover_grace_ms,
                                  .is_dumpable = config->jail == CONFIG_JAIL_OFF,
                                  .log_level = config->log_level,
                                  .log_format = config->log_format};
    set_path(place.handover_path, config->handover_path);
    if (!(config->sources & CONFIG_SOURCE_STATIC))
        set_path(place.discovery_path, config_socket_of(config->discovery_program));
    privilege_find(&control->privilege, config, &place, &control->privilege_notes);
    return link_place(&control->link, &place);
}

/* Borrows the plan. */
static bool send_plan(struct control *control, enum channel_helper helper,
                      const struct helper_plan *plan, const struct listener_range *dynamic)
{
    int fd = helper_plan_write(plan, dynamic->low, dynamic->high);
    if (fd < 0) {
        log_error("%s cannot be planned: %s", plan->program, uv_strerror(fd));
        return false;
    }
    link_plan(&control->link, helper, fd);
    close(fd);
    return true;
}

/* Until the process ends: its log goes on when the link is closed. */
static int keep(int fd)
{
    return fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;
}

static bool plan_report(struct control *control)
{
    const struct config *config = control_config(control);
    report_plan_describe(config, LB_VERSION, &control->report_plan);
    if (!report_plan_is_wanted(config))
        return true; /* who is told of no plan has none */
    outbox_init(&control->outbox, keep(control->link.keepsakes[CHANNEL_OUTBOX]));
    control->pages.process.report =
        (struct report_facts){.has_gelf = config->report.gelf != NULL,
                              .has_sentry = config->report.dsn_secret != NULL,
                              .counts_fd = keep(control->link.keepsakes[CHANNEL_COUNTS]),
                              .outbox = &control->outbox,
                              .access_log = &control->access_log};
    if (config->report.gelf)
        log_copy_to(control->outbox.socket);
    return send_plan(control, CHANNEL_REPORTER, &control->report_plan, &(struct listener_range){0});
}

/* Where it is not wanted, what is wished for is posted all the same: nobody reads it. */
static bool plan_acme(struct control *control)
{
    const struct config *config = control_config(control);
    acme_plan_describe(config, &control->acme_plan);
    if (!acme_plan_is_wanted(config))
        return true; /* who is told of no plan has none */
    publisher_post_wishes(&control->publisher, control->link.keepsakes[CHANNEL_WISHES]);
    return send_plan(control, CHANNEL_ACME, &control->acme_plan, &(struct listener_range){0});
}

static bool plan(struct control *control)
{
    const struct config *config = control_config(control);
    struct discovery_places places = control_settings_places(control, config);
    if (!(config->sources & CONFIG_SOURCE_STATIC))
        discovery_describe(config, &places, &control->plan);
    if ((config->sources & CONFIG_SOURCE_STATIC) || config_socket_of(config->discovery_program)) {
        link_plan(&control->link, CHANNEL_DISCOVERY, -1);
        return true;
    }
    return send_plan(control, CHANNEL_DISCOVERY, &control->plan, &config->dynamic);
}

static void tell_jail(struct control *control)
{
    struct process_facts *facts = &control->pages.process;
    struct text state = TEXT_INIT;
    confine_append_state(control_config(control), &state);
    snprintf(facts->jail, sizeof(facts->jail), "%s", text_str(&state));
    log_info("jail: %s", text_str(&state));
    text_fini(&state);
}

/* After all that root alone may read was read. */
static bool drop(struct control *control)
{
    const struct privilege *privilege = &control->privilege;
    acme_folder_make(control_config(control), privilege->is_to_drop ? privilege->uid : (uid_t)-1,
                     privilege->gid, &control->privilege_notes);
    int rc = privilege_drop(privilege);
    if (rc < 0) {
        log_error("lb-proxy cannot become the user of --user: %s; give lb the right to "
                  "(CAP_SETUID and CAP_SETGID), or say --user root",
                  strerror(-rc));
        return false;
    }
    privilege_check_files(&control->privilege, control_config(control), &control->privilege_notes);
    warn_of(&control->privilege_notes);
    return true;
}

static bool lock_in(struct control *control)
{
    struct text problem = TEXT_INIT;
    bool is_locked = confine_enter(&control->confine, control_config(control), &problem);
    if (!is_locked)
        log_error("%s", text_str(&problem));
    else
        tell_jail(control);
    text_fini(&problem);
    return is_locked;
}

/* From here on bytes from outside are read; what ends it now is a crash. */
static void seal(struct control *control)
{
    link_say(&control->link, CHANNEL_SEALED, 0, NULL);
    legacy_open(&control->legacy, control->link.keepsakes[CHANNEL_WORLD],
                control->link.keepsakes[CHANNEL_ORDERS]);
    control->pages.acme_orders_fd = keep(control->link.keepsakes[CHANNEL_ORDERED]);
    publisher_leave_to(&control->publisher, &control->legacy);
    publisher_post_wishes(&control->publisher, control->link.keepsakes[CHANNEL_WISHES]);
    control->gauges = gauges_open(control->link.keepsakes[CHANNEL_GAUGES]);
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

static void on_sound(void *owner)
{
    struct control *control = owner;
    link_say(&control->link, CHANNEL_DISCOVERY_SOUND, 0, NULL);
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

static void on_hung(void *owner, const char *why)
{
    struct control *control = owner;
    link_say(&control->link, CHANNEL_DISCOVERY_HUNG, 0, why);
}

static void open_source(struct control *control)
{
    const struct config *config = control_config(control);
    if (config->sources & CONFIG_SOURCE_STATIC) {
        resolver_follow(&control->resolver, config);
        return;
    }
    struct child_options options = {.on_line = on_line,
                                    .on_sound = on_sound,
                                    .on_trouble = on_trouble,
                                    .on_hung = on_hung,
                                    .silence_ms = config->discovery_timeout_ms,
                                    .owner = control};
    memcpy(options.program, control->plan.program, sizeof(options.program));
    control->child = memory_new(sizeof(*control->child));
    child_init(control->child, &control->loop, &options);
    control->pages.child = control->child;
}

/* Who serves alone keeps what changes from the start; a successor, once it is told to serve. */
static void recall(struct control *control)
{
    turns_remember(control);
    legacy_keep(&control->legacy, control->link.start != CHANNEL_SUCCESSOR);
}

bool control_open(struct control *control)
{
    if (!place(control) || !open_ports(control) || !plan(control) || !plan_report(control) ||
        !plan_acme(control) || !drop(control) || !lock_in(control) || !open_crew(control))
        return false;
    seal(control);
    prepare_workers(control);
    open_source(control);
    recall(control);
    if (!crew_start(&control->crew) || !turns_follow(control))
        return false;
    ticket_clock_open(&control->ticket_clock, &control->loop, &control->crew);
    heartbeat_open(&control->heartbeat, &control->loop, &control->crew, &control->link);
    return true;
}
