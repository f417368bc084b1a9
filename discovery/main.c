/* lb-discovery: from sources of endpoints to lines on standard output, or to the lb at a socket. */
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "discovery/cell.h"
#include "discovery/docker/docker.h"
#include "discovery/consul/consul.h"
#include "discovery/docker/engine_socket.h"
#include "discovery/net/fetch.h"
#include "discovery/net/fetch_loop.h"
#include "discovery/file/file_schema.h"
#include "discovery/file/file_watch.h"
#include "discovery/options.h"
#include "discovery/outbox.h"
#include "discovery/parent.h"
#include "discovery/preview.h"
#include "discovery/registering.h"
#include "discovery/sources.h"
#include "discovery/swarm/swarm.h"
#include "discovery/teller.h"
#include "lb/base/clock.h"
#include "lb/base/log.h"

/* Also how long it may take to notice that the reader of a quiet output went away. */
#define WAIT_MAX_MS     1000
#define ONCE_TIMEOUT_MS 5000
#define REPEAT_AFTER_MS 60000
#define SIGNALS_MAX     8
#define EXIT_USAGE      2

struct program {
    const struct options *options;
    struct fetch_loop *loop; /* NULL when no source needs it */
    struct docker_options docker;
    struct file_watch_options file;
    struct swarm_options swarm;
    struct sources sources;
    struct registering registering;
    struct teller teller;
    int signal_fd;
    struct text last_trouble;
    uint64_t last_trouble_ms;
};

static uint64_t now_ms(void)
{
    return clock_mono_ns() / 1000000;
}

/* The same trouble is told once a minute, however often it is met. */
static void tell_trouble(struct program *program, const char *what)
{
    bool is_same = strcmp(text_str(&program->last_trouble), what) == 0 &&
                   now_ms() < program->last_trouble_ms + REPEAT_AFTER_MS;
    if (is_same) {
        log_debug("%s", what);
        return;
    }
    text_clear(&program->last_trouble);
    text_append_str(&program->last_trouble, what);
    program->last_trouble_ms = now_ms();
    log_warn("%s", what);
}

