/* Clients of a TCP and a UDP service for tests/chaos, which compare every echo and count: connections that stay,
 * ones for one message, and flows. Reports as one JSON object on standard output. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>

#include "lb/base/clock.h"
#include "lb/base/json_writer.h"
#include "tests/chaos/passages/link.h"

#define EVENT_MAX 256

static const char help[] =
    "chaos_passages --tcp IP:PORT --udp IP:PORT [--kept N] [--fresh N] [--flows N]\n"
    "\n"
    "So many connections that stay (40), connections for one message at a time (20) and flows (40) "
    "of datagrams to\n"
    "servers that say their name and send back what comes, until SIGTERM or SIGINT; then what is "
    "asked is waited for.\n"
    "Failures come on standard error when they happen.\n";

struct clients {
    struct address to[LINK_KIND_COUNT];
    uint64_t count[LINK_KIND_COUNT];
    struct link_counts counts[LINK_KIND_COUNT];
    uint64_t number;
    struct link *links;
    size_t total;
    int epoll;
    bool is_ending;
};

static bool parse_options(int argc, char **argv, struct clients *out)
{
    static const struct option flags[] = {
        {"tcp", required_argument, NULL, 't'},   {"udp", required_argument, NULL, 'u'},
        {"kept", required_argument, NULL, 'k'},  {"fresh", required_argument, NULL, 'f'},
        {"flows", required_argument, NULL, 'l'}, {NULL, 0, NULL, 0},
    };
    static const char counts[] = "kfl";
    int flag, seen = 0;
    bool is_good = true;
    while (is_good && (flag = getopt_long(argc, argv, "", flags, NULL)) != -1) {
        struct view value = view_str(optarg ? optarg : "");
        if (flag == 't')
            is_good = address_parse(value, &out->to[LINK_KEPT]) && ++seen;
        else if (flag == 'u')
            is_good = address_parse(value, &out->to[LINK_FLOW]) && ++seen;
        else if (flag == '?')
            is_good = false;
        else
            for (unsigned kind = 0; kind < LINK_KIND_COUNT; kind++)
                if (flag == counts[kind])
                    is_good = view_parse_u64(value, 2000, &out->count[kind]);
    }
    out->to[LINK_FRESH] = out->to[LINK_KEPT];
    return is_good && seen == 2 && optind == argc;
}

static void make_links(struct clients *clients)
{
    for (unsigned kind = 0; kind < LINK_KIND_COUNT; kind++)
        clients->total += clients->count[kind];
    clients->links = calloc(clients->total + 1, sizeof(*clients->links));
    uint64_t now_ns = clock_mono_ns();
    size_t at = 0;
    for (unsigned kind = 0; clients->links && kind < LINK_KIND_COUNT; kind++)
        for (uint64_t i = 0; i < clients->count[kind]; i++)
            clients->links[at++] =
                (struct link){.kind = kind,
                              .fd = -1,
                              .epoll = clients->epoll,
                              .to = &clients->to[kind],
                              .counts = &clients->counts[kind],
                              .next_number = &clients->number,
                              .due_ns = now_ns + i * 10000000u}; /* one after the other */
}

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

/* A connection that was greeted still says what it is for; nobody begins anything else. False: none waits. */
static bool tick(struct clients *clients, uint64_t now_ns)
{
    bool does_wait = false;
    for (size_t i = 0; i < clients->total; i++) {
        struct link *link = &clients->links[i];
        link_check_time(link, now_ns);
        if (!clients->is_ending || (link->kind == LINK_FRESH && link->is_greeted))
            link_ask(link, now_ns);
        does_wait = does_wait || link->is_waiting;
    }
    return does_wait;
}

static void run(struct clients *clients)
{
    struct epoll_event events[EVENT_MAX];
    for (;;) {
        int count = epoll_wait(clients->epoll, events, EVENT_MAX, 5);
        uint64_t now_ns = clock_mono_ns();
        for (int i = 0; i < count; i++) {
            struct link *link = events[i].data.ptr;
            if (!link)
                clients->is_ending = true;
            else if (link->fd >= 0)
                link_on_ready(link, now_ns);
        }
        if (!tick(clients, now_ns) && clients->is_ending)
            return;
    }
}

static void report(const struct clients *clients)
{
    struct text out = TEXT_INIT;
    struct json_writer json;
    json_writer_init(&json, &out);
    json_writer_begin_object(&json);
    for (unsigned kind = 0; kind < LINK_KIND_COUNT; kind++) {
        const struct link_counts *counts = &clients->counts[kind];
        json_writer_key(&json, link_kind_name(kind));
        json_writer_begin_object(&json);
        json_writer_field_uint(&json, "opened", counts->opened);
        json_writer_field_uint(&json, "asked", counts->asked);
        json_writer_field_uint(&json, "answered", counts->answered);
        json_writer_field_uint(&json, "failed", counts->failed);
        json_writer_field_uint(&json, "late", counts->late);
        json_writer_field_uint(&json, "wrong", counts->wrong);
        json_writer_end_object(&json);
    }
    json_writer_end_object(&json);
    puts(text_str(&out));
    text_fini(&out);
}

int main(int argc, char **argv)
{
    static struct clients clients = {.count = {40, 20, 40}};
    if (!parse_options(argc, argv, &clients)) {
        fputs(help, stderr);
        return 2;
    }
    clients.epoll = epoll_create1(EPOLL_CLOEXEC);
    make_links(&clients);
    if (!clients.links || watch_signals(clients.epoll) < 0)
        return 1;
    run(&clients);
    report(&clients);
    free(clients.links);
    return 0;
}
