#include "lb/proxy/passage.h"

#include <stddef.h>

#include "lb/front/entrance.h"
#include "lb/front/preface.h"
#include "lb/proxy/attempt_try.h"
#include "lb/proxy/exchange.h"
#include "lb/proxy/passage_aim.h"
#include "lb/proxy/passage_end.h"
#include "lb/proxy/passage_join.h"
#include "lb/proxy/passage_opening.h"
#include "lb/proxy/snapshot.h"

/* While it waits for a server so much is read of what the client says. */
#define HELD_BYTES_MAX  16384u
#define HELD_READ_BYTES 2048u

static const struct back_handler back_handler;

static void begin(struct passage *passage);
static void attempt_after(struct passage *passage, enum err last_failure);

/* ---- the tries -------------------------------------------------------------------------------- */

static void begin_attempt(struct passage *passage, const struct routes_target *target)
{
    struct attempt *attempt = &passage->attempt;
    *attempt =
        (struct attempt){.asker = &passage_aim_asker, .request = passage, .wants_fresh = true};
    attempt_init(attempt, passage->env, target, loop_mono_ns(passage->env->loop));
}

static void listen_to_client(struct passage *passage)
{
    passage->client.read_max_bytes = HELD_READ_BYTES;
    if (!passage->has_ended && (!passage->early || passage->early->len < HELD_BYTES_MAX))
        stream_resume(&passage->client);
}

/* There is a snapshot by now, which may want to know more of it. */
static bool is_to_begin_anew(const struct passage *passage, enum err err)
{
    return passage->is_before_pool && passage->env->pool && err != ERR_SHUTDOWN;
}

static void begin_anew(struct passage *passage)
{
    passage->is_before_pool = false;
    hold_end(passage->hold, passage->env);
    passage->hold = NULL;
    begin(passage);
}

static void go_on(struct passage *passage, enum err err, enum err why)
{
    if (is_to_begin_anew(passage, err))
        begin_anew(passage);
    else if (err)
        passage_end(passage, err);
    else
        attempt_after(passage, why);
}

static void on_hold_over(void *owner, enum err err)
{
    struct passage *passage = owner;
    go_on(passage, err, passage->hold->why);
}

static void on_queue_over(void *owner, enum err err)
{
    struct passage *passage = owner;
    go_on(passage, err, passage->queue->why);
}

static void wait(struct passage *passage)
{
    passage->state = PASSAGE_HELD;
    listen_to_client(passage);
}

/* Nobody is there for it: somebody may come. */
static void hold_or_end(struct passage *passage, enum err err)
{
    struct attempt *attempt = &passage->attempt;
    if (is_to_begin_anew(passage, err))
        begin_anew(passage);
    else if (err != ERR_NO_ROUTE && hold_begin(&passage->hold, attempt, err, on_hold_over, passage))
        wait(passage);
    else
        passage_end(passage, hold_refusal(attempt, err));
}

/* All have as many as they take. */
static void queue_or_end(struct passage *passage, enum err last_failure)
{
    enum err err =
        queue_begin(&passage->queue, &passage->attempt, last_failure, on_queue_over, passage);
    if (err)
        passage_end(passage, err);
    else
        wait(passage);
}

/* Tries the next endpoint, waits for one, or ends it. */
static void attempt_after(struct passage *passage, enum err last_failure)
{
    enum err err = attempt_start(&passage->attempt, last_failure, &back_handler, passage);
    passage->state = PASSAGE_CONNECTING;
    if (err == ERR_QUEUE_FULL)
        queue_or_end(passage, last_failure);
    else if (err)
        hold_or_end(passage, err);
}

static void fail_try(struct passage *passage, enum err err)
{
    struct retry_facts facts = {.is_kept = true};
    if (attempt_try_fail(&passage->attempt, err, &facts))
        attempt_after(passage, err);
    else
        passage_end(passage, err);
}

static void on_back_failed(void *owner, enum err err)
{
    fail_try(owner, err);
}

/* ---- the tunnel ------------------------------------------------------------------------------- */

static void on_tunnel_over(void *owner, enum err end)
{
    struct passage *passage = owner;
    if (!passage_join_was_empty(passage, end)) {
        passage_end(passage, end == ERR_TUNNEL_IDLE ? ERR_IDLE : end);
        return;
    }
    passage_join_undo(passage);
    passage->state = PASSAGE_CONNECTING;
    fail_try(passage, ERR_UPSTREAM_RESET);
}

