#include "lb/proxy/tunnel.h"

#include "lb/net/stream_tls.h"

/* So many reads in a row were as large as a read can be: more comes than is worth copying. */
#define BULK_READS 2u

/* A pipe that gets fewer bytes at a time is not worth its system calls. */
#define BULK_BYTES 32768u

/* A side that takes nothing for so long lets go of the pipe: others can use it. */
#define PIPE_MS 1000u

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
    *tunnel = (struct tunnel){.slab = slab, .limits = *limits, .on_over = on_over, .owner = owner};
    deadline_init(&tunnel->deadline, on_silence);
    init_end(tunnel, &tunnel->client, &tunnel->backend, limits->client_stall_ms);
    init_end(tunnel, &tunnel->backend, &tunnel->client, limits->backend_stall_ms);
    return tunnel;
}

static void give_pipe(struct tunnel_end *end)
{
    splice_give(&end->tunnel->loop->splices, end->pipe);
    end->pipe = NULL;
}

static void let_go(struct tunnel_end *end)
{
    deadline_disarm(&end->deadline);
    if (end->pipe)
        give_pipe(end);
}

void tunnel_free(struct tunnel *tunnel)
{
    if (!tunnel)
        return;
    deadline_disarm(&tunnel->deadline);
    let_go(&tunnel->client);
    let_go(&tunnel->backend);
    slab_give(tunnel->slab, tunnel);
}

static size_t in_pipe(const struct tunnel_end *end)
{
    return end->pipe ? end->pipe->len : 0;
}

