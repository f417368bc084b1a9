#include "lb/proxy/tunnel.h"

static const struct stream_handler stream_handler;
static void on_silence(struct deadline *deadline);
static void on_stall(struct deadline *deadline);

static void init_end(struct tunnel *tunnel, struct tunnel_end *end, struct tunnel_end *other,
                     unsigned stall_ms)
{
    end->tunnel = tunnel;
    end->other = other;
    end->stall_ms = stall_ms;
    deadline_init(&end->deadline, on_stall);
}

struct tunnel *tunnel_new(struct slab *slab, const struct tunnel_limits *limits,
                          void (*on_over)(void *owner, enum err end), void *owner)
{
    struct tunnel *tunnel = slab_take(slab);
    *tunnel = (struct tunnel){
        .slab = slab, .idle_ms = limits->idle_ms, .on_over = on_over, .owner = owner};
    deadline_init(&tunnel->deadline, on_silence);
    init_end(tunnel, &tunnel->client, &tunnel->backend, limits->idle_ms);
    init_end(tunnel, &tunnel->backend, &tunnel->client, limits->backend_stall_ms);
    return tunnel;
}

void tunnel_free(struct tunnel *tunnel)
{
    if (!tunnel)
        return;
    deadline_disarm(&tunnel->deadline);
    deadline_disarm(&tunnel->client.deadline);
    deadline_disarm(&tunnel->backend.deadline);
    slab_give(tunnel->slab, tunnel);
}

static void end_as(struct tunnel *tunnel, enum err end)
{
    tunnel->on_over(tunnel->owner, end);
}

static bool is_client(const struct tunnel_end *end)
{
    return end == &end->tunnel->client;
}

/* Both sides have said their last, and the backend has got all of it: what still waits for the
 * client its own connection sees to. */
static bool is_over(const struct tunnel *tunnel)
{
    return tunnel->client.has_ended && tunnel->backend.has_ended &&
           stream_waiting_bytes(tunnel->backend.stream) == 0;
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static void note_spoken(struct tunnel *tunnel)
{
    deadline_arm_if(&tunnel->loop->deadlines, &tunnel->deadline, tunnel->idle_ms);
}

static void watch(struct tunnel_end *end)
{
    end->watched_bytes = stream_unacknowledged_bytes(end->stream);
    deadline_arm_if(&end->tunnel->loop->deadlines, &end->deadline, end->stall_ms);
}

/* False: nobody gets them. */
static bool pass(struct tunnel_end *from, struct view bytes)
{
    struct tunnel_end *to = from->other;
    bool waited = stream_waiting_bytes(to->stream) > 0;
    struct iovec piece = {.iov_base = (void *)(uintptr_t)bytes.ptr, .iov_len = bytes.len};
    from->said_bytes += bytes.len;
    enum stream_written written = stream_write(to->stream, &piece, 1);
    if (!waited && (written == STREAM_WAITS || written == STREAM_FULL))
        watch(to);
    if (written == STREAM_FULL)
        stream_pause(from->stream);
    return written != STREAM_BROKEN;
}

/* A backend's end is told by its read side, behind what it had said before. */
static bool is_client_lost(const struct tunnel_end *from, bool was_passed)
{
    return !was_passed && !is_client(from);
}

static void on_data(void *owner, struct view data)
{
    struct tunnel_end *end = owner;
    bool was_passed = pass(end, data);
    note_spoken(end->tunnel);
    if (is_client_lost(end, was_passed))
        end_as(end->tunnel, ERR_CLIENT_GONE);
}

static void on_eof(void *owner)
{
    struct tunnel_end *end = owner;
    end->has_ended = true;
    stream_shut_write(end->other->stream);
    note_spoken(end->tunnel); /* the other side learns only now that it is to end, too */
    if (is_over(end->tunnel))
        end_as(end->tunnel, ERR_OK);
}

static void on_drained(void *owner)
{
    struct tunnel_end *end = owner;
    if (stream_waiting_bytes(end->stream) == 0)
        deadline_disarm(&end->deadline);
    if (!end->other->has_ended)
        stream_resume(end->other->stream);
    if (is_over(end->tunnel))
        end_as(end->tunnel, ERR_OK);
}

static void on_broken(void *owner, int status)
{
    struct tunnel_end *end = owner;
    (void)status;
    if (is_client(end))
        end_as(end->tunnel, ERR_CLIENT_GONE);
    else
        end_as(end->tunnel, end->has_ended ? ERR_UPSTREAM_RESET : ERR_UPSTREAM_TRUNCATED);
}

/* They are closed by whom they belong to, who hears of that again. */
static const struct stream_handler stream_handler = {
    .on_data = on_data,
    .on_eof = on_eof,
    .on_drained = on_drained,
    .on_broken = on_broken,
};

static void take_over(struct tunnel_end *end, struct stream *stream)
{
    end->stream = stream;
    stream_hand_over(stream, &stream_handler, end);
    if (stream_waiting_bytes(stream) > 0)
        watch(end);
}

/* Where the other side has much to take still, on_drained does it. */
static void begin_to_hear(struct tunnel_end *end)
{
    if (stream_waiting_bytes(end->other->stream) <= STREAM_LOW_WATER_BYTES)
        stream_resume(end->stream);
}

void tunnel_start(struct tunnel *tunnel, struct stream *client, struct block *from_client,
                  struct stream *backend)
{
    tunnel->loop = client->loop;
    take_over(&tunnel->client, client);
    take_over(&tunnel->backend, backend);
    begin_to_hear(&tunnel->client);
    begin_to_hear(&tunnel->backend);
    if (from_client)
        pass(&tunnel->client, block_view(from_client));
    block_give(&tunnel->loop->blocks, from_client);
    note_spoken(tunnel);
}

/* ---- deadlines ------------------------------------------------------------------------------- */

static void on_silence(struct deadline *deadline)
{
    struct tunnel *tunnel = list_entry(deadline, struct tunnel, deadline);
    bool is_on_its_way =
        deadline_is_armed(&tunnel->client.deadline) || deadline_is_armed(&tunnel->backend.deadline);
    if (is_on_its_way)
        note_spoken(tunnel);
    else
        end_as(tunnel, ERR_TUNNEL_IDLE);
}

static void on_stall(struct deadline *deadline)
{
    struct tunnel_end *end = list_entry(deadline, struct tunnel_end, deadline);
    if (stream_unacknowledged_bytes(end->stream) != end->watched_bytes)
        watch(end);
    else
        end_as(end->tunnel, is_client(end) ? ERR_CLIENT_STALLED : ERR_UPSTREAM_STALLED);
}