/* Nobody stays with its endpoint. */
static bool is_to_be_drained(const struct passage *passage)
{
    enum endpoint_state state = endpoint_state(passage->attempt.endpoint);
    return passage->attempt.service->policy->drains_by_reset &&
           (state == ENDPOINT_DRAINING || state == ENDPOINT_GONE);
}

/* While it connected its endpoint began to drain, which is nobody's fault. */
static void turn_to_another(struct passage *passage)
{
    struct attempt *attempt = &passage->attempt;
    back_close(attempt->back);
    balance_note_tried(&attempt->tried, attempt->endpoint);
    attempt->was_free = true;
    attempt_try_end(attempt);
    attempt_after(passage, ERR_DRAINED);
}

static void on_back_ready(void *owner)
{
    struct passage *passage = owner;
    attempt_note_connected(&passage->attempt);
    if (is_to_be_drained(passage)) {
        turn_to_another(passage);
        return;
    }
    if (passage_join_has_lead(passage) && !passage->early && !passage->has_ended) {
        passage->client.read_max_bytes = HELD_READ_BYTES; /* for one segment with the header */
        stream_read_now(&passage->client);
    }
    if (passage->state == PASSAGE_CONNECTING)
        passage_join(passage, on_tunnel_over);
}

static const struct back_handler back_handler = {
    .on_ready = on_back_ready,
    .on_failed = on_back_failed,
};

/* ---- before all that -------------------------------------------------------------------------- */

/* Which service it is for is known now as well as it will be. */
static void aim(struct passage *passage)
{
    const struct routes_target *target;
    enum err err = passage_aim_find(passage, &target);
    attempt_fini(&passage->attempt);
    begin_attempt(passage, target);
    if (err)
        passage_end(passage, err);
    else
        attempt_after(passage, ERR_OK);
}

/* What it says is for lb itself: it becomes one of the front's clients, with its share of connections. */
static void hand_to_front(struct passage *passage)
{
    struct env *env = passage->env;
    struct entrance_guest guest = {.fd = stream_copy_fd(&passage->client),
                                   .peer = passage->guest.peer,
                                   .early = passage->early ? block_view(passage->early)
                                                           : view_of(NULL, 0)};
    struct block *early = passage->early;
    if (guest.fd < 0) {
        passage_end(passage, ERR_NO_SOCKET);
        return;
    }
    passage->early = NULL;
    passage->guest.peer.has_quota = false;
    passage_end_silently(passage);
    entrance_take_tls(&env->crowd, &guest, &exchange_front_handler);
    block_give(&env->loop->blocks, early);
}

/* That its first bytes are no ClientHello is for who speaks TLS to say. */
static bool is_for_front(const struct passage *passage, enum err err)
{
    return passage->is_beside_tls &&
           (err == ERR_CLIENT_HELLO || (!err && passage_aim_is_nobodys(passage)));
}

static void open_further(struct passage *passage)
{
    enum err err;
    if (!passage_opening_read(passage, &err))
        return;
    deadline_disarm(&passage->deadline);
    if (is_for_front(passage, err))
        hand_to_front(passage);
    else if (err)
        passage_end(passage, err);
    else if (passage->awaits_hello)
        begin(passage);
    else
        aim(passage);
}

static void begin(struct passage *passage)
{
    struct env *env = passage->env;
    passage->is_before_pool = env->pool == NULL;
    passage->awaits_hello = passage_aim_wants_hello(passage);
    if (!passage->awaits_preface && !passage->awaits_hello) {
        aim(passage);
        return;
    }
    passage->state = PASSAGE_OPENING;
    deadline_arm_if(&env->loop->deadlines, &passage->deadline,
                    passage->is_beside_tls ? env->crowd.options.handshake_timeout_ms
                                           : env->crowd.options.head_timeout_ms);
    passage->client.read_max_bytes = HELD_READ_BYTES;
    stream_resume(&passage->client);
    if (passage->early)
        open_further(passage);
}

static void give_up_opening(struct passage *passage)
{
    enum err err = passage_opening_give_up(passage);
    if (passage->is_beside_tls && !err)
        err = passage->has_ended ? ERR_CLIENT_GONE : ERR_HEAD_TIMEOUT;
    if (err)
        passage_end(passage, err);
    else
        aim(passage);
}

static void on_deadline(struct deadline *deadline)
{
    give_up_opening(list_entry(deadline, struct passage, deadline));
}

/* ---- the client until then -------------------------------------------------------------------- */

static void on_data(void *owner, struct view data)
{
    struct passage *passage = owner;
    passage_opening_keep(passage, data);
    if (passage->state == PASSAGE_OPENING)
        open_further(passage);
    else if (passage->early->len >= HELD_BYTES_MAX)
        stream_pause(&passage->client);
}

