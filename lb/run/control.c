#include "lb/run/control.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "lb/base/list.h"
#include "lb/base/log.h"
#include "lb/base/memory.h"
#include "lb/run/access_log.h"
#include "lb/run/backends.h"
#include "lb/run/cpus.h"
#include "lb/run/discovery.h"
#include "lb/run/pages.h"
#include "lb/run/publisher.h"
#include "lb/run/settings.h"
#include "lb/run/worker.h"

struct control {
    const struct config *config;
    struct loop loop;
    struct worker **workers;
    unsigned worker_count;
    struct quota *quota; /* NULL: no limit for one client */
    struct publisher publisher;
    struct access_log access_log;
    struct child *child; /* NULL with static backends */
    struct pages pages;
    struct admin admin;
    uv_async_t worker_done;
    uv_signal_t sigterm;
    uv_signal_t sigint;
    uv_signal_t sigusr1;
    uv_timer_t grace;
    bool has_admin;
    bool is_shutting_down;
};

/* ---- discovery --------------------------------------------------------------------------------
 */

static void on_line(void *owner, struct view line)
{
    struct control *control = owner;
    if (publisher_take_line(&control->publisher, line) == MEMBERSHIP_ALIVE)
        child_watch(control->child);
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
    char text[ADDRESS_TEXT_BYTES];
    for (unsigned i = 0; i < control->config->listen_count; i++) {
        struct address at = control->config->listens[i];
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

static bool make_workers(struct control *control)
{
    const struct config *config = control->config;
    unsigned count = config->worker_count ? config->worker_count : cpus_allowed();
    struct env_options options = settings_for_workers(config, count);
    options.on_suspect = publisher_ring_suspect;
    options.suspect_owner = &control->publisher;
    if (config->max_connections_per_client > 0) {
        struct rng rng;
        rng_init(&rng);
        control->quota = memory_new(sizeof(*control->quota));
        quota_init(control->quota, config->max_connections_per_client, rng_next(&rng));
        options.quota = control->quota;
    }
    control->workers = memory_new(count * sizeof(struct worker *));
    for (; control->worker_count < count; control->worker_count++) {
        struct worker *worker = worker_new(&options, control->worker_count, &control->worker_done);
        if (!worker) {
            log_error("worker %u cannot be made: %s", control->worker_count, strerror(errno));
            return false;
        }
        control->workers[control->worker_count] = worker;
    }
    publisher_serve(&control->publisher, control->workers, control->worker_count);
    return access_log_open(&control->access_log, config, control->workers, control->worker_count);
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
    struct address at = control->config->admin;
    char text[ADDRESS_TEXT_BYTES];
    if (!control->config->admin_enabled)
        return true;
    int rc = listener_check_free(&at);
    control->has_admin = rc == 0;
    if (rc == 0)
        rc = admin_open(&control->admin,
                        &(struct admin_options){.loop = &control->loop,
                                                .respond = pages_respond,
                                                .owner = &control->pages},
                        &at);
    if (rc < 0)
        log_error("cannot listen on %s: %s; choose another address with --admin",
                  address_format(&at, text), uv_strerror(rc));
    else
        log_info("admin on %s: /healthz /readyz /pool", address_format(&at, text));
    return rc == 0;
}

static bool open_source(struct control *control)
{
    const struct config *config = control->config;
    if (config->source == CONFIG_SOURCE_STATIC) {
        if (!backends_resolve(config, &control->publisher.membership))
            return false;
        publisher_publish(&control->publisher);
        return true;
    }
    control->child =
        discovery_start(config, &control->loop.uv,
                        &(struct discovery_options){
                            .on_line = on_line, .on_trouble = on_trouble, .owner = control});
    control->pages.child = control->child;
    return true;
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
    access_log_close(&control->access_log);
    close_handle(&control->worker_done);
    close_handle(&control->sigterm);
    close_handle(&control->sigint);
    close_handle(&control->sigusr1);
    close_handle(&control->grace);
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

static void on_uv_grace(uv_timer_t *timer)
{
    struct control *control = list_entry(timer, struct control, grace);
    log_warn("the shutdown grace is over: closing what still runs");
    tell_workers(control, WORKER_CLOSE);
}

static void on_uv_signal(uv_signal_t *handle, int number)
{
    struct control *control = handle->data;
    if (control->is_shutting_down) {
        tell_workers(control, WORKER_CLOSE);
        return;
    }
    control->is_shutting_down = true;
    control->pages.is_shutting_down = true;
    control->publisher.is_frozen = true;
    log_info("%s: finishing what runs, for at most %u ms", number == SIGTERM ? "SIGTERM" : "SIGINT",
             control->config->shutdown_grace_ms);
    uv_timer_start(&control->grace, on_uv_grace, control->config->shutdown_grace_ms, 0);
    tell_workers(control, WORKER_DRAIN);
}

static void on_uv_sigusr1(uv_signal_t *handle, int number)
{
    struct control *control = list_entry(handle, struct control, sigusr1);
    (void)number;
    access_log_reopen(&control->access_log);
}

static void init(struct control *control)
{
    uv_loop_t *uv = &control->loop.uv;
    publisher_init(&control->publisher,
                   &(struct publisher_options){
                       .loop = &control->loop,
                       .service = control->config->service,
                       .connect_timeout_ms = control->config->connect_timeout_ms,
                       .check = control->config->check,
                       .outlier = settings_for_outliers(control->config),
                       .slow_start_ms = control->config->slow_start_ms,
                       .panic_below_percent = control->config->panic_below_percent,
                       .far_connect_timeout_ms = control->config->far_connect_timeout_ms,
                   });
    control->pages = (struct pages){.config = control->config,
                                    .publisher = &control->publisher,
                                    .access_log = &control->access_log};
    access_log_init(&control->access_log, uv);
    uv_async_init(uv, &control->worker_done, on_uv_worker_done);
    uv_signal_init(uv, &control->sigterm);
    uv_signal_init(uv, &control->sigint);
    uv_signal_init(uv, &control->sigusr1);
    uv_timer_init(uv, &control->grace);
    control->sigterm.data = control;
    control->sigint.data = control;
    uv_signal_start(&control->sigterm, on_uv_signal, SIGTERM);
    uv_signal_start(&control->sigint, on_uv_signal, SIGINT);
    uv_signal_start(&control->sigusr1, on_uv_sigusr1, SIGUSR1);
    signal(SIGPIPE, SIG_IGN);
}

static void fini(struct control *control)
{
    for (unsigned i = 0; i < control->worker_count; i++)
        worker_free(control->workers[i]);
    access_log_fini(&control->access_log);
    free(control->workers);
    free(control->quota);
    loop_fini(&control->loop);
    publisher_fini(&control->publisher);
    if (control->child)
        child_fini(control->child);
    free(control->child);
}

int control_run(const struct config *config)
{
    struct control control = {.config = config};
    int rc = loop_init(&control.loop);
    if (rc < 0) {
        log_error("no event loop: %s", uv_strerror(rc));
        return 1;
    }
    init(&control);
    bool is_open = make_workers(&control) && open_listeners(&control) && open_admin(&control) &&
                   open_source(&control) && start_workers(&control);
    if (is_open) {
        uv_run(&control.loop.uv, UV_RUN_DEFAULT);
    } else {
        tell_workers(&control, WORKER_CLOSE);
        close_all(&control);
    }
    fini(&control);
    log_close();
    if (is_open)
        log_info("stopped");
    return is_open ? 0 : 1;
}
