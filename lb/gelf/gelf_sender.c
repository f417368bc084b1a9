#include "lb/gelf/gelf_sender.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lb/base/clock.h"
#include "lb/base/memory.h"
#include "lb/base/thread.h"
#include "lb/gelf/gelf_chunk.h"
#include "lb/gelf/gelf_sender_state.h"
#include "lb/gelf/gelf_tcp.h"
#include "lb/gelf/gelf_udp.h"

#define QUEUE_BYTES        ((size_t)4 << 20)
#define RESOLVE_MS         30000u
#define CONNECT_TIMEOUT_MS 5000u
#define STALL_TIMEOUT_MS   30000u

static uint64_t now(void)
{
    return clock_mono_ns() / 1000000;
}

static void ring(struct gelf_sender *sender)
{
    eventfd_write(sender->bell_fd, 1);
}

/* ---- for both ways ---------------------------------------------------------------------------- */

bool gelf_sender_next(struct gelf_sender *sender)
{
    struct view line;
    if (sender->mail.ptr)
        return true;
    if (!gelf_queue_first(&sender->queue, &line))
        return false;
    text_clear(&sender->json);
    gelf_message_put(&sender->json, &sender->origin, line, clock_wall_ns());
    sender->mail = gelf_compress_pack(sender->compress, text_view(&sender->json), &sender->packed);
    return true;
}

static void forget_first(struct gelf_sender *sender)
{
    sender->mail = view_of(NULL, 0);
    sender->chunk_number = 0;
    gelf_queue_drop_first(&sender->queue);
}

void gelf_sender_done(struct gelf_sender *sender, size_t bytes)
{
    atomic_fetch_add(sender->options.counts.sent, 1);
    atomic_fetch_add(sender->options.counts.sent_bytes, bytes);
    forget_first(sender);
}

void gelf_sender_drop(struct gelf_sender *sender)
{
    atomic_fetch_add(sender->options.counts.dropped_error, 1);
    forget_first(sender);
}

void gelf_sender_shut(struct gelf_sender *sender)
{
    if (sender->fd >= 0)
        close(sender->fd);
    sender->fd = -1;
}

void gelf_sender_wake_at(struct gelf_sender *sender, uint64_t at_ms)
{
    if (at_ms < sender->wake_ms)
        sender->wake_ms = at_ms;
}

void gelf_sender_pause(struct gelf_sender *sender, uint64_t now_ms, unsigned pause_ms)
{
    sender->pause_ms = now_ms + pause_ms;
    gelf_sender_wake_at(sender, sender->pause_ms);
}

const struct address *gelf_sender_aim(struct gelf_sender *sender, uint64_t now_ms)
{
    const struct address *address = gelf_target_address(&sender->target);
    if (!address && sender->target.answer.problem[0] != '\0')
        gelf_word_trouble(&sender->word, now_ms,
                          "GELF cannot be sent: %s has no address: %s; lines wait",
                          sender->options.url.host, sender->target.answer.problem);
    return address;
}

/* ---- the thread ------------------------------------------------------------------------------- */

static void wait_for_turn(struct gelf_sender *sender)
{
    struct pollfd wishes[2] = {{.fd = sender->bell_fd, .events = POLLIN},
                               {.fd = sender->fd, .events = sender->events}};
    uint64_t now_ms = now(), wake_ms = sender->wake_ms;
    int wait_ms = -1;
    if (wake_ms != GELF_SENDER_NEVER)
        wait_ms =
            wake_ms <= now_ms ? 0 : (int)(wake_ms - now_ms < 60000 ? wake_ms - now_ms : 60000);
    eventfd_t ignored;
    if (poll(wishes, 2, wait_ms) > 0 && (wishes[0].revents & POLLIN))
        eventfd_read(sender->bell_fd, &ignored);
}

static void tell_losses(struct gelf_sender *sender, uint64_t now_ms)
{
    uint64_t count = gelf_queue_take_dropped(&sender->queue);
    if (count > 0)
        gelf_word_trouble(&sender->loss_word, now_ms,
                          "lines for GELF are dropped: more wait for %s than there is room for",
                          sender->options.url.host);
}

static bool is_over(struct gelf_sender *sender, uint64_t now_ms)
{
    uint64_t stop_ms = atomic_load(&sender->stop_ms);
    gelf_sender_wake_at(sender, stop_ms);
    return stop_ms != GELF_SENDER_NEVER &&
           (now_ms >= stop_ms || gelf_queue_count(&sender->queue) == 0);
}

