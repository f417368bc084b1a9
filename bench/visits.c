/* Load of short connections: each is new, asks for the backend's small page, gets it, and ends, as many at a time
 * as were asked for. Who connects ends it, as a program that talks to a database does. Prints one JSON object.
 *
 *     visits ADDRESS AT_ONCE SECONDS
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/socket.h"
#include "lb/base/clock.h"
#include "lb/base/memory.h"

#define AT_ONCE_MAX    1024u
#define EVENTS_AT_ONCE 256
#define ANSWER_BYTES   4096u
#define LOOK_MS        100 /* whether it is time to end */

struct visit {
    int fd;
    bool is_connected;
};

struct run {
    int epoll;
    struct address to;
    unsigned next_source;
    uint64_t done_count, error_count;
};

static void begin(struct run *run, struct visit *visit)
{
    visit->fd = socket_call_from(&run->to, run->next_source++);
    visit->is_connected = false;
    socket_watch(run->epoll, visit->fd, EPOLL_CTL_ADD, EPOLLOUT, visit);
}

static void end(struct run *run, struct visit *visit, bool is_well)
{
    close(visit->fd);
    run->done_count += is_well;
    run->error_count += !is_well;
    begin(run, visit);
}

static void ask(struct run *run, struct visit *visit)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: bench.example\r\n\r\n";
    if (send(visit->fd, request, sizeof(request) - 1, MSG_NOSIGNAL) < 0) {
        end(run, visit, false);
        return;
    }
    visit->is_connected = true;
    socket_watch(run->epoll, visit->fd, EPOLL_CTL_MOD, EPOLLIN, visit);
}

/* The answer is small, and comes as a whole. */
static void read_answer(struct run *run, struct visit *visit)
{
    char answer[ANSWER_BYTES];
    ssize_t count = recv(visit->fd, answer, sizeof(answer), 0);
    if (count < 0 && errno == EAGAIN)
        return;
    end(run, visit, count > 12 && memcmp(answer, "HTTP/1.1 200", 12) == 0);
}

static void run_until(struct run *run, uint64_t end_ns)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    while (clock_mono_ns() < end_ns) {
        int count = epoll_wait(run->epoll, events, EVENTS_AT_ONCE, LOOK_MS);
        for (int i = 0; i < count; i++) {
            struct visit *visit = events[i].data.ptr;
            if (visit->is_connected)
                read_answer(run, visit);
            else
                ask(run, visit);
        }
    }
}

int main(int argc, char **argv)
{
    struct run run = {.epoll = epoll_create1(EPOLL_CLOEXEC)};
    if (argc != 4)
        return 2;
    run.to = socket_address(argv[1]);
    unsigned at_once = (unsigned)strtoul(argv[2], NULL, 10);
    double seconds = strtod(argv[3], NULL);
    if (at_once < 1 || at_once > AT_ONCE_MAX || run.to.socket.any.sa_family != AF_INET)
        return 2;
    struct visit *visits = memory_new(at_once * sizeof(*visits));
    uint64_t start_ns = clock_mono_ns();
    for (unsigned i = 0; i < at_once; i++)
        begin(&run, &visits[i]);
    run_until(&run, start_ns + (uint64_t)(seconds * 1e9));
    printf("{\"requests\": %llu, \"seconds\": %.3f, \"errors\": %llu}\n",
           (unsigned long long)run.done_count, (double)(clock_mono_ns() - start_ns) / 1e9,
           (unsigned long long)run.error_count);
    return 0;
}