/* Who has said nothing does not wait for an answer. */
static void on_eof(void *owner)
{
    struct passage *passage = owner;
    passage->has_ended = true;
    if (passage->state == PASSAGE_CONNECTING)
        return;
    if (!passage->early || passage->early->len == 0)
        passage_end(passage, ERR_CLIENT_GONE);
    else if (passage->state == PASSAGE_OPENING)
        give_up_opening(passage);
}

static void on_broken(void *owner, int status)
{
    (void)status;
    passage_end(owner, ERR_CLIENT_GONE);
}

static void on_closed(void *owner)
{
    struct passage *passage = owner;
    struct env *env = passage->env;
    guest_go(&passage->guest);
    slab_give(&env->passage_slab, passage);
    env_note_running(env);
}

const struct stream_handler passage_stream_handler = {
    .on_data = on_data,
    .on_eof = on_eof,
    .on_broken = on_broken,
    .on_closed = on_closed,
};

/* ---- as a guest ------------------------------------------------------------------------------- */

static size_t count_held(const struct guest *guest)
{
    const struct passage *passage = list_entry((uintptr_t)guest, struct passage, guest);
    const struct back *back = passage->attempt.back;
    return stream_waiting_bytes(&passage->client) + (back ? back_held_bytes(back) : 0) +
           (passage->early ? passage->early->capacity : 0) +
           (passage->tunnel ? tunnel_piped_bytes(passage->tunnel) : 0);
}

static void on_cut(struct guest *guest, enum err why)
{
    passage_end(passage_of(guest), why);
}

static const struct guest_handler guest_handler = {.count_held = count_held, .on_cut = on_cut};

static enum err admit(struct passage *passage, const struct address *peer)
{
    enum err err = guest_enter(&passage->guest);
    passage->awaits_preface = preface_is_expected(&passage->env->crowd.options, peer);
    if (!err && !passage->awaits_preface)
        err = guest_present(&passage->guest, peer);
    return err;
}

static void accept_at(struct env *env, struct listener *listener, const struct address *at,
                      bool is_beside_tls)
{
    struct passage *passage = slab_take(&env->passage_slab);
    memset(&passage->deadline, 0, sizeof(*passage) - offsetof(struct passage, deadline));
    deadline_init(&passage->deadline, on_deadline);
    passage->env = env;
    passage->at = *at;
    passage->is_beside_tls = is_beside_tls;
    passage->started_ns = loop_mono_ns(env->loop);
    env_note_running(env);
    guest_come(&passage->guest, &env->crowd, &guest_handler, &listener->peer);
    begin_attempt(passage, NULL);
    if (stream_accept(&passage->client, env->loop, listener, &passage_stream_handler, passage) <
        0) {
        passage_end(passage, ERR_NO_SOCKET);
        return;
    }
    if (!env->pool)
        snapshot_refresh(env);
    enum err err = admit(passage, &listener->peer);
    if (err)
        passage_end(passage, err);
    else
        begin(passage);
}

void passage_accept(struct env *env, struct listener *listener, const struct address *at)
{
    accept_at(env, listener, at, false);
}

bool passage_is_beside(const struct env *env, const struct address *at)
{
    return passage_aim_has_names(env, at);
}

void passage_accept_beside(struct env *env, struct listener *listener, const struct address *at)
{
    accept_at(env, listener, at, true);
}

/* ---- drained ---------------------------------------------------------------------------------- */

/* Whether some service asks for it. What is asked now holds for those that are there already. */
static bool is_asked_for(struct env *env)
{
    const struct pool_listeners *listeners = env->pool ? &env->pool->listeners : NULL;
    unsigned count =
        listeners && listeners->table ? listener_table_service_count(listeners->table) : 0;
    bool is_asked = env->resettable_count > 0;
    for (unsigned i = 0; i < count; i++) {
        const struct routes_target *target = &listeners->targets[i];
        if (target->service->kind != SERVICE_TCP || !target->policy->drains_by_reset)
            continue;
        service_release(service_use(target->service, env->fleet.worker_index, target->policy));
        is_asked = true;
    }
    return is_asked;
}

void passage_refresh(struct env *env)
{
    if (!is_asked_for(env))
        return;
    list_for_each_safe (node, &env->crowd.guests) {
        struct passage *passage = passage_of(list_entry(node, struct guest, node));
        if (passage->state == PASSAGE_JOINED && is_to_be_drained(passage))
            passage_end(passage, ERR_DRAINED);
    }
}