size_t tunnel_piped_bytes(const struct tunnel *tunnel)
{
    return in_pipe(&tunnel->client) + in_pipe(&tunnel->backend);
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
 * client its own connection sees to, unless it is to be waited for. */
static bool is_over(const struct tunnel *tunnel)
{
    return tunnel->client.has_ended && tunnel->backend.has_ended &&
           stream_waiting_bytes(tunnel->backend.stream) == 0 &&
           (!tunnel->limits.is_over_with_clients ||
            stream_waiting_bytes(tunnel->client.stream) == 0);
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static void note_said(struct tunnel_end *end, size_t count)
{
    struct tunnel *tunnel = end->tunnel;
    if (end->said_bytes == 0 && !is_client(end))
        tunnel->first_byte_ns = loop_mono_ns(tunnel->loop);
    tunnel->spoken_ms = loop_now_ms(tunnel->loop);
    end->said_bytes += count;
    if (end->counter)
        counter_add(end->counter, count);
}

/* Of what the other side has said. */
static uint64_t taken_bytes(const struct tunnel_end *end)
{
    const struct tunnel_end *from = end->other;
    return from->said_bytes - in_pipe(from) - stream_unacknowledged_bytes(end->stream);
}

static void watch(struct tunnel_end *end)
{
    unsigned delay_ms = end->stall_ms;
    if (end->other->pipe && (delay_ms == 0 || delay_ms > PIPE_MS))
        delay_ms = PIPE_MS;
    if (delay_ms > 0)
        end->watched_bytes = taken_bytes(end);
    deadline_arm_if(&end->tunnel->loop->deadlines, &end->deadline, delay_ms);
}

/* `said_bytes` of them came from that side. False: nobody gets them. */
static bool pass_pieces(struct tunnel_end *from, const struct iovec *pieces, unsigned count,
                        size_t said_bytes)
{
    struct tunnel_end *to = from->other;
    bool waited = stream_waiting_bytes(to->stream) > 0;
    if (said_bytes > 0)
        note_said(from, said_bytes);
    enum stream_written written = stream_write(to->stream, pieces, count);
    if (!waited && (written == STREAM_WAITS || written == STREAM_FULL))
        watch(to);
    if (written == STREAM_FULL)
        stream_pause(from->stream);
    return written != STREAM_BROKEN;
}

static struct iovec piece_of(struct view bytes)
{
    return (struct iovec){.iov_base = (void *)(uintptr_t)bytes.ptr, .iov_len = bytes.len};
}

static bool pass(struct tunnel_end *from, struct view bytes)
{
    struct iovec piece = piece_of(bytes);
    return pass_pieces(from, &piece, 1, bytes.len);
}

/* What is left in it goes on when the other side is drained. False: nobody gets it. */
static bool pass_pipe(struct tunnel_end *from)
{
    struct tunnel_end *to = from->other;
    bool waited = stream_waiting_bytes(to->stream) > 0;
    size_t count;
    enum stream_written written = stream_write_splice(to->stream, from->pipe, &count);
    if (!waited && (written == STREAM_WAITS || written == STREAM_FULL))
        watch(to);
    if (written == STREAM_FULL)
        stream_pause(from->stream);
    else
        give_pipe(from);
    return written != STREAM_BROKEN;
}

/* A backend's end is told by its read side, behind what it had said before, unless it has said its last. */
static enum err loss_behind(const struct tunnel_end *from, bool was_passed)
{
    if (was_passed)
        return ERR_OK;
    if (!is_client(from))
        return ERR_CLIENT_GONE;
    return from->other->has_ended ? ERR_UPSTREAM_RESET : ERR_OK;
}

static void on_data(void *owner, struct view data)
{
    struct tunnel_end *end = owner;
    bool was_passed = pass(end, data);
    enum err loss = loss_behind(end, was_passed);
    end->full_count = stream_has_read_all(end->stream) ? 0 : end->full_count + 1;
    if (loss)
        end_as(end->tunnel, loss);
    else if (was_passed && end->full_count >= BULK_READS && stream_takes_splice(end->other->stream))
        stream_splice_soon(end->stream);
}

static void on_spliced(void *owner)
{
    struct tunnel_end *end = owner;
    end->pipe = stream_take_splice(end->stream);
    size_t count = end->pipe->len;
    note_said(end, count);
    bool was_passed = pass_pipe(end);
    enum err loss = loss_behind(end, was_passed);
    end->full_count = 0;
    if (loss)
        end_as(end->tunnel, loss);
    else if (was_passed && count >= BULK_BYTES)
        stream_splice_soon(end->stream);
}

static void on_eof(void *owner)
{
    struct tunnel_end *end = owner;
    struct tunnel *tunnel = end->tunnel;
    end->has_ended = true;
    tunnel->spoken_ms = loop_now_ms(tunnel->loop); /* the other side learns only now that it is to
                                                    * end, too */
    if (is_over(tunnel)) {
        end_as(tunnel, ERR_OK);
        return;
    }
    stream_shut_write(end->other->stream);
    if (tunnel->limits.is_long_lived && !end->other->has_ended)
        deadline_arm(&tunnel->loop->deadlines, &tunnel->deadline, TUNNEL_YOUNG_MS);
}

/* Where one of both waits for the other's pipe it is its turn now. */
static void on_drained(void *owner)
{
    struct tunnel_end *end = owner, *from = end->other;
    if (stream_waiting_bytes(end->stream) == 0)
        deadline_disarm(&end->deadline);
    enum err loss = from->pipe ? loss_behind(from, pass_pipe(from)) : ERR_OK;
    if (loss) {
        end_as(end->tunnel, loss);
        return;
    }
    if (!from->pipe && !from->has_ended)
        stream_resume(from->stream);
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
    .on_spliced = on_spliced,
    .on_eof = on_eof,
    .on_drained = on_drained,
    .on_broken = on_broken,
};

static void take_over(struct tunnel_end *end, struct stream *stream)
{
    end->stream = stream;
    stream_hand_over(stream, &stream_handler, end);
    stream->read_max_bytes = LOOP_READ_BYTES;
    if (stream_waiting_bytes(stream) > 0)
        watch(end);
}

/* Where the other side has much to take still, on_drained does it. */
static void begin_to_hear(struct tunnel_end *end)
{
    if (stream_waiting_bytes(end->other->stream) <= STREAM_LOW_WATER_BYTES)
        stream_resume(end->stream);
}

static void pass_first(struct tunnel *tunnel, struct view lead, struct view from_client)
{
    struct iovec pieces[2] = {piece_of(lead), piece_of(from_client)};
    if (lead.len > 0 && from_client.len > 0)
        pass_pieces(&tunnel->client, pieces, 2, from_client.len);
    else if (lead.len > 0)
        pass_pieces(&tunnel->client, pieces, 1, 0);
    else if (from_client.len > 0)
        pass(&tunnel->client, from_client);
}

void tunnel_start(struct tunnel *tunnel, struct stream *client, struct view lead,
                  struct block *from_client, struct stream *backend)
{
    const struct tunnel_limits *limits = &tunnel->limits;
    bool is_first_step =
        limits->is_long_lived && (limits->idle_ms == 0 || limits->idle_ms > TUNNEL_YOUNG_MS);
    tunnel->loop = client->loop;
    tunnel->spoken_ms = loop_now_ms(tunnel->loop);
    take_over(&tunnel->client, client);
    take_over(&tunnel->backend, backend);
    begin_to_hear(&tunnel->client);
    begin_to_hear(&tunnel->backend);
    deadline_arm_if(&tunnel->loop->deadlines, &tunnel->deadline,
                    is_first_step ? TUNNEL_YOUNG_MS : limits->idle_ms);
    pass_first(tunnel, lead, from_client ? block_view(from_client) : view_of(NULL, 0));
    block_give(&tunnel->loop->blocks, from_client);
}

/* ---- deadlines ------------------------------------------------------------------------------- */

static void watch_peers(struct tunnel *tunnel)
{
    tunnel->is_watched = true;
    stream_watch_long(tunnel->client.stream);
    stream_watch_long(tunnel->backend.stream);
}

static bool is_half_closed(const struct tunnel *tunnel)
{
    return tunnel->client.has_ended != tunnel->backend.has_ended;
}

/* Of a side that has ended nothing is read, so that nobody tells that it is gone. */
static enum err look(const struct tunnel *tunnel)
{
    if (tunnel->client.has_ended && stream_is_over(tunnel->client.stream))
        return ERR_CLIENT_GONE;
    if (tunnel->backend.has_ended && stream_is_over(tunnel->backend.stream))
        return ERR_UPSTREAM_RESET;
    return ERR_OK;
}

static bool is_on_its_way(const struct tunnel *tunnel)
{
    return deadline_is_armed(&tunnel->client.deadline) ||
           deadline_is_armed(&tunnel->backend.deadline);
}

/* Until it has been idle for too long, or the next look. */
static void arm(struct tunnel *tunnel, uint64_t silent_ms)
{
    uint64_t left_ms = tunnel->limits.idle_ms > 0 ? tunnel->limits.idle_ms - silent_ms : 0;
    bool is_to_look = tunnel->limits.is_long_lived && is_half_closed(tunnel);
    if (is_to_look && (left_ms == 0 || left_ms > TUNNEL_LOOK_MS))
        left_ms = TUNNEL_LOOK_MS;
    deadline_arm_if(&tunnel->loop->deadlines, &tunnel->deadline, left_ms);
}

static void on_silence(struct deadline *deadline)
{
    struct tunnel *tunnel = list_entry(deadline, struct tunnel, deadline);
    uint64_t now_ms = loop_now_ms(tunnel->loop);
    enum err lost = tunnel->limits.is_long_lived ? look(tunnel) : ERR_OK;
    if (is_on_its_way(tunnel))
        tunnel->spoken_ms = now_ms;
    uint64_t silent_ms = now_ms - tunnel->spoken_ms;
    if (tunnel->limits.is_long_lived && !tunnel->is_watched)
        watch_peers(tunnel);
    if (!lost && tunnel->limits.idle_ms > 0 && silent_ms >= tunnel->limits.idle_ms)
        lost = ERR_TUNNEL_IDLE;
    if (lost)
        end_as(tunnel, lost);
    else
        arm(tunnel, silent_ms);
}

/* What is in it waits in memory from now on. */
static void empty_pipe(struct tunnel_end *from)
{
    char *bytes = from->tunnel->loop->read_buffer;
    ssize_t count = 1;
    while (from->pipe->len > 0 && count > 0) {
        count = splice_read(from->pipe, bytes, LOOP_READ_BYTES);
        struct iovec piece = {.iov_base = bytes, .iov_len = count > 0 ? (size_t)count : 0};
        if (count > 0)
            stream_write(from->other->stream, &piece, 1);
    }
    give_pipe(from);
}

static void on_stall(struct deadline *deadline)
{
    struct tunnel_end *end = list_entry(deadline, struct tunnel_end, deadline);
    bool takes_some = taken_bytes(end) != end->watched_bytes;
    if (!takes_some && !end->other->pipe) {
        end_as(end->tunnel, is_client(end) ? ERR_CLIENT_STALLED : ERR_UPSTREAM_STALLED);
        return;
    }
    if (!takes_some)
        empty_pipe(end->other);
    watch(end);
}
