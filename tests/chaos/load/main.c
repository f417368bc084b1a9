/* Steady load for tests/chaos: sends requests at a rate over keep-alive and new connections, checks
 * every single answer, sends nothing twice, and reports as one JSON object on standard output. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "lb/base/clock.h"
#include "tests/chaos/load/connection.h"

#define EVENT_MAX 256
#define IN_ARREARS_MAX                                                                             \
    200 /* requests; what the machine did not let out is not made up for at once */
#define SECOND_NS  1000000000u
#define SINGLE_MAX 400 /* connections for one request, at once */

static const char help[] =
    "chaos_load --target IP:PORT [--tls-target IP:PORT] [--rate N] [--connections N] [--fresh "
    "PERCENT] [--seconds N]\n"
    "           [--requests N] [--seed N]\n"
    "\n"
    "Sends N requests a second (default 1000) over at most so many keep-alive connections (128), "
    "and\n"
    "that share of them (10) over new ones, until SIGTERM or SIGINT or until so many seconds have\n"
    "passed or requests ended. With --tls-target every second connection goes there, by TLS. "
    "Failures come on standard error when they happen.\n";

struct options {
    struct address target, tls_target;
    bool has_target, has_tls_target;
    uint64_t rate;
    uint64_t connections;
    uint64_t fresh_percent;
    uint64_t seconds;
    uint64_t requests;
    uint64_t seed;
};

struct load {
    struct options options;
    struct request_source source;
    struct tally tally;
    struct list all;
    struct connection **idle; /* of `kept_count` at most */
    unsigned idle_count;
    unsigned kept_count;
    unsigned single_count;
    int epoll;
    SSL_CTX *tls; /* NULL: all are plain */
    bool is_ending;
    uint64_t begun_ns;
    uint64_t skipped;
    struct request next; /* drawn, but not sent yet */
    bool has_next;
};

static bool parse_options(int argc, char **argv, struct options *out)
{
    static const struct option flags[] = {
        {"target", required_argument, NULL, 't'},
        {"tls-target", required_argument, NULL, 'l'},
        {"rate", required_argument, NULL, 'r'},
        {"connections", required_argument, NULL, 'c'},
        {"fresh", required_argument, NULL, 'f'},
        {"seconds", required_argument, NULL, 's'},
        {"requests", required_argument, NULL, 'n'},
        {"seed", required_argument, NULL, 'x'},
        {NULL, 0, NULL, 0},
    };
    *out = (struct options){.rate = 1000, .connections = 128, .fresh_percent = 10};
    int flag;
    bool is_good = true;
    while (is_good && (flag = getopt_long(argc, argv, "", flags, NULL)) != -1) {
        struct view value = view_str(optarg);
        if (flag == 't')
            is_good = out->has_target = address_parse(value, &out->target);
        else if (flag == 'l')
            is_good = out->has_tls_target = address_parse(value, &out->tls_target);
        else if (flag == 'r')
            is_good = view_parse_u64(value, 1000000, &out->rate) && out->rate > 0;
        else if (flag == 'c')
            is_good = view_parse_u64(value, 10000, &out->connections) && out->connections > 0;
        else if (flag == 'f')
            is_good = view_parse_u64(value, 100, &out->fresh_percent);
        else if (flag == 's')
            is_good = view_parse_u64(value, 1000000, &out->seconds);
        else if (flag == 'n')
            is_good = view_parse_u64(value, UINT64_MAX, &out->requests);
        else if (flag == 'x')
            is_good = view_parse_u64(value, UINT64_MAX, &out->seed);
        else
            is_good = false;
    }
    return is_good && out->has_target && optind == argc;
}

/* ---- connections ----------------------------------------------------------------------------- */

static void forget_idle(struct load *load, const struct connection *connection)
{
    for (unsigned i = 0; i < load->idle_count; i++)
        if (load->idle[i] == connection)
            load->idle[i--] = load->idle[--load->idle_count];
}

/* After anything happened to it. */
static void settle(struct load *load, struct connection *connection)
{
    if (connection->state == CONNECTION_IDLE) {
        load->idle[load->idle_count++] = connection;
    } else if (connection->state == CONNECTION_CLOSED) {
        list_unlink(&connection->node);
        if (connection->is_single)
            load->single_count--;
        else
            load->kept_count--;
        free(connection);
    }
}

static void open_one(struct load *load, bool is_single)
{
    bool is_by_tls = load->tls && load->tally.connections % 2 == 1;
    const struct connection_way way = {.to = is_by_tls ? &load->options.tls_target
                                                       : &load->options.target,
                                       .tls = is_by_tls ? load->tls : NULL,
                                       .epoll = load->epoll,
                                       .tally = &load->tally};
    struct connection *connection = connection_open(&way, &load->next, is_single);
    list_append(&load->all, &connection->node);
    if (is_single)
        load->single_count++;
    else
        load->kept_count++;
    load->has_next = false;
    settle(load, connection);
}

