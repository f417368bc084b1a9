#include "lb/gelf/gelf_desk.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "lb/base/clock.h"
#include "lb/base/memory.h"
#include "lb/gelf/gelf_chunk.h"

#define QUEUE_BYTES        ((size_t)4 << 20)
#define RESOLVE_MS         30000u
#define CONNECT_TIMEOUT_MS 5000u
#define STALL_TIMEOUT_MS   30000u

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

int gelf_desk_open(struct gelf_desk *desk, const struct gelf_sender_options *options)
{
    *desk = (struct gelf_desk){.options = *options, .fd = -1};
    set_defaults(&desk->options);
    desk->origin = (struct gelf_message_origin){.host = copy(options->host),
                                                .tag = copy(options->tag),
                                                .container_name = copy(options->container_name),
                                                .container_id = copy(options->container_id)};
    desk->word = (struct gelf_word){.on_word = options->on_word, .owner = options->owner};
    desk->loss_word = desk->word;
    gelf_queue_init(&desk->queue, desk->options.queue_bytes, options->counts.waiting);
    bool is_udp = options->url.transport == GELF_UDP;
    desk->compress = is_udp ? gelf_compress_new(options->compression) : NULL;
    rng_init(&desk->rng);
    desk->bell_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int rc = desk->bell_fd < 0 ? -errno : 0;
    gelf_target_open(&desk->target, &desk->options.url, desk->options.resolve_ms, desk->bell_fd);
    return rc;
}

void gelf_desk_close(struct gelf_desk *desk)
{
    const struct gelf_message_origin *origin = &desk->origin;
    const char *texts[] = {origin->host, origin->tag, origin->container_name, origin->container_id};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        free((void *)(uintptr_t)texts[i]);
    gelf_desk_shut(desk);
    gelf_target_close(&desk->target);
    gelf_compress_free(desk->compress);
    gelf_queue_fini(&desk->queue);
    text_fini(&desk->json);
    text_fini(&desk->packed);
    if (desk->bell_fd >= 0)
        close(desk->bell_fd);
}

/* ---- the line that goes next, and where it goes ------------------------------------------------- */

bool gelf_desk_next(struct gelf_desk *desk)
{
    struct view line;
    if (desk->mail.ptr)
        return true;
    if (!gelf_queue_first(&desk->queue, &line))
        return false;
    text_clear(&desk->json);
    gelf_message_put(&desk->json, &desk->origin, line, clock_wall_ns());
    desk->mail = gelf_compress_pack(desk->compress, text_view(&desk->json), &desk->packed);
    return true;
}

static void forget_first(struct gelf_desk *desk)
{
    desk->mail = view_of(NULL, 0);
    desk->chunk_number = 0;
    gelf_queue_drop_first(&desk->queue);
}

void gelf_desk_done(struct gelf_desk *desk, size_t bytes)
{
    atomic_fetch_add(desk->options.counts.sent, 1);
    atomic_fetch_add(desk->options.counts.sent_bytes, bytes);
    forget_first(desk);
}

void gelf_desk_drop(struct gelf_desk *desk)
{
    atomic_fetch_add(desk->options.counts.dropped_error, 1);
    forget_first(desk);
}

void gelf_desk_shut(struct gelf_desk *desk)
{
    if (desk->fd >= 0)
        close(desk->fd);
    desk->fd = -1;
}

void gelf_desk_wake_at(struct gelf_desk *desk, uint64_t at_ms)
{
    if (at_ms < desk->wake_ms)
        desk->wake_ms = at_ms;
}

void gelf_desk_pause(struct gelf_desk *desk, uint64_t now_ms, unsigned pause_ms)
{
    desk->pause_ms = now_ms + pause_ms;
    gelf_desk_wake_at(desk, desk->pause_ms);
}

const struct address *gelf_desk_aim(struct gelf_desk *desk, uint64_t now_ms)
{
    const struct address *address = gelf_target_address(&desk->target);
    if (!address && desk->target.answer.problem[0] != '\0')
        gelf_word_trouble(&desk->word, now_ms,
                          "GELF cannot be sent: %s has no address: %s; lines wait",
                          desk->options.url.host, desk->target.answer.problem);
    return address;
}
