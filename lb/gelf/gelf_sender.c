#include "lb/gelf/gelf_sender.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "lb/base/clock.h"
#include "lb/base/memory.h"
#include "lb/base/thread.h"
#include "lb/gelf/gelf_desk.h"
#include "lb/gelf/gelf_tcp.h"
#include "lb/gelf/gelf_udp.h"

struct gelf_sender {
    struct gelf_desk desk;
    pthread_t thread;
    _Atomic uint64_t
        stop_ms; /* when it ends at the latest; GELF_DESK_NEVER: nobody asked for that */
};

static uint64_t now(void)
{
    return clock_mono_ns() / 1000000;
}

static void ring(struct gelf_sender *sender)
{
    eventfd_write(sender->desk.bell_fd, 1);
}

/* ---- the thread ------------------------------------------------------------------------------- */

static void wait_for_turn(struct gelf_desk *desk)
{
    struct pollfd wishes[2] = {{.fd = desk->bell_fd, .events = POLLIN},
                               {.fd = desk->fd, .events = desk->events}};
    uint64_t now_ms = now(), wake_ms = desk->wake_ms;
    int wait_ms = -1;
    if (wake_ms != GELF_DESK_NEVER)
        wait_ms =
            wake_ms <= now_ms ? 0 : (int)(wake_ms - now_ms < 60000 ? wake_ms - now_ms : 60000);
    eventfd_t ignored;
    if (poll(wishes, 2, wait_ms) > 0 && (wishes[0].revents & POLLIN))
        eventfd_read(desk->bell_fd, &ignored);
}

static void tell_losses(struct gelf_desk *desk, uint64_t now_ms)
{
    uint64_t count = gelf_queue_take_dropped(&desk->queue);
    if (count > 0)
        gelf_word_trouble(&desk->loss_word, now_ms,
                          "lines for GELF are dropped: more wait for %s than there is room for",
                          desk->options.url.host);
}

static bool is_over(struct gelf_sender *sender, uint64_t now_ms)
{
    uint64_t stop_ms = atomic_load(&sender->stop_ms);
    gelf_desk_wake_at(&sender->desk, stop_ms);
    return stop_ms != GELF_DESK_NEVER &&
           (now_ms >= stop_ms || gelf_queue_count(&sender->desk.queue) == 0);
}

static void turn(struct gelf_desk *desk, uint64_t now_ms)
{
    desk->wake_ms = GELF_DESK_NEVER;
    gelf_target_turn(&desk->target, now_ms);
    gelf_desk_wake_at(desk, gelf_target_due_ms(&desk->target));
    if (desk->options.url.transport == GELF_TCP)
        gelf_tcp_turn(desk, now_ms);
    else
        gelf_udp_turn(desk, now_ms);
    tell_losses(desk, now_ms);
}

static void *run(void *argument)
{
    struct gelf_sender *sender = argument;
    for (;;) {
        uint64_t now_ms = now();
        turn(&sender->desk, now_ms);
        if (is_over(sender, now_ms))
            break;
        wait_for_turn(&sender->desk);
    }
    return NULL;
}

/* ---- from outside ----------------------------------------------------------------------------- */

struct gelf_sender *gelf_sender_start(const struct gelf_sender_options *options)
{
    struct gelf_sender *sender = memory_new(sizeof(*sender));
    atomic_init(&sender->stop_ms, GELF_DESK_NEVER);
    int error = -gelf_desk_open(&sender->desk, options);
    if (error == 0)
        error = thread_start(&sender->thread, NULL, run, sender);
    if (error == 0)
        return sender;
    gelf_desk_close(&sender->desk);
    free(sender);
    errno = error;
    return NULL;
}

static void put_line(struct gelf_sender *sender, struct view line)
{
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    if (line.len == 0)
        return;
    switch (gelf_queue_put(&sender->desk.queue, line)) {
    case GELF_QUEUE_NO_ROOM:
        atomic_fetch_add(sender->desk.options.counts.dropped_queue, 1);
        return;
    case GELF_QUEUE_IS_FIRST:
        ring(sender);
        return;
    case GELF_QUEUE_WAITS:
        return;
    }
}

void gelf_sender_put(struct gelf_sender *sender, struct view lines)
{
    while (lines.len > 0)
        put_line(sender, view_cut(&lines, '\n'));
}

void gelf_sender_stop(struct gelf_sender *sender, unsigned drain_ms)
{
    atomic_store(&sender->stop_ms, now() + drain_ms);
    ring(sender);
    pthread_join(sender->thread, NULL);
    atomic_fetch_add(sender->desk.options.counts.dropped_queue,
                     gelf_queue_count(&sender->desk.queue));
    gelf_desk_close(&sender->desk);
    free(sender);
}
