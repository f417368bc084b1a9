#include "tests/chaos/passages/link.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lb/base/clock.h"

#define MS 1000000u

static const struct {
    const char *name;
    uint64_t pause_ns, deadline_ns;
    unsigned messages; /* until it opens anew; a kept one never does by itself */
    size_t max_bytes;
} kinds[LINK_KIND_COUNT] = {
    [LINK_KEPT] = {"kept", 200 * MS, 30000ull * MS, 0, 300},
    [LINK_FRESH] = {"fresh", 400 * MS, 30000ull * MS, 1, LINK_BYTES},
    [LINK_FLOW] = {"flow", 50 * MS, 15000ull * MS, 100, 1200},
};

const char *link_kind_name(enum link_kind kind)
{
    return kinds[kind].name;
}

static void close_link(struct link *link, uint64_t now_ns)
{
    if (link->fd >= 0)
        close(link->fd);
    link->fd = -1;
    link->is_waiting = link->is_greeted = false;
    link->server[0] = '\0';
    link->due_ns = now_ns + kinds[link->kind].pause_ns;
}

static void fail(struct link *link, const char *how, uint64_t now_ns)
{
    uint64_t now_wall_ns = clock_wall_ns();
    link->counts->failed++;
    fprintf(
        stderr,
        "{\"kind\":\"%s\",\"server\":\"%s\",\"how\":\"%s\",\"is_greeted\":%s,\"number\":%" PRIu64
        ",\"begun\":%.6f,\"failed\":%.6f}\n",
        kinds[link->kind].name, link->server, how, link->is_greeted ? "true" : "false",
        link->number, (double)link->begun_wall_ns / 1e9, (double)now_wall_ns / 1e9);
    link->is_waiting = false;
    link->due_ns = now_ns;
    link->server[0] = '\0'; /* a flow may be with another one by now */
    if (link->kind != LINK_FLOW)
        close_link(link, now_ns);
}

static void begin_waiting(struct link *link, uint64_t now_ns)
{
    link->is_waiting = true;
    link->counts->asked++;
    link->begun_ns = now_ns;
    link->begun_wall_ns = clock_wall_ns();
    link->sent = link->got = 0;
}

static void answer_came(struct link *link, uint64_t now_ns)
{
    link->is_waiting = false;
    link->counts->answered++;
    link->due_ns = now_ns + kinds[link->kind].pause_ns;
}

/* ---- asking ---------------------------------------------------------------------------------- */

