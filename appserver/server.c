#include "appserver/server.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <uv.h>

#include "appserver/connection.h"
#include "lb/base/log.h"

#define BACKLOG        1024
#define SPARE_FD_COUNT 32
#define HOSTNAME_BYTES 256

struct server {
    const struct settings *settings;
    struct site site;
    uv_loop_t loop;
    uv_tcp_t listener;
    uv_signal_t terminate;
    uv_signal_t interrupt;
    uv_prepare_t before_poll;
    uv_timer_t stop_timer; /* first the linger time, then the grace time */
    bool signalled;
};

/* ---- stopping ------------------------------------------------------------------------------- */

static void on_grace_over(uv_timer_t *timer)
{
    struct server *server = timer->data;
    unsigned count = connection_close_all(&server->site);
    log_warn("grace time of %llu ms is over: %u connections cut",
             (unsigned long long)server->settings->grace_ms, count);
}

/* Clients that the kernel has already welcomed would see a reset when the listener closes. */
static void adopt_waiting(struct server *server)
{
    uv_os_fd_t listener;
    if (uv_fileno((uv_handle_t *)&server->listener, &listener) != 0)
        return;
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        connection_adopt(&server->site, fd);
    }
}

/* The loop ends by itself when the last connection is gone. */
static void begin_stop(struct server *server)
{
    server->site.stopping = true;
    adopt_waiting(server);
    uv_close((uv_handle_t *)&server->listener, NULL);
    connection_stop_all(&server->site);
    log_info("stopping: %u connections to finish", server->site.connection_count);
    uv_timer_start(&server->stop_timer, on_grace_over, server->settings->grace_ms, 0);
    uv_unref((uv_handle_t *)&server->stop_timer);
}

static void on_linger_over(uv_timer_t *timer)
{
    begin_stop(timer->data);
}

static void on_signal(uv_signal_t *watcher, int signum)
{
    struct server *server = watcher->data;
    const struct settings *settings = server->settings;
    if (settings->no_drain) {
        access_log_flush(&server->site.log);
        _exit(128 + signum);
    }
    if (server->signalled)
        return;
    server->signalled = true;
    if (settings->linger_ms == 0) {
        begin_stop(server);
        return;
    }
    log_info("signal %d: serving on for %llu ms", signum, (unsigned long long)settings->linger_ms);
    uv_timer_start(&server->stop_timer, on_linger_over, settings->linger_ms, 0);
}

/* ---- starting ------------------------------------------------------------------------------- */

static void on_connection(uv_stream_t *listener, int status)
{
    struct server *server = listener->data;
    if (status == 0)
        connection_accept(&server->site, listener);
    else
        log_warn("accept: %s", uv_strerror(status));
}

static void on_before_poll(uv_prepare_t *handle)
{
    struct server *server = handle->data;
    access_log_flush(&server->site.log);
}

static unsigned raise_fd_limit(void)
{
    struct rlimit limit = {.rlim_cur = 1024, .rlim_max = 1024};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        getrlimit(RLIMIT_NOFILE, &limit);
    rlim_t usable = limit.rlim_cur > SPARE_FD_COUNT ? limit.rlim_cur - SPARE_FD_COUNT : 1;
    return usable < 1000000 ? (unsigned)usable : 1000000;
}

static int listen_on(struct server *server)
{
    const struct address *address = &server->settings->listen;
    int error = uv_tcp_bind(&server->listener, &address->socket.any, 0);
    if (error == 0)
        error = uv_listen((uv_stream_t *)&server->listener, BACKLOG, on_connection);
    char text[ADDRESS_TEXT_BYTES];
    if (error != 0) {
        log_error("cannot listen on %s: %s; choose another with --listen",
                  address_format(address, text), uv_strerror(error));
        return error;
    }
    struct sockaddr_storage name;
    int name_bytes = sizeof(name);
    struct address bound = *address;
    if (uv_tcp_getsockname(&server->listener, (struct sockaddr *)&name, &name_bytes) == 0)
        address_from_sockaddr((struct sockaddr *)&name, &bound);
    log_info("listening on %s", address_format(&bound, text));
    return 0;
}

static bool init_site(struct server *server)
{
    const struct settings *settings = server->settings;
    struct site *site = &server->site;
    char hostname[HOSTNAME_BYTES] = "localhost";
    size_t hostname_bytes = sizeof(hostname);
    uv_os_gethostname(hostname, &hostname_bytes);
    site->loop = &server->loop;
    site->keepalive_ms = settings->keepalive_ms;
    site->wait_ms = settings->wait_ms;
    site->log.off = settings->no_log;
    site->connection_max = raise_fd_limit();
    metrics_init(&site->metrics);
    list_init(&site->connections);
    const char *name = settings->name ? settings->name : hostname;
    routes_init(&site->routes, name);
    struct text problem = TEXT_INIT;
    bool is_ready = exception_desk_init(&site->desk, &settings->dsn, name, &problem);
    if (!is_ready)
        log_error("cannot tell Sentry of exceptions: %s", text_str(&problem));
    text_fini(&problem);
    return is_ready;
}

static void init_handles(struct server *server)
{
    uv_loop_t *loop = &server->loop;
    uv_tcp_init(loop, &server->listener);
    uv_signal_init(loop, &server->terminate);
    uv_signal_init(loop, &server->interrupt);
    uv_prepare_init(loop, &server->before_poll);
    uv_timer_init(loop, &server->stop_timer);
    server->listener.data = server;
    server->terminate.data = server;
    server->interrupt.data = server;
    server->before_poll.data = server;
    server->stop_timer.data = server;
    uv_signal_start(&server->terminate, on_signal, SIGTERM);
    uv_signal_start(&server->interrupt, on_signal, SIGINT);
    uv_prepare_start(&server->before_poll, on_before_poll);
    /* Only the listener and the connections keep the loop going. */
    uv_unref((uv_handle_t *)&server->terminate);
    uv_unref((uv_handle_t *)&server->interrupt);
    uv_unref((uv_handle_t *)&server->before_poll);
}

static void close_handle(uv_handle_t *handle, void *unused)
{
    (void)unused;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

int server_run(const struct settings *settings)
{
    struct server server = {.settings = settings};
    int error = uv_loop_init(&server.loop);
    if (error != 0) {
        log_error("cannot start: %s", uv_strerror(error));
        return 1;
    }
    bool is_ready = init_site(&server);
    init_handles(&server);
    error = is_ready ? listen_on(&server) : UV_ENOMEM;
    if (error == 0)
        uv_run(&server.loop, UV_RUN_DEFAULT);
    uv_walk(&server.loop, close_handle, NULL);
    uv_run(&server.loop, UV_RUN_DEFAULT);
    uv_loop_close(&server.loop);
    exception_desk_fini(&server.site.desk);
    access_log_fini(&server.site.log);
    routes_fini(&server.site.routes);
    return error == 0 ? 0 : 1;
}
