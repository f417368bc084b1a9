/* Load of TLS handshakes: each connection shakes hands, waits for a ticket (so the server, too, is done), and ends, as many at
 * a time as were asked for. "full": each anew; "resumed": by the ticket of the one before. Prints one JSON object.
 *
 *     handshakes ADDRESS AT_ONCE full|resumed SECONDS
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/socket.h"
#include "bench/tls.h"
#include "lb/base/clock.h"
#include "lb/base/memory.h"

#define AT_ONCE_MAX    1024u
#define EVENTS_AT_ONCE 256
#define LOOK_MS        100 /* whether it is time to end */

struct visit {
    int fd;
    SSL *tls;
    SSL_SESSION *session; /* of the last ticket; NULL: none */
    bool has_ticket, has_ended;
};

struct run {
    int epoll;
    struct address to;
    SSL_CTX *context;
    bool resumes;
    unsigned next_source;
    uint64_t done_count, error_count, resumed_count;
};

static void begin(struct run *run, struct visit *visit)
{
    visit->fd = socket_call_from(&run->to, run->next_source++);
    visit->tls = SSL_new(run->context);
    visit->has_ticket = visit->has_ended = false;
    SSL_set_app_data(visit->tls, visit);
    SSL_set_connect_state(visit->tls);
    SSL_set_tlsext_host_name(visit->tls, "bench.example");
    SSL_set_fd(visit->tls, visit->fd);
    if (run->resumes && visit->session)
        SSL_set_session(visit->tls, visit->session);
    socket_watch(run->epoll, visit->fd, EPOLL_CTL_ADD, EPOLLOUT, visit);
}

static void end(struct run *run, struct visit *visit)
{
    bool is_well = visit->has_ticket;
    run->resumed_count += is_well && SSL_session_reused(visit->tls);
    SSL_free(visit->tls);
    close(visit->fd);
    run->done_count += is_well;
    run->error_count += !is_well;
    begin(run, visit);
}

/* Takes the session. */
static int on_ticket(SSL *tls, SSL_SESSION *session)
{
    struct visit *visit = SSL_get_app_data(tls);
    SSL_SESSION_free(visit->session);
    visit->session = session;
    visit->has_ticket = true;
    return 1;
}

/* Until the server has ended, too. */
static void go_on(struct run *run, struct visit *visit)
{
    char byte;
    if (!visit->has_ended)
        socket_watch(run->epoll, visit->fd, EPOLL_CTL_MOD, EPOLLIN, visit);
    ssize_t count = tls_receive(visit->tls, &byte, 1);
    if (count == 0) {
        end(run, visit);
    } else if (visit->has_ticket && !visit->has_ended) {
        SSL_shutdown(visit->tls);
        shutdown(visit->fd, SHUT_WR);
        visit->has_ended = true;
    }
}

static void run_until(struct run *run, uint64_t end_ns)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    while (clock_mono_ns() < end_ns) {
        int count = epoll_wait(run->epoll, events, EVENTS_AT_ONCE, LOOK_MS);
        for (int i = 0; i < count; i++)
            go_on(run, events[i].data.ptr);
    }
}

static bool read_words(struct run *run, char **argv, unsigned *at_once)
{
    run->to = socket_address(argv[1]);
    *at_once = (unsigned)strtoul(argv[2], NULL, 10);
    run->resumes = strcmp(argv[3], "resumed") == 0;
    return (run->resumes || strcmp(argv[3], "full") == 0) && *at_once >= 1 &&
           *at_once <= AT_ONCE_MAX && run->to.socket.any.sa_family == AF_INET;
}

int main(int argc, char **argv)
{
    struct run run = {.epoll = epoll_create1(EPOLL_CLOEXEC)};
    unsigned at_once;
    if (argc != 5 || !read_words(&run, argv, &at_once))
        return 2;
    run.context = tls_client();
    SSL_CTX_set_session_cache_mode(run.context,
                                   SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
    SSL_CTX_sess_set_new_cb(run.context, on_ticket);
    struct visit *visits = memory_new(at_once * sizeof(*visits));
    uint64_t start_ns = clock_mono_ns();
    for (unsigned i = 0; i < at_once; i++)
        begin(&run, &visits[i]);
    run_until(&run, start_ns + (uint64_t)(strtod(argv[4], NULL) * 1e9));
    printf("{\"requests\": %llu, \"seconds\": %.3f, \"errors\": %llu, \"resumed\": %llu}\n",
           (unsigned long long)run.done_count, (double)(clock_mono_ns() - start_ns) / 1e9,
           (unsigned long long)run.error_count, (unsigned long long)run.resumed_count);
    return 0;
}