/* An idle connection at random: some rest for long, as those of clients do. */
static bool ask_on_idle(struct load *load)
{
    while (load->idle_count > 0) {
        unsigned at = (unsigned)(rng_next(&load->source.rng) % load->idle_count);
        struct connection *connection = load->idle[at];
        load->idle[at] = load->idle[--load->idle_count];
        bool was_asked = connection_ask(connection, &load->next);
        if (!was_asked)
            settle(load, connection);
        load->has_next = load->has_next && !was_asked;
        if (was_asked)
            return true;
    }
    return false;
}

/* ---- pace ------------------------------------------------------------------------------------ */

/* Sends one more; false when every connection is busy. */
static bool send_one(struct load *load)
{
    bool is_single = rng_next(&load->source.rng) % 100 < load->options.fresh_percent;
    if (!load->has_next) {
        bool says_close = is_single ? rng_next(&load->source.rng) % 2 == 0
                                    : rng_next(&load->source.rng) % 200 == 0;
        request_next(&load->source, says_close, &load->next);
        load->has_next = true;
    }
    if (is_single && load->single_count < SINGLE_MAX) {
        open_one(load, true);
        return true;
    }
    if (ask_on_idle(load))
        return true;
    if (load->kept_count >= load->options.connections)
        return false;
    open_one(load, false);
    return true;
}

static void send_due(struct load *load, uint64_t now_ns)
{
    uint64_t due = (now_ns - load->begun_ns) * load->options.rate / SECOND_NS;
    uint64_t made = load->source.count - load->has_next + load->skipped;
    if (due > made + IN_ARREARS_MAX) {
        load->tally.postponed += due - made - IN_ARREARS_MAX;
        load->skipped += due - made - IN_ARREARS_MAX;
        made = due - IN_ARREARS_MAX;
    }
    while (made < due && send_one(load))
        made++;
}

/* ---- the loop -------------------------------------------------------------------------------- */

static int watch_signals(int epoll)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    int fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    return fd;
}

static bool is_enough(const struct load *load, uint64_t now_ns)
{
    const struct options *options = &load->options;
    return (options->seconds > 0 && now_ns - load->begun_ns >= options->seconds * SECOND_NS) ||
           (options->requests > 0 && tally_requests(&load->tally) >= options->requests);
}

static void check_times(struct load *load, uint64_t now_ns)
{
    list_for_each_safe (node, &load->all) {
        struct connection *connection = list_entry(node, struct connection, node);
        connection_check_time(connection, now_ns);
        if (connection->state == CONNECTION_CLOSED)
            settle(load, connection);
    }
}

static void on_ready(struct load *load, struct connection *connection)
{
    if (!connection) {
        load->is_ending = true;
        return;
    }
    if (connection->state == CONNECTION_IDLE)
        forget_idle(load, connection);
    connection_on_ready(connection);
    settle(load, connection);
}

static void run(struct load *load)
{
    struct epoll_event events[EVENT_MAX];
    uint64_t told_ns = load->begun_ns = clock_mono_ns();
    for (;;) {
        int count = epoll_wait(load->epoll, events, EVENT_MAX, 1);
        for (int i = 0; i < count; i++)
            on_ready(load, events[i].data.ptr);
        uint64_t now_ns = clock_mono_ns();
        load->is_ending = load->is_ending || is_enough(load, now_ns);
        if (!load->is_ending)
            send_due(load, now_ns);
        else if (load->kept_count + load->single_count == load->idle_count)
            return;
        if (now_ns - told_ns >= SECOND_NS) {
            told_ns = now_ns;
            check_times(load, now_ns);
            tally_progress(&load->tally);
        }
    }
}

int main(int argc, char **argv)
{
    static struct load load;
    if (!parse_options(argc, argv, &load.options)) {
        fputs(help, stderr);
        return 2;
    }
    load.idle = calloc(load.options.connections, sizeof(struct connection *));
    load.epoll = epoll_create1(EPOLL_CLOEXEC);
    int signals = watch_signals(load.epoll);
    if (!load.idle || load.epoll < 0 || signals < 0)
        return 1;
    if (load.options.has_tls_target)
        load.tls = tls_client();
    list_init(&load.all);
    tally_init(&load.tally);
    request_source_init(&load.source, load.options.seed);
    run(&load);
    struct text report = TEXT_INIT;
    tally_report(&load.tally, &report);
    fputs(text_str(&report), stdout);
    text_fini(&report);
    tally_fini(&load.tally);
    request_source_fini(&load.source);
    return 0;
}
