#include "lb/run/control.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "lb/base/list.h"
#include "lb/base/log.h"
#include "lb/base/memory.h"
#include "lb/run/backends.h"
#include "lb/run/cpus.h"
#include "lb/run/departure.h"
#include "lb/run/discovery.h"
#include "lb/run/pages.h"
#include "lb/run/publisher.h"
#include "lb/run/reload.h"
#include "lb/run/settings.h"
#include "lb/run/site.h"
#include "lb/run/worker.h"

struct control {
    struct settings *settings; /* in force; one reference */
    struct loop loop;
    struct worker **workers;
    unsigned worker_count;
    struct quota *quota; /* NULL: no limit for one client */
    struct publisher publisher;
    struct child *child; /* NULL with static backends */
    struct pages pages;
    struct admin admin;
    uv_async_t worker_done;
    struct reload reload;
    struct departure departure;
    uv_signal_t sigterm;
    uv_signal_t sigint;
    uv_signal_t sighup;
    bool has_admin;
};

static const struct config *config_of(const struct control *control)
{
    return &control->settings->config;
}

/* ---- discovery --------------------------------------------------------------------------------
 */

static void on_line(void *owner, struct view line)
{
    struct control *control = owner;
    publisher_take_line(&control->publisher, line);
}

static void on_trouble(void *owner, const char *what)
{
    (void)owner;
    log_warn("%s", what);
}

/* ---- opening ----------------------------------------------------------------------------------
 */

static bool open_listeners(struct control *control)
{
    const struct config *config = config_of(control);
    char text[ADDRESS_TEXT_BYTES];
    for (unsigned i = 0; i < config->listen_count; i++) {
        struct address at = config->listens[i];
        int rc = listener_check_free(&at);
        for (unsigned j = 0; rc == 0 && j < control->worker_count; j++)
            rc = worker_listen(control->workers[j], &at);
        if (rc < 0) {
            log_error("cannot listen on %s: %s; choose another address with --listen",
                      address_format(&at, text), uv_strerror(rc));
            return false;
        }
        log_info("listening on %s", address_format(&at, text));
    }
    return true;
}

/* Once there is a quota it stays, because clients that it has counted give back to it. */
static struct quota *quota_for(struct control *control, unsigned max_count)
{
    struct rng rng;
    if (control->quota) {
        quota_set_max(control->quota, max_count);
    } else if (max_count > 0) {
        rng_init(&rng);
        control->quota = memory_new(sizeof(*control->quota));
        quota_init(control->quota, max_count, rng_next(&rng));
    }
    return control->quota;
}

static struct settings *make_settings(struct control *control, struct config *config)
{
    unsigned count = config->worker_count ? config->worker_count : cpus_allowed();
    return settings_new(config, control->worker_count ? control->worker_count : count,
                        quota_for(control, config->max_connections_per_client));
}

static bool make_workers(struct control *control)
{
    const struct config *config = config_of(control);
    unsigned count = config->worker_count ? config->worker_count : cpus_allowed();
    control->workers = memory_new(count * sizeof(struct worker *));
    for (; control->worker_count < count; control->worker_count++) {
        struct worker *worker =
            worker_new(control->settings, control->worker_count, &control->worker_done);
        if (!worker) {
            log_error("worker %u cannot be made: %s", control->worker_count, strerror(errno));
            return false;
        }
        control->workers[control->worker_count] = worker;
    }
    publisher_serve(&control->publisher, control->workers, control->worker_count);
    return true;
}

static bool start_workers(struct control *control)
{
    for (unsigned i = 0; i < control->worker_count; i++) {
        int rc = worker_start(control->workers[i]);
        if (rc < 0) {
            log_error("worker %u cannot be started: %s", i, uv_strerror(rc));
            return false;
        }
    }
    return true;
}

static bool open_admin(struct control *control)
{
    struct address at = config_of(control)->admin;
    char text[ADDRESS_TEXT_BYTES];
    if (!config_of(control)->admin_enabled)
        return true;
    int rc = listener_check_free(&at);
    control->has_admin = rc == 0;
    if (rc == 0)
        rc = admin_open(&control->admin,
                        &(struct admin_options){.loop = &control->loop,
                                                .respond = site_respond,
                                                .owner = &control->pages},
                        &at);
    if (rc < 0)
        log_error("cannot listen on %s: %s; choose another address with --admin",
                  address_format(&at, text), uv_strerror(rc));
    else
        log_info("admin on %s: /healthz /readyz /pool /explain /config", address_format(&at, text));
    return rc == 0;
}

static bool open_backends(struct control *control)
{
    struct backends backends = {0};
    struct text problem = TEXT_INIT;
    bool is_good = backends_resolve(config_of(control), &backends, &problem);
    for (unsigned i = 0; i < backends.count; i++)
        membership_add_static(&control->publisher.membership, &backends.addresses[i]);
    if (is_good)
        publisher_publish(&control->publisher);
    else
        log_error("%s", text_str(&problem));
    backends_fini(&backends);
    text_fini(&problem);
    return is_good;
}

static bool open_source(struct control *control)
{
    const struct config *config = config_of(control);
    if (config->source == CONFIG_SOURCE_STATIC)
        return open_backends(control);
    control->child =
        discovery_start(config, &control->loop.uv,
                        &(struct discovery_options){
                            .on_line = on_line, .on_trouble = on_trouble, .owner = control});
    control->pages.child = control->child;
    return true;
}

