/* Load of datagrams: so many flows, each a socket of its own, of which so many at a time have a datagram on its way
 * that is to come back. A flow that has got its own lets the next one ask. Prints one JSON object.
 *
 *     flows ADDRESS FLOWS AT_ONCE SECONDS
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/socket.h"
#include "lb/base/clock.h"
#include "lb/base/memory.h"

#define FLOW_MAX       16384u
#define EVENTS_AT_ONCE 256
#define BYTES          64u
#define LOST_MS        200 /* nothing has come for so long: what was on its way is lost */

struct flow {
    int fd;
    bool is_waiting;
};

struct run {
    int epoll;
    unsigned flow_count, at_once, next;
    uint64_t done_count, error_count;
    struct flow *flows;
};

/* The next flow that waits for nothing. There is one: fewer are on their way than there are flows, but for the
 * one that has just got an answer. */
static void ask_next(struct run *run)
{
    static const char question[BYTES] = "what comes back is what was sent";
    struct flow *flow = &run->flows[run->next];
    while (flow->is_waiting) {
        run->next = (run->next + 1) % run->flow_count;
        flow = &run->flows[run->next];
    }
    run->next = (run->next + 1) % run->flow_count;
    flow->is_waiting = true;
    if (send(flow->fd, question, sizeof(question), 0) < 0)
        run->error_count++;
}

static void read_answer(struct run *run, struct flow *flow)
{
    char answer[2 * BYTES];
    ssize_t count = recv(flow->fd, answer, sizeof(answer), 0);
    if (count < 0 && errno == EAGAIN)
        return;
    if (count != BYTES)
        run->error_count++;
    if (!flow->is_waiting) /* it was thought to be lost */
        return;
    flow->is_waiting = false;
    run->done_count++;
    ask_next(run);
}

static void ask_again(struct run *run)
{
    for (unsigned i = 0; i < run->flow_count; i++)
        run->error_count += run->flows[i].is_waiting;
    for (unsigned i = 0; i < run->flow_count; i++)
        run->flows[i].is_waiting = false;
    for (unsigned i = 0; i < run->at_once; i++)
        ask_next(run);
}

static void run_until(struct run *run, uint64_t end_ns)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    while (clock_mono_ns() < end_ns) {
        int count = epoll_wait(run->epoll, events, EVENTS_AT_ONCE, LOST_MS);
        for (int i = 0; i < count; i++)
            read_answer(run, events[i].data.ptr);
        if (count == 0)
            ask_again(run);
    }
}

static void open_all(struct run *run, const struct address *to)
{
    run->flows = memory_new(run->flow_count * sizeof(*run->flows));
    for (unsigned i = 0; i < run->flow_count; i++) {
        struct flow *flow = &run->flows[i];
        flow->fd = socket(to->socket.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (flow->fd < 0 || connect(flow->fd, &to->socket.any, address_size(to)) < 0)
            socket_die("a flow's socket");
        socket_watch(run->epoll, flow->fd, EPOLL_CTL_ADD, EPOLLIN, flow);
    }
}

int main(int argc, char **argv)
{
    struct run run = {.epoll = epoll_create1(EPOLL_CLOEXEC)};
    if (argc != 5)
        return 2;
    struct address to = socket_address(argv[1]);
    run.flow_count = (unsigned)strtoul(argv[2], NULL, 10);
    run.at_once = (unsigned)strtoul(argv[3], NULL, 10);
    double seconds = strtod(argv[4], NULL);
    if (run.at_once < 1 || run.flow_count < run.at_once || run.flow_count > FLOW_MAX)
        return 2;
    open_all(&run, &to);
    uint64_t start_ns = clock_mono_ns();
    for (unsigned i = 0; i < run.at_once; i++)
        ask_next(&run);
    run_until(&run, start_ns + (uint64_t)(seconds * 1e9));
    printf("{\"requests\": %llu, \"seconds\": %.3f, \"errors\": %llu}\n",
           (unsigned long long)run.done_count, (double)(clock_mono_ns() - start_ns) / 1e9,
           (unsigned long long)run.error_count);
    return 0;
}
