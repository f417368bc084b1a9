#include "lb/run/control.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "lb/base/list.h"
#include "lb/base/log.h"
#include "lb/jail/jail_rings.h"
#include "lb/run/control_open.h"
#include "lb/run/control_settings.h"
#include "lb/run/control_state.h"
#include "lb/run/crash_report.h"
#include "lb/run/danger.h"
#include "lb/run/gauges.h"
#include "lb/run/turns.h"

/* ---- what the parts tell ----------------------------------------------------------------------- */

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
    certificates_follow(&control->certificates);
    turns_look(control);
    heartbeat_tell(&control->heartbeat, control->publisher.pool);
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
    struct publisher_options options = control_settings_publisher(control, control_config(control));
    publisher_configure(&control->publisher, &options);
}

static void on_renewal(void *owner, const char *why)
{
    struct control *control = owner;
    link_say(&control->link, CHANNEL_RENEW, 0, why);
}

static void on_settled(void *owner, int status)
{
    struct control *control = owner;
    if (status < 0)
        settings_facts_note_refused(&control->pages.settings);
    link_say(&control->link, CHANNEL_SETTLED, status, NULL);
}

/* ---- the end ---------------------------------------------------------------------------------- */

static void close_all(struct control *control)
{
    signals_close(&control->signals);
    if (control->has_admin)
        admin_close(&control->admin);
    live_close(&control->live);
    link_close(&control->link);
    if (control->child)
        child_close(control->child);
    publisher_close(&control->publisher);
    incidents_close(&control->incidents);
    port_keeper_close(&control->port_keeper);
    access_log_close(&control->access_log);
    librarian_close(&control->librarian);
    certificates_close(&control->certificates);
    resolver_close(&control->resolver);
    departure_close(&control->departure);
    deadline_disarm(&control->patience);
    deadline_disarm(&control->glance);
    heartbeat_close(&control->heartbeat);
    ticket_clock_close(&control->ticket_clock);
    if (!uv_is_closing((uv_handle_t *)&control->worker_done))
        uv_close((uv_handle_t *)&control->worker_done, NULL);
}

static void on_uv_worker_done(uv_async_t *handle)
{
    struct control *control = list_entry(handle, struct control, worker_done);
    turns_note_yielded(control);
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

/* ---- signals ----------------------------------------------------------------------------------- */

static void on_reload_signal(void *owner)
{
    struct control *control = owner;
    reload_begin(&control->reload);
}

/* Who presses Ctrl-C sits in front of it: nobody polls /readyz then. */
static void on_end_signal(void *owner, int number, const char *name)
{
    struct control *control = owner;
    const struct config *config = control_config(control);
    departure_begin(&control->departure, name, number == SIGINT ? 0 : config->shutdown_delay_ms,
                    config->shutdown_grace_ms);
}

static void on_reopen_signal(void *owner)
{
    struct control *control = owner;
    access_log_reopen(&control->access_log);
}

/* ---- the beginning ---------------------------------------------------------------------------- */

static void on_upgrade(void *owner)
{
    struct control *control = owner;
    link_say(&control->link, CHANNEL_UPGRADE, 0, NULL);
}

/* How it is confined is known once it is sealed. */
static void tell_process(struct control *control)
{
    struct process_facts *facts = &control->pages.process;
    process_facts_begin(facts, &control->link.history, "not sealed yet");
    settings_facts_note_taken(&control->pages.settings);
    facts->upgrade_timeout_ms = control_config(control)->upgrade_timeout_ms;
    facts->upgrade = on_upgrade;
    facts->owner = control;
}

static void init(struct control *control, int argc, char **argv)
{
    uv_loop_t *uv = &control->loop.uv;
    patient_lender_init(&control->lender, link_lender(&control->link));
    port_keeper_init(
        &control->port_keeper,
        &(struct port_keeper_options){.uv = uv,
                                      .lender = patient_lender_as_lender(&control->lender),
                                      .give = on_give,
                                      .on_rules = on_rules,
                                      .owner = control});
    struct publisher_options options = control_settings_publisher(control, control_config(control));
    publisher_init(&control->publisher, &options);
    control->publisher.incidents = &control->incidents;
    control->publisher.on_published = on_published;
    control->publisher.published_owner = control;
    outbox_init(&control->outbox, -1);
    resolver_init(&control->resolver, &control->loop, on_resolved, control);
    control_settings_guard(control, control_config(control));
    control_settings_warn(control_config(control));
    control->pages = (struct pages){.config = control_config(control),
                                    .listeners = &control->port_keeper.ports.standings,
                                    .publisher = &control->publisher,
                                    .crew = &control->crew,
                                    .access_log = &control->access_log,
                                    .live = &control->live};
    tell_process(control);
    live_init(&control->live, &(struct live_options){.loop = &control->loop,
                                                     .admin = &control->admin,
                                                     .crew = &control->crew,
                                                     .recent = &control->publisher.recent,
                                                     .describe = pages_describe,
                                                     .owner = &control->pages});
    access_log_init(&control->access_log, uv);
    reload_init(&control->reload,
                &(struct reload_options){.argc = argc,
                                         .argv = argv,
                                         .needs_renewal = control_settings_need_renewal,
                                         .apply = control_settings_apply,
                                         .renew = on_renewal,
                                         .settle = on_settled,
                                         .owner = control});
    departure_init(&control->departure, uv, on_phase, control);
    turns_init(control);
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
    text_fini(&control->privilege_notes);
    gauges_close(control->gauges);
    port_keeper_fini(&control->port_keeper);
    access_log_fini(&control->access_log);
    settings_unref(control->first_settings);
    loop_fini(&control->loop);
    certificates_fini(&control->certificates);
    resolver_fini(&control->resolver);
    publisher_fini(&control->publisher);
    shortfall_fini(&control->shortfall);
    if (control->child)
        child_fini(control->child);
    free(control->child);
    helper_plan_fini(&control->plan);
    helper_plan_fini(&control->report_plan);
    helper_plan_fini(&control->acme_plan);
    confine_fini(&control->confine);
}

/* What a terminal or a supervisor tells all of the group is passed on by the master, once. */
static void leave_group(void)
{
    signal(SIGTTOU, SIG_IGN);
    setpgid(0, 0);
}

int control_run(struct config *config, int argc, char **argv, int master_fd)
{
    struct control control = {0};
    if (config->jail == CONFIG_JAIL_STRICT)
        jail_rings_forbid();
    int rc = loop_init(&control.loop);
    if (rc < 0) {
        log_error("no event loop: %s", uv_strerror(rc));
        return 1;
    }
    if (!link_open(&control.link, master_fd, LB_VERSION)) {
        loop_fini(&control.loop);
        config_fini(config);
        return 1;
    }
    leave_group();
    crash_report_open("lb-proxy");
    crash_report_keep(control.link.keepsakes[CHANNEL_CRASH]);
    descriptors_raise();
    crew_init(&control.crew, config);
    control.first_settings = settings_ref(control.crew.settings);
    init(&control, argc, argv);
    bool is_open = control_open(&control);
    if (is_open) {
        danger_tell(control_config(&control));
        uv_run(&control.loop.uv, UV_RUN_DEFAULT);
    } else {
        crew_tell(&control.crew, WORKER_CLOSE);
        close_all(&control);
    }
    fini(&control);
    log_close();
    if (is_open && !control.has_yielded) /* then another one serves: lb itself goes on */
        log_info("stopped");
    return is_open ? 0 : 1;
}