/* ---- SIGHUP -----------------------------------------------------------------------------------
 */

static const struct config *config_in_force(void *owner)
{
    return config_of(owner);
}

static struct publisher_options publisher_options_of(struct control *control)
{
    return (struct publisher_options){
        .loop = &control->loop,
        .service = config_of(control)->service,
        .connect_timeout_ms = config_of(control)->connect_timeout_ms,
        .far_connect_timeout_ms = config_of(control)->far_connect_timeout_ms,
    };
}

static void on_reload(void *owner, struct config *next, const struct backends *backends)
{
    struct control *control = owner;
    struct settings *before = control->settings;
    control->settings = make_settings(control, next);
    struct publisher_options options = publisher_options_of(control);
    log_change(config_of(control)->log_level, config_of(control)->log_format);
    publisher_configure(&control->publisher, &options, backends);
    for (unsigned i = 0; i < control->worker_count; i++)
        worker_configure(control->workers[i], control->settings);
    control->pages.config = config_of(control);
    settings_unref(before);
    log_info("SIGHUP: the settings were read again and are in force");
}

static void on_uv_sighup(uv_signal_t *handle, int number)
{
    struct control *control = list_entry(handle, struct control, sighup);
    (void)number;
    reload_begin(&control->reload);
}

/* ---- the end ----------------------------------------------------------------------------------
 */

static void close_handle(void *handle)
{
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void close_all(struct control *control)
{
    if (control->has_admin)
        admin_close(&control->admin);
    if (control->child && !control->child->is_stopping)
        child_stop(control->child);
    publisher_close(&control->publisher);
    reload_close(&control->reload);
    departure_close(&control->departure);
    close_handle(&control->worker_done);
    close_handle(&control->sigterm);
    close_handle(&control->sigint);
    close_handle(&control->sighup);
}

static void tell_workers(struct control *control, enum worker_command command)
{
    for (unsigned i = 0; i < control->worker_count; i++)
        worker_tell(control->workers[i], command);
}

static void on_uv_worker_done(uv_async_t *handle)
{
    struct control *control = list_entry(handle, struct control, worker_done);
    for (unsigned i = 0; i < control->worker_count; i++)
        if (!atomic_load(&control->workers[i]->is_done))
            return;
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
    reload_close(&control->reload);
    control->publisher.is_frozen = phase >= DEPARTURE_DRAINING; /* workers end from then on */
    tell_workers(control, commands[phase]);
}

/* Who presses Ctrl-C sits in front of it: nobody polls /readyz then. */
static void on_uv_signal(uv_signal_t *handle, int number)
{
    struct control *control = handle->data;
    const struct config *config = config_of(control);
    bool is_term = number == SIGTERM;
    departure_begin(&control->departure, is_term ? "SIGTERM" : "SIGINT",
                    is_term ? config->shutdown_delay_ms : 0, config->shutdown_grace_ms);
}

static void start_signal(struct control *control, uv_signal_t *handle, uv_signal_cb on_signal,
                         int number)
{
    uv_signal_init(&control->loop.uv, handle);
    handle->data = control;
    uv_signal_start(handle, on_signal, number);
}

static void init(struct control *control, int argc, char **argv)
{
    uv_loop_t *uv = &control->loop.uv;
    struct publisher_options options = publisher_options_of(control);
    publisher_init(&control->publisher, &options);
    control->pages = (struct pages){.config = config_of(control), .publisher = &control->publisher};
    reload_init(&control->reload, &(struct reload_options){.loop = uv,
                                                           .argc = argc,
                                                           .argv = argv,
                                                           .in_force = config_in_force,
                                                           .apply = on_reload,
                                                           .owner = control});
    departure_init(&control->departure, uv, on_phase, control);
    uv_async_init(uv, &control->worker_done, on_uv_worker_done);
    start_signal(control, &control->sigterm, on_uv_signal, SIGTERM);
    start_signal(control, &control->sigint, on_uv_signal, SIGINT);
    start_signal(control, &control->sighup, on_uv_sighup, SIGHUP);
    signal(SIGPIPE, SIG_IGN);
}

static void fini(struct control *control)
{
    for (unsigned i = 0; i < control->worker_count; i++)
        worker_free(control->workers[i]);
    free(control->workers);
    free(control->quota);
    loop_fini(&control->loop);
    publisher_fini(&control->publisher);
    if (control->child)
        child_fini(control->child);
    free(control->child);
    settings_unref(control->settings);
}

int control_run(struct config *config, int argc, char **argv)
{
    struct control control = {0};
    int rc = loop_init(&control.loop);
    if (rc < 0) {
        log_error("no event loop: %s", uv_strerror(rc));
        return 1;
    }
    control.settings = make_settings(&control, config);
    init(&control, argc, argv);
    bool is_open = make_workers(&control) && open_listeners(&control) && open_admin(&control) &&
                   open_source(&control) && start_workers(&control);
    if (is_open) {
        uv_run(&control.loop.uv, UV_RUN_DEFAULT);
    } else {
        tell_workers(&control, WORKER_CLOSE);
        close_all(&control);
    }
    fini(&control);
    if (is_open)
        log_info("stopped");
    return is_open ? 0 : 1;
}
