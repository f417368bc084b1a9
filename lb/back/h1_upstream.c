#include "lb/back/h1_upstream.h"

#include <assert.h>
#include <stddef.h>

#include "lb/back/h1_response.h"
#include "lb/back/h1_secure.h"
#include "lb/back/h1_stage.h"
#include "lb/net/stream_tls.h"

/* Idle for longer than this: looked at before it is used. */
#define FRESH_MS 100u

/* libuv asks for so many events at once, and where there are as many again in the same turn. */
#define POLL_EVENTS_MAX 1024u

/* Descriptors of a loop beside connections, at most. */
#define OTHER_DESCRIPTORS 64u

static void on_deadline(struct deadline *deadline);

static int connect_stream(struct h1_upstream *upstream)
{
    struct loop *loop = upstream->back.fleet->loop;
    const struct address *to = &upstream->back.endpoint->address;
    return upstream->client
               ? stream_connect_tls(&upstream->stream, loop, to, upstream->client,
                                    &h1_upstream_stream_handler, upstream)
               : stream_connect(&upstream->stream, loop, to, &h1_upstream_stream_handler, upstream);
}

struct h1_upstream *h1_upstream_open(struct fleet *fleet, struct service_local *service,
                                     struct endpoint *endpoint, const struct back_handler *handler,
                                     void *owner, int *status)
{
    struct tls_client *client = NULL;
    if (h1_secure_is_for(service, endpoint) &&
        !(client = h1_secure_find(fleet, service, endpoint))) {
        *status = H1_UPSTREAM_DISTRUSTS;
        return NULL;
    }
    enum admit admit = admit_try(endpoint);
    if (admit == ADMIT_FULL) {
        *status = UV_EBUSY;
        return NULL;
    }
    struct h1_upstream *upstream = slab_take(&fleet->upstream_slab);
    memset(&upstream->deadline, 0, sizeof(*upstream) - offsetof(struct h1_upstream, deadline));
    upstream->has_place = admit == ADMIT_PLACE;
    upstream->back.fleet = fleet;
    upstream->back.endpoint = endpoint_ref(endpoint);
    upstream->back.service = service_use_again(service);
    upstream->back.handler = handler;
    upstream->back.owner = owner;
    upstream->client = client ? tls_client_ref(client) : NULL;
    list_init(&upstream->node);
    deadline_init(&upstream->deadline, on_deadline);
    fleet->upstream_count++;
    counter_add(&fleet->metrics->upstream_connect_count, 1);
    counter_add(&service->traffic.connect_count, 1);
    counter_add(&service->traffic.open_count, 1);
    *status = connect_stream(upstream);
    if (*status < 0) {
        h1_stage_close(upstream);
        return NULL;
    }
    stream_resume(&upstream->stream); /* begun now it costs one call to epoll less than later */
    h1_stage_enter(upstream, H1_UPSTREAM_CONNECTING);
    return upstream;
}

static void on_stream_closed(void *owner)
{
    struct h1_upstream *upstream = owner;
    upstream->back.fleet->upstream_count--;
    counter_add(&upstream->back.service->traffic.open_count, (uint64_t)-1);
    service_release(upstream->back.service);
    endpoint_unref(upstream->back.endpoint);
    if (upstream->client)
        tls_client_unref(upstream->client);
    slab_give(&upstream->back.fleet->upstream_slab, upstream);
}

static enum err plain_err(int status)
{
    if (status >= 0)
        return ERR_OK;
    return stream_is_timeout(status) ? ERR_CONNECT_TIMEOUT : ERR_REFUSED;
}

static void on_stream_connected(void *owner, int status)
{
    struct h1_upstream *upstream = owner;
    enum err err = upstream->client ? h1_secure_judge(upstream, status) : plain_err(status);
    if (err) {
        h1_stage_fail(upstream, err);
        return;
    }
    h1_stage_enter(upstream, H1_UPSTREAM_SENDING);
    unsigned dead_after_ms = upstream->back.service->policy->dead_after_ms;
    if (service_of(upstream->back.service)->kind == SERVICE_HTTP &&
        dead_after_ms > 0) /* a tunnel does it when it has lived */
        stream_watch_peer(&upstream->stream, dead_after_ms);
    upstream->back.handler->on_ready(upstream->back.owner);
}

static void on_stream_drained(void *owner)
{
    struct h1_upstream *upstream = owner;
    if (upstream->state != H1_UPSTREAM_IDLE)
        upstream->back.handler->on_drained(upstream->back.owner);
}

static void on_stream_spliced(void *owner)
{
    struct h1_upstream *upstream = owner;
    upstream->back.handler->on_spliced(upstream->back.owner);
}