static void turn(struct gelf_sender *sender, uint64_t now_ms)
{
    sender->wake_ms = GELF_SENDER_NEVER;
    gelf_target_turn(&sender->target, now_ms);
    gelf_sender_wake_at(sender, gelf_target_due_ms(&sender->target));
    if (sender->options.url.transport == GELF_TCP)
        gelf_tcp_turn(sender, now_ms);
    else
        gelf_udp_turn(sender, now_ms);
    tell_losses(sender, now_ms);
}

static void *run(void *argument)
{
    struct gelf_sender *sender = argument;
    for (;;) {
        uint64_t now_ms = now();
        turn(sender, now_ms);
        if (is_over(sender, now_ms))
            break;
        wait_for_turn(sender);
    }
    gelf_sender_shut(sender);
    return NULL;
}

/* ---- from outside ----------------------------------------------------------------------------- */

static char *copy(const char *text)
{
    return text ? memory_copy(text, strlen(text)) : NULL;
}

static void set_defaults(struct gelf_sender_options *options)
{
    if (options->queue_bytes == 0)
        options->queue_bytes = QUEUE_BYTES;
    if (options->datagram_bytes < GELF_CHUNK_DATAGRAM_MIN)
        options->datagram_bytes = GELF_CHUNK_DATAGRAM_BYTES;
    if (options->resolve_ms == 0)
        options->resolve_ms = RESOLVE_MS;
    if (options->connect_timeout_ms == 0)
        options->connect_timeout_ms = CONNECT_TIMEOUT_MS;
    if (options->stall_timeout_ms == 0)
        options->stall_timeout_ms = STALL_TIMEOUT_MS;
}

static struct gelf_sender *sender_new(const struct gelf_sender_options *options)
{
    struct gelf_sender *sender = memory_new(sizeof(*sender));
    sender->options = *options;
    set_defaults(&sender->options);
    sender->origin = (struct gelf_message_origin){.host = copy(options->host),
                                                  .tag = copy(options->tag),
                                                  .container_name = copy(options->container_name),
                                                  .container_id = copy(options->container_id)};
    sender->word = (struct gelf_word){.on_word = options->on_word, .owner = options->owner};
    sender->loss_word = sender->word;
    sender->fd = -1;
    atomic_init(&sender->stop_ms, GELF_SENDER_NEVER);
    gelf_queue_init(&sender->queue, sender->options.queue_bytes, options->counts.waiting);
    bool is_udp = options->url.transport == GELF_UDP;
    sender->compress = is_udp ? gelf_compress_new(options->compression) : NULL;
    rng_init(&sender->rng);
    return sender;
}

static void sender_free(struct gelf_sender *sender)
{
    const struct gelf_message_origin *origin = &sender->origin;
    const char *texts[] = {origin->host, origin->tag, origin->container_name, origin->container_id};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        free((void *)(uintptr_t)texts[i]);
    gelf_target_close(&sender->target);
    gelf_compress_free(sender->compress);
    gelf_queue_fini(&sender->queue);
    text_fini(&sender->json);
    text_fini(&sender->packed);
    if (sender->bell_fd >= 0)
        close(sender->bell_fd);
    free(sender);
}

struct gelf_sender *gelf_sender_start(const struct gelf_sender_options *options)
{
    struct gelf_sender *sender = sender_new(options);
    sender->bell_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int error = sender->bell_fd < 0 ? errno : 0;
    gelf_target_open(&sender->target, &sender->options.url, sender->options.resolve_ms,
                     sender->bell_fd);
    if (error == 0)
        error = thread_start(&sender->thread, NULL, run, sender);
    if (error == 0)
        return sender;
    sender_free(sender);
    errno = error;
    return NULL;
}

static void put_line(struct gelf_sender *sender, struct view line)
{
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    if (line.len == 0)
        return;
    switch (gelf_queue_put(&sender->queue, line)) {
    case GELF_QUEUE_NO_ROOM:
        atomic_fetch_add(sender->options.counts.dropped_queue, 1);
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
    atomic_fetch_add(sender->options.counts.dropped_queue, gelf_queue_count(&sender->queue));
    sender_free(sender);
}