static void say(void *owner, enum report_kind kind, const char *what)
{
    struct program *program = owner;
    switch (kind) {
    case REPORT_TROUBLE:
        tell_trouble(program, what);
        break;
    case REPORT_REMARK:
        log_warn("%s", what);
        break;
    case REPORT_NEWS:
        text_clear(&program->last_trouble);
        log_info("%s", what);
        break;
    case REPORT_DETAIL:
        log_debug("%s", what);
        break;
    }
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static int wait_ms(const struct program *program)
{
    uint64_t next_ms = sources_next_tick_ms(&program->sources);
    uint64_t time_ms = now_ms();
    next_ms = earlier(next_ms, registering_next_tick_ms(&program->registering));
    next_ms = earlier(next_ms, teller_next_tick_ms(&program->teller));
    if (next_ms <= time_ms)
        return 0;
    return next_ms - time_ms < WAIT_MAX_MS ? (int)(next_ms - time_ms) : WAIT_MAX_MS;
}

/* Without a source that asks by HTTP there is no libcurl: not even to wait, for its start alone
 * makes 2.5 MB resident. */
static void await(struct program *program)
{
    const struct outlet *outlet = &program->teller.outlet;
    struct pollfd fds[2 + SOURCES_MAX] = {{.fd = program->signal_fd, .events = POLLIN}};
    size_t count = 1;
    if (outlet->fd >= 0)
        fds[count++] =
            (struct pollfd){.fd = outlet->fd, .events = outlet_is_empty(outlet) ? 0 : POLLOUT};
    for (size_t i = 0; i < program->sources.count; i++)
        if (program->sources.items[i].fd >= 0)
            fds[count++] = (struct pollfd){.fd = program->sources.items[i].fd, .events = POLLIN};
    if (!program->loop) {
        poll(fds, count, wait_ms(program));
        return;
    }
    fetch_loop_wait(program->loop, fds, count, wait_ms(program));
    fetch_loop_turn(program->loop);
}

/* Gives true when it is to end. What comes while it is busy waits, and is there when it asks again. */
static bool take_signals(struct program *program)
{
    struct signalfd_siginfo infos[SIGNALS_MAX];
    bool is_to_end = false, is_to_tell = false;
    ssize_t got = read(program->signal_fd, infos, sizeof(infos));
    size_t count = got > 0 ? (size_t)got / sizeof(infos[0]) : 0;
    for (size_t i = 0; i < count; i++)
        if (infos[i].ssi_signo == SIGUSR1)
            is_to_tell = true;
        else
            is_to_end = true;
    if (is_to_tell)
        teller_tell_again(&program->teller);
    return is_to_end;
}

/* Where there was not enough time to print once. */
static const char *what_is_missing(const struct program *program)
{
    if (!program->teller.has_line)
        return "there was nothing to print after 5 seconds";
    return outlet_has_begun(&program->teller.outlet)
               ? "nobody read the rest of the line within 5 seconds: only its beginning is printed"
               : "nobody read within 5 seconds: the line is not printed";
}

/* Time is told as it was before the sockets were last asked, so that nothing is too late that was
 * there in time. */
static int run(struct program *program)
{
    uint64_t started_ms = now_ms(), asked_ms = started_ms;
    for (;;) {
        sources_tick(&program->sources, asked_ms);
        registering_tick(&program->registering, asked_ms);
        teller_tick(&program->teller);
        if (teller_is_over(&program->teller) || take_signals(program))
            return EXIT_SUCCESS;
        if (program->options->is_once) {
            if (teller_is_through(&program->teller))
                return EXIT_SUCCESS;
            if (asked_ms >= started_ms + ONCE_TIMEOUT_MS) {
                log_error("--once: %s", what_is_missing(program));
                return EXIT_FAILURE;
            }
        }
        asked_ms = now_ms();
        await(program);
    }
}

/* Before anything else: what comes from here on waits until it is taken. */
static void block_signals(sigset_t *signals)
{
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(signals);
    sigaddset(signals, SIGTERM);
    sigaddset(signals, SIGINT);
    sigaddset(signals, SIGUSR1);
    sigprocmask(SIG_BLOCK, signals, NULL);
}

/* The file comes first: what the operator wrote counts more than what a container says. A swarm knows the
 * labels of its services, which its containers on this host have not; what the catalog has of this host's
 * containers Docker knows better. */
static void list_sources(struct program *program)
{
    const struct options *options = program->options;
    sources_init(&program->sources, program, say);
    if (options->file_path)
        sources_add(&program->sources, &file_watch_source, &program->file);
    if (options->follows_swarm)
        sources_add(&program->sources, &swarm_source, &program->swarm);
    if (options->follows_docker)
        sources_add(&program->sources, &docker_source, &program->docker);
    else if (options->registers)
        sources_add_unheard(&program->sources, &docker_source, &program->docker);
    if (options->follows_consul)
        sources_add(&program->sources, &consul_source, &options->consul);
}

/* Fails: false when libcurl or the jail cannot be had, which is told. */
static bool open_libraries(struct program *program)
{
    struct text told = TEXT_INIT;
    program->loop = sources_ask_by_http(&program->sources) ? fetch_loop_open() : NULL;
    bool is_good = program->loop || !sources_ask_by_http(&program->sources);
    if (!is_good)
        log_error("the system gives no memory to libcurl");
    else if (!(is_good = cell_enter(program->options, &told)))
        log_error("%s", text_str(&told));
    else if (program->options->is_once)
        log_debug("jail: %s", text_str(&told));
    else
        log_info("jail: %s", text_str(&told));
    text_fini(&told);
    return is_good;
}

static bool open_sources(struct program *program)
{
    list_sources(program);
    if (!open_libraries(program))
        return false;
    sources_open(&program->sources, program->loop);
    if (program->options->registers)
        registering_open(&program->registering, &program->options->registrar, program->loop,
                         &program->sources);
    return true;
}

static void open_teller(struct program *program)
{
    const struct options *options = program->options;
    struct teller_options wanted = {.to_path = options->to_path,
                                    .fd = STDOUT_FILENO,
                                    .is_once = options->is_once,
                                    .is_silent = options->is_silent,
                                    .report = {.owner = program, .say = say}};
    teller_init(&program->teller, &wanted, &program->sources);
}

static int open_and_run(const struct options *options, const sigset_t *signals)
{
    struct program program = {
        .options = options,
        .docker = {.server = &options->docker,
                   .self = options->self,
                   .resync_ms = options->resync_s * 1000,
                   .dialects = &options->dialects,
                   .enlistment = &options->enlistment},
        .swarm = {.server = &options->swarm, .self = options->self, .dialects = &options->dialects},
        .file = {.path = options->file_path,
                 .has_company =
                     options->follows_docker || options->follows_swarm || options->follows_consul},
        .signal_fd = signalfd(-1, signals, SFD_NONBLOCK | SFD_CLOEXEC)};
    if (program.signal_fd < 0) {
        log_error("the system gives no signalfd");
        return EXIT_FAILURE;
    }
    if (!open_sources(&program))
        return EXIT_FAILURE;
    open_teller(&program);
    int status = run(&program);
    registering_close(&program.registering);
    sources_close(&program.sources);
    fetch_loop_close(program.loop);
    teller_fini(&program.teller);
    text_fini(&program.last_trouble);
    close(program.signal_fd);
    return status;
}

static int print_schema(void)
{
    struct text schema = TEXT_INIT;
    file_schema_print(&schema);
    fputs(text_str(&schema), stdout);
    text_fini(&schema);
    return EXIT_SUCCESS;
}

/* What would be in the way of following, for lb --check. */
static int check(const struct options *options)
{
    struct text faults = TEXT_INIT;
    preview_append(options, &faults);
    bool is_good = faults.len == 0;
    for (struct view rest = text_view(&faults), line; rest.len > 0;) {
        line = view_cut(&rest, '\n');
        fprintf(stderr, "lb-discovery: %.*s\n", (int)line.len, line.ptr);
    }
    text_fini(&faults);
    return is_good ? EXIT_SUCCESS : EXIT_USAGE;
}

int main(int argc, char *argv[])
{
    struct options options;
    struct text problem = TEXT_INIT;
    sigset_t signals;
    struct options_environment environment = {
        .docker_host = getenv("DOCKER_HOST"),
        .docker_found = engine_socket_find(),
        .docker_tls_verify = getenv("DOCKER_TLS_VERIFY"),
        .container_id = getenv("LB_CONTAINER_ID"),
        .dialects = getenv("LB_DIALECTS"),
        .require_label = getenv("LB_REQUIRE_LABEL"),
        .exposed_by_default = getenv("LB_TRAEFIK_EXPOSED"),
        .default_rule = getenv("LB_TRAEFIK_DEFAULT_RULE"),
        .default_host = getenv("DEFAULT_HOST"),
        .network_access = getenv("NETWORK_ACCESS"),
        .htpasswd_dir = getenv("LB_HTPASSWD_DIR"),
        .log_level = getenv("LB_LOG_LEVEL"),
        .log_format = getenv("LB_LOG_FORMAT"),
        .consul_addr = getenv("CONSUL_HTTP_ADDR"),
        .consul_token = getenv("CONSUL_HTTP_TOKEN"),
        .consul_token_file = getenv("CONSUL_HTTP_TOKEN_FILE"),
        .consul_ssl = getenv("CONSUL_HTTP_SSL"),
        .consul_ssl_verify = getenv("CONSUL_HTTP_SSL_VERIFY"),
        .consul_ca_file = getenv("CONSUL_CACERT"),
        .consul_ca_path = getenv("CONSUL_CAPATH"),
        .consul_cert = getenv("CONSUL_CLIENT_CERT"),
        .consul_key = getenv("CONSUL_CLIENT_KEY"),
        .consul_server_name = getenv("CONSUL_TLS_SERVER_NAME"),
        .consul_services = getenv("LB_CONSUL_SERVICES"),
        .listen = getenv("LB_DISCOVERY_LISTEN"),
        .ready = getenv("LB_DISCOVERY_READY"),
        .parent = getenv("LB_DISCOVERY_PARENT"),
        .jail = getenv("LB_DISCOVERY_JAIL"),
        .to = getenv("LB_DISCOVERY_TO"),
    };
    block_signals(&signals);
    if (!options_parse(argc, argv, &environment, &options, &problem)) {
        fprintf(stderr, "lb-discovery: %s\n", text_str(&problem));
        parent_tell_problem(environment.parent, text_str(&problem));
        text_fini(&problem);
        return EXIT_USAGE;
    }
    text_fini(&problem);
    if (options.action == OPTIONS_HELP) {
        fputs(options_help(), stdout);
        return EXIT_SUCCESS;
    }
    if (options.action == OPTIONS_CHECK)
        return check(&options);
    if (options.action == OPTIONS_SCHEMA)
        return print_schema();
    if (options.action == OPTIONS_VERSION) {
        printf("lb-discovery %s (libcurl %s, jansson %s)\n", LB_VERSION, fetch_library_version(),
               JANSSON_VERSION);
        return EXIT_SUCCESS;
    }
    parent_follow(environment.parent);
    log_open("lb-discovery", options.log_level, options.log_format);
    outbox_open();
    return open_and_run(&options, &signals);
}
