/* Load at a constant rate. Each request has a time at which it is meant to be sent, fixed before
 * the run, and its latency counts from then: what waits because the proxy is late with earlier
 * answers counts as waiting. (A closed loop as wrk's stops asking while the proxy stalls and never
 * sees what its users would: "coordinated omission".) Prints one JSON object.
 *
 *     steady ADDRESS CONNECTIONS REQUESTS_PER_SECOND SECONDS
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/histogram.h"
#include "bench/socket.h"
#include "lb/base/clock.h"
#include "lb/base/memory.h"

#define CONNECTION_MAX 16384u
#define EVENTS_AT_ONCE 256
#define ANSWER_BYTES   4096u
#define WARM_UP_NS     500000000u  /* not counted */
#define PATIENCE_NS    5000000000u /* for the last answers */

struct connection {
    int fd;
    unsigned index;
    bool is_busy;
    uint64_t sent_count; /* its request number n is number n * connection_count + index of all */
    size_t answer_len;
    char answer[ANSWER_BYTES];
};

struct run {
    int epoll;
    unsigned connection_count;
    double interval_ns; /* between two requests of all connections */
    uint64_t start_ns, request_count;
    uint64_t answered_count, error_count;
    struct connection *connections;
    struct histogram latency;
};

static uint64_t due_ns(const struct run *run, const struct connection *connection)
{
    uint64_t number = connection->sent_count * run->connection_count + connection->index;
    if (number >= run->request_count)
        return UINT64_MAX;
    return run->start_ns + (uint64_t)((double)number * run->interval_ns);
}

static void send_if_due(struct run *run, struct connection *connection, uint64_t now_ns)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: bench.example\r\n\r\n";
    if (connection->is_busy || due_ns(run, connection) > now_ns)
        return;
    connection->is_busy = true;
    if (send(connection->fd, request, sizeof(request) - 1, MSG_NOSIGNAL) < 0)
        socket_die("send");
}

/* The request that was running is over; its latency counts from when it was due. */
static void note_answer(struct run *run, struct connection *connection)
{
    uint64_t now_ns = clock_mono_ns(), was_due_ns = due_ns(run, connection);
    if (memcmp(connection->answer, "HTTP/1.1 200", 12) != 0)
        run->error_count++;
    else if (was_due_ns >= run->start_ns + WARM_UP_NS)
        histogram_note(&run->latency, now_ns - was_due_ns);
    run->answered_count++;
    connection->answer_len = 0;
    connection->is_busy = false;
    connection->sent_count++;
    send_if_due(run, connection, now_ns);
}

/* The backend's answer ends with its small body. */
static bool is_complete(const struct connection *connection)
{
    static const char end[] = "\r\n\r\nok";
    size_t len = sizeof(end) - 1;
    return connection->answer_len >= len &&
           memcmp(connection->answer + connection->answer_len - len, end, len) == 0;
}

static void receive(struct run *run, struct connection *connection)
{
    ssize_t count = read(connection->fd, connection->answer + connection->answer_len,
                         ANSWER_BYTES - connection->answer_len);
    if (count < 0 && errno == EAGAIN)
        return;
    if (count <= 0) {
        fprintf(stderr, "a connection was closed under way\n");
        exit(1);
    }
    connection->answer_len += (size_t)count;
    if (is_complete(connection))
        note_answer(run, connection);
}

static void wait_until(struct run *run, uint64_t until_ns)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    uint64_t now_ns = clock_mono_ns();
    uint64_t rest_ns = until_ns > now_ns ? until_ns - now_ns : 0;
    struct timespec rest = {.tv_sec = (time_t)(rest_ns / 1000000000u),
                            .tv_nsec = (long)(rest_ns % 1000000000u)};
    int count = epoll_pwait2(run->epoll, events, EVENTS_AT_ONCE, &rest, NULL);
    for (int i = 0; i < count; i++)
        receive(run, events[i].data.ptr);
}

static void run_all(struct run *run)
{
    uint64_t next = 0; /* the first whose time has not come yet */
    while (next < run->request_count) {
        uint64_t next_ns = run->start_ns + (uint64_t)((double)next * run->interval_ns);
        uint64_t now_ns = clock_mono_ns();
        if (next_ns <= now_ns)
            send_if_due(run, &run->connections[next++ % run->connection_count], now_ns);
        else
            wait_until(run, next_ns);
    }
    uint64_t end_ns = clock_mono_ns() + PATIENCE_NS;
    while (run->answered_count < run->request_count && clock_mono_ns() < end_ns)
        wait_until(run, end_ns);
}

static void connect_all(struct run *run, const struct address *to)
{
    run->epoll = epoll_create1(EPOLL_CLOEXEC);
    run->connections = memory_new(run->connection_count * sizeof(*run->connections));
    for (unsigned i = 0; i < run->connection_count; i++) {
        struct connection *connection = &run->connections[i];
        connection->index = i;
        connection->fd = socket_connect(to);
        if (connection->fd < 0)
            socket_die("connect");
        socket_watch(run->epoll, connection->fd, EPOLL_CTL_ADD, EPOLLIN, connection);
    }
}

static double quantile_us(const struct run *run, double share)
{
    return (double)histogram_quantile_ns(&run->latency, share) / 1e3;
}

static void print(const struct run *run)
{
    double seconds = (double)(clock_mono_ns() - run->start_ns) / 1e9;
    printf("{\"requests\": %llu, \"seconds\": %.3f, \"errors\": %llu, \"p50_us\": %.1f, "
           "\"p90_us\": %.1f, \"p99_us\": %.1f, \"p999_us\": %.1f, \"max_us\": %.1f}\n",
           (unsigned long long)run->answered_count, seconds,
           (unsigned long long)(run->error_count + run->request_count - run->answered_count),
           quantile_us(run, 0.5), quantile_us(run, 0.9), quantile_us(run, 0.99),
           quantile_us(run, 0.999), (double)run->latency.max_ns / 1e3);
}

int main(int argc, char **argv)
{
    static struct run run;
    if (argc != 5)
        return 2;
    struct address to = socket_address(argv[1]);
    double rate = strtod(argv[3], NULL), seconds = strtod(argv[4], NULL);
    run.connection_count = (unsigned)strtoul(argv[2], NULL, 10);
    if (run.connection_count < 1 || run.connection_count > CONNECTION_MAX || rate < 1)
        return 2;
    run.interval_ns = 1e9 / rate;
    run.request_count = (uint64_t)(rate * seconds);
    prctl(PR_SET_TIMERSLACK, 1ul);
    connect_all(&run, &to);
    run.start_ns = clock_mono_ns();
    run_all(&run);
    print(&run);
    return 0;
}