static void open_link(struct link *link, uint64_t now_ns)
{
    bool is_flow = link->kind == LINK_FLOW;
    int one = 1;
    link->counts->opened++;
    link->left = kinds[link->kind].messages;
    link->fd = socket(link->to->socket.any.sa_family,
                      (is_flow ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (!is_flow) {
        setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        begin_waiting(link, now_ns); /* for the greeting */
    }
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = link};
    epoll_ctl(link->epoll, EPOLL_CTL_ADD, link->fd, &event);
    if (connect(link->fd, &link->to->socket.any, address_size(link->to)) != 0 &&
        errno != EINPROGRESS)
        fail(link, "connect", now_ns);
}

/* The number in hex, then bytes that follow from it. */
static void make_message(struct link *link)
{
    link->number = ++*link->next_number;
    link->wanted = 17 + link->number * 7919 % (kinds[link->kind].max_bytes - 17);
    snprintf(link->out, sizeof(link->out), "%016" PRIx64 "\n", link->number);
    for (size_t i = 17; i < link->wanted; i++)
        link->out[i] = (char)(link->number * 31 + i * 7);
}

static void send_rest(struct link *link)
{
    while (link->sent < link->wanted) {
        ssize_t count =
            send(link->fd, link->out + link->sent, link->wanted - link->sent, MSG_NOSIGNAL);
        if (count < 0)
            break; /* what is wrong is told where it reads */
        link->sent += (size_t)count;
    }
    struct epoll_event event = {.events = EPOLLIN | (link->sent < link->wanted ? EPOLLOUT : 0u),
                                .data.ptr = link};
    epoll_ctl(link->epoll, EPOLL_CTL_MOD, link->fd, &event);
    if (link->sent == link->wanted && link->kind == LINK_FRESH)
        shutdown(link->fd, SHUT_WR);
}

void link_ask(struct link *link, uint64_t now_ns)
{
    if (link->is_waiting || now_ns < link->due_ns)
        return;
    if (link->kind == LINK_FLOW && link->fd >= 0 && link->left == 0)
        close_link(link, now_ns);
    if (link->fd < 0) {
        open_link(link, now_ns);
        if (link->kind != LINK_FLOW)
            return;
    }
    make_message(link);
    begin_waiting(link, now_ns);
    link->left -= link->left > 0;
    if (link->kind != LINK_FLOW)
        send_rest(link);
    else if (send(link->fd, link->out, link->wanted, 0) < 0)
        fail(link, "send", now_ns);
}

/* ---- answers --------------------------------------------------------------------------------- */

static void keep_name(struct link *link, size_t len)
{
    len = len < LINK_NAME_BYTES - 1 ? len : LINK_NAME_BYTES - 1;
    memcpy(link->server, link->in, len);
    link->server[len] = '\0';
}

/* The server's name, in a line of its own, and nothing after it. */
static void take_greeting(struct link *link, uint64_t now_ns)
{
    if (link->in[link->got - 1] != '\n')
        return;
    keep_name(link, link->got - 1);
    link->is_greeted = true;
    answer_came(link, now_ns);
    link->due_ns = now_ns;
}

static void take_echo(struct link *link, uint64_t now_ns)
{
    if (link->got < link->wanted)
        return;
    if (link->got > link->wanted || memcmp(link->in, link->out, link->got) != 0) {
        link->counts->wrong++;
        fail(link, "wrong", now_ns);
    } else if (link->kind == LINK_KEPT) {
        answer_came(link, now_ns);
    } /* a fresh one waits for the end */
}

static void take_end(struct link *link, uint64_t now_ns)
{
    bool is_whole = link->kind == LINK_FRESH && link->is_greeted && link->is_waiting &&
                    link->sent == link->wanted && link->got == link->wanted;
    if (is_whole) {
        answer_came(link, now_ns);
        close_link(link, now_ns);
        return;
    }
    if (!link->is_waiting) { /* it ended between two messages: that counts as the next one's failure */
        begin_waiting(link, now_ns);
    }
    fail(link, "closed", now_ns);
}

static void read_stream(struct link *link, uint64_t now_ns)
{
    ssize_t count = recv(link->fd, link->in + link->got, sizeof(link->in) - link->got, 0);
    if (count < 0 && errno == EAGAIN)
        return;
    if (count == 0) {
        take_end(link, now_ns);
    } else if (count < 0) {
        if (!link->is_waiting)
            begin_waiting(link, now_ns);
        fail(link, errno == ECONNREFUSED ? "connect" : "reset", now_ns);
    } else {
        link->got += (size_t)count;
        link->is_greeted ? take_echo(link, now_ns) : take_greeting(link, now_ns);
    }
}

/* The number that an answer is to: 0 where it is to none that was asked. */
static uint64_t number_in(const char *text, size_t len)
{
    char digits[17] = "";
    unsigned long long number = 0;
    if (len < 17)
        return 0;
    memcpy(digits, text, 16);
    return sscanf(digits, "%llx", &number) == 1 ? number : 0;
}

static void take_datagram(struct link *link, size_t len, uint64_t now_ns)
{
    const char *blank = memchr(link->in, ' ', len);
    size_t name_len = blank ? (size_t)(blank - link->in) : len;
    size_t echo_len = blank ? len - name_len - 1 : 0;
    uint64_t number = blank ? number_in(blank + 1, echo_len) : 0;
    bool is_it = link->is_waiting && number == link->number;
    if (is_it && echo_len == link->wanted && memcmp(blank + 1, link->out, echo_len) == 0) {
        keep_name(link, name_len);
        link->last_answered = number;
        answer_came(link, now_ns);
    } else if (number == 0 || is_it || number >= link->number) {
        link->counts->wrong++;
    } else {
        link->counts->late++;
    }
}

static void read_datagrams(struct link *link, uint64_t now_ns)
{
    ssize_t count;
    while ((count = recv(link->fd, link->in, sizeof(link->in), 0)) >= 0)
        take_datagram(link, (size_t)count, now_ns);
    if (errno != EAGAIN && link->is_waiting)
        fail(link, "refused", now_ns);
}

void link_on_ready(struct link *link, uint64_t now_ns)
{
    if (link->kind == LINK_FLOW) {
        read_datagrams(link, now_ns);
        return;
    }
    if (link->is_waiting && link->is_greeted && link->sent < link->wanted)
        send_rest(link);
    read_stream(link, now_ns);
}

void link_check_time(struct link *link, uint64_t now_ns)
{
    if (link->is_waiting && now_ns - link->begun_ns > kinds[link->kind].deadline_ns)
        fail(link, "timeout", now_ns);
}