static void on_stream_data(void *owner, struct view data)
{
    struct h1_upstream *upstream = owner;
    if (upstream->state == H1_UPSTREAM_IDLE) {
        if (h1_upstream_idle_ms(upstream) <= FRESH_MS) /* else it may say why it closes */
            h1_response_note_unasked(upstream, data);
        h1_stage_fail(upstream, ERR_UPSTREAM_INVALID);
        return;
    }
    if (upstream->unasked_turn == upstream->back.fleet->loop->turn) {
        h1_response_note_unasked(upstream, data);
        h1_stage_fail(upstream, ERR_UPSTREAM_RESET); /* it came before the request was sent */
        return;
    }
    h1_response_take(upstream, data);
}

static void on_stream_eof(void *owner)
{
    struct h1_upstream *upstream = owner;
    h1_response_end(upstream, stream_was_cut_off(&upstream->stream));
}

static void on_stream_broken(void *owner, int status)
{
    struct h1_upstream *upstream = owner;
    upstream->back.is_host_lost = stream_is_loss(status);
    h1_response_end(upstream, true);
}

const struct stream_handler h1_upstream_stream_handler = {
    .on_connected = on_stream_connected,
    .on_data = on_stream_data,
    .on_spliced = on_stream_spliced,
    .on_eof = on_stream_eof,
    .on_drained = on_stream_drained,
    .on_broken = on_stream_broken,
    .on_closed = on_stream_closed,
};

size_t back_held_bytes(const struct back *back)
{
    const struct h1_upstream *upstream = list_entry((uintptr_t)back, struct h1_upstream, back);
    return stream_waiting_bytes(&upstream->stream) +
           (upstream->parser ? upstream->parser->held_bytes : 0);
}

void back_close(struct back *back)
{
    h1_stage_close(h1_upstream_of(back));
}

void back_abort(struct back *back)
{
    stream_abort(&h1_upstream_of(back)->stream);
    h1_stage_close(h1_upstream_of(back));
}

/* Nothing waits to be read, neither an end nor bytes, which would be unasked. */
static bool is_quiet(struct h1_upstream *upstream)
{
    enum socket_look look = stream_look(&upstream->stream);
    if (look == SOCKET_SPEAKS)
        h1_response_note_unasked(upstream, VIEW(""));
    return look == SOCKET_QUIET;
}

bool h1_upstream_is_reusable(struct h1_upstream *upstream)
{
    return upstream->is_persistent && upstream->back.is_request_sent &&
           stream_waiting_bytes(&upstream->stream) == 0 &&
           (stream_has_read_all(&upstream->stream) || is_quiet(upstream));
}

void h1_upstream_idle(struct h1_upstream *upstream, const struct back_handler *handler, void *owner)
{
    parsers_drop(upstream->back.fleet->parsers, &upstream->parser);
    h1_stage_enter(upstream, H1_UPSTREAM_IDLE);
    upstream->back.handler = handler;
    upstream->back.owner = owner;
    upstream->waits_since_ms = loop_now_ms(upstream->back.fleet->loop);
    upstream->idle_turn = upstream->back.fleet->loop->turn;
    stream_resume(&upstream->stream);
}

unsigned h1_upstream_idle_ms(const struct h1_upstream *upstream)
{
    return (unsigned)(loop_now_ms(upstream->back.fleet->loop) - upstream->waits_since_ms);
}

/* One look of the loop is one turn, unless it has more sockets than it asks for at once. */
static bool has_loop_looked(const struct h1_upstream *upstream)
{
    const struct loop *loop = upstream->back.fleet->loop;
    return upstream->idle_turn != loop->turn && h1_upstream_idle_ms(upstream) <= FRESH_MS &&
           loop->stream_count + OTHER_DESCRIPTORS < POLL_EVENTS_MAX;
}

bool h1_upstream_is_clean(struct h1_upstream *upstream)
{
    bool has_looked = has_loop_looked(upstream);
    upstream->unasked_turn = has_looked ? upstream->back.fleet->loop->turn : 0;
    return has_looked || is_quiet(upstream);
}

void h1_upstream_wake(struct h1_upstream *upstream, const struct back_handler *handler, void *owner)
{
    assert(upstream->state == H1_UPSTREAM_IDLE);
    h1_stage_enter(upstream, H1_UPSTREAM_SENDING);
    upstream->back.handler = handler;
    upstream->back.owner = owner;
    upstream->is_reused = true;
}

static void on_deadline(struct deadline *deadline)
{
    struct h1_upstream *upstream = list_entry(deadline, struct h1_upstream, deadline);
    enum err err = patience_judge(upstream);
    if (err)
        h1_stage_fail(upstream, err);
}
